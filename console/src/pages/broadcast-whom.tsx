/** Whom a broadcast is for: people by segment, audience or number, or groups by hand or by stage. */
import { Checkbox, Segmented, Select } from 'antd'
import type { ReactNode } from 'react'
import { whole } from '../format'
import { PeopleSelect } from '../parts/person-search'
import { useWords } from '../words'
import type { Options, Whom } from './broadcast-types'

const STAGES = ['introduction', 'growth', 'maturity', 'decline', 'dormant'] as const

export function WhomForm(props: { whom: Whom; change: (whom: Whom) => void; options: Options }) {
  const { t } = useWords()
  const { whom, change, options } = props
  // How many a new segment holds is not known for its first moments.
  const named = (some: { key: string; name: string; size: number | null }[]) =>
    some.map((one) => ({
      value: one.key,
      label: one.size === null ? one.name : `${one.name} · ${whole(one.size)}`,
    }))
  return (
    <div className="stack" style={{ gap: 12 }}>
      <Segmented
        value={whom.type}
        onChange={(type) =>
          change(
            type === 'groups'
              ? { type: 'groups', everyone: false, groups: [], stages: [] }
              : {
                  type: 'persons',
                  everyone: false,
                  segments: [],
                  audiences: [],
                  persons: [],
                  without_segments: [],
                  not_ordered_since: null,
                },
          )
        }
        options={[
          { value: 'persons', label: t('bc_to_persons') },
          { value: 'groups', label: t('bc_to_groups') },
        ]}
        style={{ alignSelf: 'flex-start' }}
      />
      {whom.type === 'persons' ? (
        <>
          <Checkbox
            checked={whom.everyone}
            onChange={(event) => change({ ...whom, everyone: event.target.checked })}
          >
            {t('bc_everyone')} <span className="muted">{t('bc_everyone_text')}</span>
          </Checkbox>
          {!whom.everyone && (
            <>
              <Labelled label={t('bc_segments')}>
                <Select
                  mode="multiple"
                  optionFilterProp="label"
                  style={{ width: '100%' }}
                  placeholder={t('bc_pick')}
                  aria-label={t('bc_segments')}
                  value={whom.segments}
                  onChange={(segments) => change({ ...whom, segments })}
                  options={named(options.segments)}
                />
              </Labelled>
              <Labelled label={t('bc_audiences')}>
                <Select
                  mode="multiple"
                  optionFilterProp="label"
                  style={{ width: '100%' }}
                  placeholder={t('bc_pick')}
                  aria-label={t('bc_audiences')}
                  value={whom.audiences}
                  onChange={(audiences) => change({ ...whom, audiences })}
                  options={named(options.audiences)}
                />
              </Labelled>
              <Labelled label={t('bc_people')}>
                <PeopleSelect
                  label={t('bc_people')}
                  value={whom.persons}
                  onChange={(persons) => change({ ...whom, persons })}
                />
              </Labelled>
            </>
          )}
          <Labelled label={t('bc_without')}>
            <Select
              mode="multiple"
              optionFilterProp="label"
              style={{ width: '100%' }}
              placeholder={t('bc_pick')}
              aria-label={t('bc_without')}
              value={whom.without_segments}
              onChange={(without_segments) => change({ ...whom, without_segments })}
              options={named(options.segments)}
            />
          </Labelled>
        </>
      ) : (
        <>
          <Checkbox
            checked={whom.everyone}
            onChange={(event) => change({ ...whom, everyone: event.target.checked })}
          >
            {t('bc_all_groups')} <span className="muted num">{whole(options.groups.length)}</span>
          </Checkbox>
          {!whom.everyone && (
            <>
              <Labelled label={t('bc_groups')}>
                <Select
                  mode="multiple"
                  optionFilterProp="label"
                  style={{ width: '100%' }}
                  placeholder={t('bc_pick')}
                  aria-label={t('bc_groups')}
                  value={whom.groups}
                  onChange={(groups) => change({ ...whom, groups })}
                  options={options.groups.map((one) => ({ value: one.group, label: one.name }))}
                />
              </Labelled>
              <Labelled label={t('bc_stages')}>
                <Checkbox.Group
                  value={whom.stages}
                  onChange={(stages) => change({ ...whom, stages })}
                  options={STAGES.map((stage) => ({ value: stage, label: t(`stage_${stage}`) }))}
                />
              </Labelled>
            </>
          )}
        </>
      )}
    </div>
  )
}

export function Labelled({ label, children, hint }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div>
      <div style={{ marginBottom: 4 }}>{label}</div>
      {children}
      {hint && (
        <div className="muted" style={{ fontSize: 12 }}>
          {hint}
        </div>
      )}
    </div>
  )
}
