/** Every group, sickest first, with what is worth knowing about it. */
import { ago, day } from '../format'
import { choices, HEALTH, STAGES, useCatalogue } from '../here'
import { KindOfSeveral, KindTag } from '../parts/group-kind'
import { Filter, MetricTable } from '../parts/metrictable'
import { Spark } from '../parts/spark'
import { FindingTag, GroupLink, StageTag } from '../parts/tags'
import type { GroupRow } from '../types'
import { useWords } from '../words'

const USUAL = [
  'silence_risk_30d',
  'members',
  'active_30d',
  'speaker_share',
  'messages',
  'newcomer_retention_7d',
  'first_reply_time',
  'strangers',
  'advert_share',
]

export function GroupsPage() {
  const words = useWords()
  const { t } = words
  const names = useCatalogue()
  return (
    <MetricTable<GroupRow>
      per="group"
      path="/api/groups"
      title={t('groups_title')}
      hint={t('groups_hint')}
      sort="sickness"
      narrowed={['kind', 'stage', 'health', 'finding']}
      several={(groups, done) => <KindOfSeveral groups={groups} done={done} />}
      search={t('search_groups')}
      none={t('no_groups_match')}
      idOf={(row) => row.group}
      usual={USUAL}
      filters={
        <>
          <Filter
            name="kind"
            all={t('gk_all')}
            options={(names.all?.group_kinds ?? []).map((k) => ({ value: k.key, label: words.said(k) }))}
          />
          <Filter name="stage" all={t('all_stages')} options={choices(STAGES, 'stage', words)} />
          <Filter name="health" all={t('all_health')} options={choices(HEALTH, 'health', words)} />
          <Filter
            name="finding"
            all={t('all_findings_filter')}
            options={(names.all?.detectors ?? []).map((d) => ({ value: d.key, label: words.said(d) }))}
          />
        </>
      }
      before={[
        {
          title: t('group'),
          fixed: 'left',
          width: 190,
          render: (_, row) => <GroupLink group={row.group} name={row.name} />,
        },
        { title: t('gk_kind'), width: 118, render: (_, row) => <KindTag of={row} /> },
        {
          title: t('stage'),
          key: 'sickness',
          sorter: true,
          width: 112,
          render: (_, row) => <StageTag stage={row.stage} />,
        },
        {
          title: t('half_year'),
          width: 126,
          render: (_, row) => <Spark values={row.weeks} label={t('half_year')} />,
        },
      ]}
      after={[
        {
          title: t('last_spoke'),
          key: 'last_spoke_on',
          sorter: true,
          width: 112,
          render: (_, row) => (
            <span className="nowrap" title={day(row.last_spoke_on)}>
              {ago(row.last_spoke_on, words)}
            </span>
          ),
        },
        {
          title: t('findings'),
          width: 200,
          render: (_, row) => (
            <span className="row" style={{ gap: 2 }}>
              {row.findings.map((f) => (
                <FindingTag key={f.detector} detector={f.detector} severity={f.severity} />
              ))}
            </span>
          ),
        },
      ]}
    />
  )
}
