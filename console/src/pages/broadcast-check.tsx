/** The check before it goes out: who would get it, who would not and why, what staff have to do, how it reads. */

import { useMutation, useQuery } from '@tanstack/react-query'
import { Alert, App, Button, Card, InputNumber, Popover, Select, Statistic, Table, Tag } from 'antd'
import { useState } from 'react'
import { get, post } from '../api'
import { percent, whole } from '../format'
import { useHere, useWriting } from '../here'
import { Findings } from '../parts/message-editor'
import { Phone } from '../parts/phone'
import { GroupLink, PersonLink } from '../parts/tags'
import { useWords } from '../words'
import type { Options, Plan, Preflight, Why } from './broadcast-types'
import { Labelled } from './broadcast-whom'

export function Checks({ seen, plan }: { seen: Preflight; plan: Plan }) {
  const { t } = useWords()
  const toGroups = plan.whom.type === 'groups'
  const over = seen.staff.some((one) => one.tasks > seen.staff_limit)
  const mean = seen.go ? seen.sent_this_month / seen.go : 0
  return (
    <div className="stack" data-testid="preflight">
      {seen.audience === 0 && <Alert type="warning" showIcon title={t('bc_for_nobody')} />}
      {seen.sampled && <Alert type="info" showIcon title={t('bc_sampled', { n: whole(seen.judged) })} />}
      <div className="row" style={{ gap: 36, alignItems: 'flex-start' }}>
        <div data-testid="go">
          <Statistic
            title={t('bc_go')}
            value={seen.go}
            suffix={
              <span className="muted" style={{ fontSize: 13 }}>
                {t(toGroups ? 'bc_go_of_groups' : 'bc_go_of', {
                  n: whole(seen.sampled ? seen.judged : seen.audience),
                })}
              </span>
            }
          />
          {seen.arms.length > 1 && (
            <div className="muted num">
              {seen.arms
                .map((one) => `${t('bc_variant', { name: one.arm })} ${whole(one.times)}`)
                .join(' · ')}
            </div>
          )}
        </div>
        <Statistic
          title={t('bc_held_out')}
          value={seen.held_out}
          suffix={
            <span className="muted" style={{ fontSize: 13 }}>
              {seen.judged ? percent(seen.held_out / seen.judged) : ''}
            </span>
          }
        />
        <div>
          <Statistic title={t('bc_attention')} value={seen.attention} />
          <div className="muted num">
            {t('bc_attention_text', { n: whole(seen.attention), people: whole(seen.seen_by) })}
          </div>
        </div>
        <div>
          <Statistic title={t('bc_quota')} value={mean.toFixed(1)} />
          <div className="muted num">
            {t('bc_quota_text', { mean: mean.toFixed(1), limit: seen.month_limit ?? t('bc_quota_none') })}
          </div>
        </div>
      </div>
      {!toGroups && plan.holdout > 0 && seen.audience > 1 && (
        <LeastEffect units={seen.audience} holdout={plan.holdout} days={plan.goal.days} />
      )}
      <div className="grid halves">
        <Card size="small" title={t('bc_wont')}>
          {seen.refused.length ? (
            <Reasons some={seen.refused} />
          ) : (
            <span className="muted">{t('bc_nobody_refused')}</span>
          )}
          {seen.missing.length > 0 && (
            <div style={{ marginTop: 8 }}>
              {t('bc_missing')}{' '}
              {seen.missing.map((one) => (
                <Tag key={one.variable}>
                  {one.variable} {whole(one.times)}
                </Tag>
              ))}
            </div>
          )}
          {seen.postponed.length > 0 && (
            <>
              <div style={{ fontWeight: 600, margin: '12px 0 4px' }}>{t('bc_later')}</div>
              <Reasons some={seen.postponed} />
            </>
          )}
        </Card>
        <Card
          size="small"
          title={t('bc_load')}
          extra={<span className="muted num">{t('bc_texts', { n: whole(seen.texts) })}</span>}
        >
          {over && <Alert type="warning" title={t('bc_load_over', { n: seen.staff_limit })} />}
          {seen.without_plain.length > 0 && plan.words === 'auto' && (
            <Alert type="info" title={t('bc_without_plain', { variables: seen.without_plain.join(', ') })} />
          )}
          <Table
            size="small"
            rowKey="userid"
            dataSource={seen.staff}
            pagination={seen.staff.length > 8 ? { pageSize: 8, size: 'small' } : false}
            columns={[
              { title: t('bc_staff'), dataIndex: 'name' },
              {
                title: t('bc_load_people'),
                align: 'right',
                className: 'num',
                render: (_, row) => whole(row.recipients),
              },
              {
                title: t('bc_load_taps'),
                align: 'right',
                className: 'num',
                render: (_, row) => (
                  <span>
                    {row.tasks_personal !== row.tasks && (
                      <span className="muted" title={t('bc_load_personal')}>
                        {whole(row.tasks_personal)} →{' '}
                      </span>
                    )}
                    {row.tasks > seen.staff_limit ? (
                      <Tag color="warning">{whole(row.tasks)}</Tag>
                    ) : (
                      whole(row.tasks)
                    )}
                  </span>
                ),
              },
              {
                title: t('bc_load_words'),
                render: (_, row) =>
                  row.plain ? (
                    <Tag>
                      {row.plain === row.recipients
                        ? t('bc_load_plain')
                        : t('bc_load_plain_n', { n: whole(row.plain) })}
                    </Tag>
                  ) : row.tasks_personal > 1 ? (
                    <Tag color="success">{t('bc_load_own')}</Tag>
                  ) : null,
              },
            ]}
          />
          <div className="muted">
            {t('bc_load_limit', { n: seen.staff_limit })}
            {plan.words === 'auto' && seen.plain > 0 && ` · ${t('bc_load_auto', { n: seen.personal_taps })}`}
          </div>
        </Card>
      </div>
      <Card size="small" title={t('bc_copy')}>
        <div className="stack" style={{ gap: 12 }}>
          {seen.findings.map((one) => (
            <div key={one.arm}>
              {seen.findings.length > 1 && <strong>{t('bc_variant', { name: one.arm })}</strong>}
              <Findings findings={one.findings} />
            </div>
          ))}
        </div>
      </Card>
      <Samples seen={seen} toGroups={toGroups} />
    </div>
  )
}

