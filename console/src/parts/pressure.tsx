/** Somebody's attention: what they were told lately, what is left of their budget, and why it is what it is. */
import { useQuery } from '@tanstack/react-query'
import { Alert, Card, Progress, Table, Tag } from 'antd'
import { get } from '../api'
import { ago, money, percent, whole } from '../format'
import { useWriting } from '../here'
import type { Pressed } from '../pages/messages'
import type { Said } from '../types'
import { useWords } from '../words'

interface Learned {
  start: number
  told: number
  answered: number
  ignored: number
  left: number
  in_a_row: number
  leave_after: number | null
  leave_anyway: number | null
  value_fen: number
}

interface OfPerson extends Pressed {
  in_groups: number
  start: number
  weariness_fen: number
  why: Learned | null
  value_fen: number
  costs: { purpose: 'sell' | 'give' | 'care'; cost: number; fen: number }[]
  held_out: boolean
  blocked: boolean
  withdrawn: string[]
  senders: string[]
  lately: (Said & { campaign: string; name: string; state: string; at: string; reason: string | null })[]
}

/** What a message costs by what it is for, and what that was learned from. */
export interface Cost {
  purpose: 'sell' | 'give' | 'care' | 'service'
  cost: number
  told: number
  left: number
  hoped: number
  answered: number
}

export function CostsCard({ costs }: { costs: Cost[] }) {
  const { t } = useWords()
  return (
    <Card title={t('ms_costs')} styles={{ body: { padding: 0 } }}>
      <Table
        size="small"
        rowKey="purpose"
        dataSource={costs}
        pagination={false}
        scroll={{ x: 'max-content' }}
        columns={[
          { title: t('ms_costs_purpose'), render: (_, one) => t(`bc_purpose_${one.purpose}`) },
          { title: t('ms_costs_cost'), align: 'right', render: (_, one) => one.cost.toFixed(2) },
          { title: t('ms_costs_told'), align: 'right', render: (_, one) => whole(one.told) },
          { title: t('ms_costs_left'), align: 'right', render: (_, one) => whole(one.left) },
          {
            title: t('ms_costs_answers'),
            align: 'right',
            render: (_, one) => `${whole(one.answered)} / ${one.hoped.toFixed(1)}`,
          },
        ]}
      />
      <p className="muted" style={{ margin: 12 }}>
        {t('ms_costs_hint')}
      </p>
    </Card>
  )
}

export function PressureCard({ person }: { person: number }) {
  const words = useWords()
  const { t, said, maybe } = words
  const page = useQuery({
    queryKey: ['person-pressure', person],
    queryFn: () => get<OfPerson>(`/api/persons/${person}/pressure`),
  })
  if (page.error) {
    return (
      <Card title={t('ms_card')}>
        <Alert type="warning" showIcon title={words.problem(page.error)} />
      </Card>
    )
  }
  if (!page.data) return <Card title={t('ms_card')} loading />
  const of = page.data
  return (
    <Card title={t('ms_card')}>
      <Progress
        percent={of.budget > 0 ? Math.min(100, Math.round((100 * of.spent) / of.budget)) : 100}
        status={of.left < 1 ? 'exception' : 'normal'}
        showInfo={false}
        aria-label={t('ms_card')}
      />
      <div>{t('ms_card_line', { budget: of.budget, spent: of.spent, left: of.left })}</div>
      {of.in_groups > 0 && <div className="muted">{t('ms_card_groups', { n: of.in_groups })}</div>}
      <Why of={of} />
      <Costs of={of} />
      <div className="row" style={{ marginTop: 8, gap: 4 }}>
        {of.held_out && <Tag color="purple">{t('ms_held_out')}</Tag>}
        {of.blocked && <Tag color="red">{t('ms_blocked')}</Tag>}
        {of.withdrawn.length > 0 && (
          <Tag color="red">{t('ms_withdrawn', { what: of.withdrawn.join('、') })}</Tag>
        )}
      </div>
      <div className="muted" style={{ marginTop: 4 }}>
        {of.senders.length > 0 ? t('ms_senders', { who: of.senders.join('、') }) : t('ms_nobody_sends')}
      </div>
      {of.lately.length > 0 && (
        <>
          <div style={{ marginTop: 10, fontWeight: 600 }}>{t('ms_lately')}</div>
          <ul className="reasons">
            {of.lately.map((one) => (
              <li key={`${one.campaign} ${one.at} ${one.state}`}>
                <span className="wrap">{one.name || one.campaign}</span> ·{' '}
                {maybe(`ms_state_${one.state}`, one.state)}
                {one.reason && ` · ${said(one)}`} <span className="muted">{ago(one.at, words)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  )
}

/** What one more message would cost in patience now, by what it is for. */
function Costs({ of }: { of: OfPerson }) {
  const { t } = useWords()
  const { currency } = useWriting()
  const what = of.costs.map((one) => `${t(`bc_purpose_${one.purpose}`)} ${money(one.fen, currency, true)}`)
  return (
    <p className="muted">
      {t('ms_costs_now', { what: what.join(' · '), value: money(of.value_fen, currency) })}
    </p>
  )
}

/** The reckoning in sentences. */
function Why({ of }: { of: OfPerson }) {
  const { t } = useWords()
  const { why } = of
  if (!why || why.told === 0) return <p className="muted">{t('ms_why_start', { start: of.start })}</p>
  return (
    <p className="muted">
      {t('ms_why_learned', {
        start: why.start,
        told: why.told,
        answered: why.answered,
        ignored: why.ignored,
        left: why.left,
      })}{' '}
      {why.in_a_row > 1 && t('ms_why_row', { n: why.in_a_row })}{' '}
      {why.leave_after !== null &&
        why.leave_anyway !== null &&
        t('ms_why_cost', { anyway: percent(why.leave_anyway), after: percent(why.leave_after) })}
    </p>
  )
}