interface Planned {
  plans: { key: string; mean: number; least: number | null; least_share: number | null }[]
  measures: { key: string; zh: string; en: string }[]
}

/** The smallest effect that so many people would show, told before anything is sent. */
function LeastEffect({ units, holdout, days }: { units: number; holdout: number; days: number }) {
  const { t, said } = useWords()
  const { data } = useQuery({
    queryKey: ['least-effect', units, holdout, days],
    queryFn: () => get<Planned>('/api/experiments/plan', { units, holdout, days }),
    retry: false,
  })
  const told = data?.plans.filter((one) => one.least_share !== null) ?? []
  if (!data) return null
  return (
    <div className="muted">
      {told.length
        ? t('bc_least', {
            least: told
              .map((one) => {
                const measure = data.measures.find((each) => each.key === one.key)
                return `${measure ? said(measure) : one.key} ±${percent(one.least_share ?? 0)}`
              })
              .join(' · '),
          })
        : t('bc_least_unknown')}
    </div>
  )
}

function Samples({ seen, toGroups }: { seen: Preflight; toGroups: boolean }) {
  const { t, language } = useWords()
  const { corp } = useHere()
  if (!seen.samples.length) return null
  return (
    <Card size="small" title={t('bc_samples')}>
      <div style={{ display: 'flex', gap: 16, overflow: 'auto', paddingBottom: 4 }}>
        {seen.samples.map((one) => (
          <div key={one.unit} className="stack" style={{ gap: 6, width: 230, flexShrink: 0 }}>
            <div className="row" style={{ gap: 4 }}>
              {toGroups ? (
                <GroupLink group={one.unit} name={one.name} />
              ) : (
                <PersonLink person={one.unit} name={one.name} />
              )}
              {seen.arms.length > 1 && <Tag>{one.arm}</Tag>}
              {one.outcome === 'touch' ? (
                <Tag color="success">{t('bc_sample_goes')}</Tag>
              ) : (
                <span className="muted">{(language === 'zh' ? one.zh : one.en) ?? one.outcome}</span>
              )}
            </div>
            {one.message && <Phone small message={one.message} title={toGroups ? one.name : corp.name} />}
          </div>
        ))}
      </div>
    </Card>
  )
}

export function Reasons({ some }: { some: Why[] }) {
  const { t, said } = useWords()
  const write = useWriting()
  return (
    <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
      {some.map((one) => (
        <li
          key={one.reason}
          data-reason={one.reason}
          className="between"
          style={{ flexWrap: 'nowrap', padding: '3px 0' }}
        >
          <span>
            {said(one)}{' '}
            {one.until && <span className="muted num">{t('bc_until', { at: write.moment(one.until) })}</span>}
          </span>
          <strong className="num">{whole(one.times)}</strong>
        </li>
      ))}
    </ul>
  )
}

export function TryIt(props: {
  path: string
  variants: string[]
  staff: Options['staff']
  save: () => Promise<unknown>
}) {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const [open, setOpen] = useState(false)
  const [variant, setVariant] = useState(props.variants[0] ?? 'A')
  const [staff, setStaff] = useState('')
  const [person, setPerson] = useState<number | null>(null)
  const send = useMutation({
    mutationFn: async () => {
      await props.save()
      return await post<{ proposal: string | null; delivered: boolean | null; reason?: string | null }>(
        `${props.path}/try`,
        { variant, staff: person === null ? staff : '', person },
      )
    },
    onSuccess: (done) => {
      if (done.delivered === false) message.warning(t('bc_tried_not', { reason: done.reason ?? '' }))
      else message.success(t(done.proposal ? 'bc_tried_proposed' : 'bc_tried'))
      setOpen(false)
    },
    onError: (error) => message.error(problem(error)),
  })
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomRight"
      content={
        <div className="stack" style={{ gap: 10, width: 300 }}>
          {props.variants.length > 1 && (
            <Select
              value={variant}
              onChange={setVariant}
              aria-label={t('bc_variant', { name: '' })}
              options={props.variants.map((name) => ({ value: name, label: t('bc_variant', { name }) }))}
            />
          )}
          <Labelled label={t('bc_try_staff')}>
            <Select
              style={{ width: '100%' }}
              allowClear
              value={staff || undefined}
              placeholder={t('bc_pick')}
              aria-label={t('bc_try_staff')}
              onChange={(userid) => setStaff(userid ?? '')}
              options={props.staff.map((one) => ({ value: one.userid, label: one.name }))}
            />
          </Labelled>
          <Labelled label={t('bc_try_person')}>
            <InputNumber<number>
              style={{ width: '100%' }}
              min={1}
              precision={0}
              value={person}
              aria-label={t('bc_try_person')}
              onChange={setPerson}
            />
          </Labelled>
          <Button
            type="primary"
            disabled={!staff && person === null}
            loading={send.isPending}
            onClick={() => send.mutate()}
          >
            {t('bc_try_send')}
          </Button>
        </div>
      }
    >
      <Button size="small">{t('bc_try')}</Button>
    </Popover>
  )
}
