/** Who carries a group and where that goes, what followed when a leader fell silent, who joins circles, how newcomers fare. */
import { DownloadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Card, Empty, Table, Tabs, Tag, Tooltip } from 'antd'
import type { ColumnsType } from 'antd/es/table'
import type { ReactNode } from 'react'
import { address, get } from '../api'
import { day, percent, whole } from '../format'
import { useCatalogue, useWriting } from '../here'
import type { Metrics, Num } from '../types'
import { useWords } from '../words'
import { Failed } from './lists'
import { type About, Explained, NumCell } from './numbers'
import { Spark } from './spark'
import { PersonLink } from './tags'

interface Leader {
  person: number
  name: string
  here: boolean
  messages: number
  listeners: number
  degree: number
  core: number
  heard_by_weeks: number[]
}
interface Followed {
  before: number | null
  after: number | null
  expected: number | null
  low: number | null
  high: number | null
}
const OUTCOMES = ['messages', 'speakers', 'left'] as const
type Outcome = (typeof OUTCOMES)[number]
interface Event {
  person: number
  name: string
  silent_from: string
  came_back: boolean
  like_groups: number
  outcomes: Record<Outcome, Followed>
}
interface Pooled {
  events: number
  groups: number
  ratio: number | null
  low: number | null
  high: number | null
}
interface Broker {
  person: number
  name: string
  here: boolean | null
  betweenness: Num
  sampled: boolean | null
  constraint: number | null
  circles: number | null
  bridges: number
  sole_bridges: number
}
interface Answer {
  known: boolean
  ties?: number
  guessed?: boolean
  metrics?: Metrics
  leaders?: Leader[]
  events?: Event[]
  everywhere?: Record<Outcome, Pooled>
  brokers?: Broker[]
}

export function Structure({ group, name }: { group: number; name: string }) {
  const { t } = useWords()
  const page = useQuery({
    queryKey: ['structure', group],
    queryFn: () => get<Answer>(`/api/groups/${group}/structure`),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  const { known, ties, guessed, metrics, leaders, events, everywhere, brokers } = page.data ?? {}
  return (
    <Card
      loading={page.isLoading}
      data-testid="structure"
      title={
        <span className="row">
          {t('st_title')}
          {guessed && (
            <Tooltip title={t('st_guessed_why')}>
              <Tag color="orange">{t('st_guessed')}</Tag>
            </Tooltip>
          )}
        </span>
      }
    >
      <p className="muted" style={{ marginTop: 0 }}>
        {t('st_hint')}
      </p>
      {known && metrics && <Rates metrics={metrics} about={{ per: 'group', id: group, name }} />}
      {known && !ties && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('st_no_ties')} />}
      {known && (
        <Tabs
          items={[
            {
              key: 'leaders',
              label: t('st_leaders'),
              children: (
                <Listed group={group} part="leaders" about={t('st_leaders_about')}>
                  <Leaders rows={leaders ?? []} />
                </Listed>
              ),
            },
            {
              key: 'events',
              label: t('st_events'),
              children: (
                <Listed group={group} part="events" about={t('st_events_about')}>
                  {everywhere && <Everywhere pooled={everywhere.messages} />}
                  <Events rows={events ?? []} />
                </Listed>
              ),
            },
            {
              key: 'brokers',
              label: t('st_brokers'),
              children: (
                <Listed group={group} part="brokers" about={t('st_brokers_about')}>
                  <Brokers rows={brokers ?? []} />
                </Listed>
              ),
            },
          ]}
        />
      )}
    </Card>
  )
}

function Rates({ metrics, about }: { metrics: Metrics; about: About }) {
  const { said } = useWords()
  const names = useCatalogue()
  return (
    <div className="grid tiles">
      {names
        .metricsPer('group')
        .filter((card) => card.key in metrics)
        .map((card) => (
          <div key={card.key}>
            <Tooltip title={<Explained metric={card} num={metrics[card.key]} />}>
              <div className="muted" style={{ fontSize: 12 }}>
                {said(card)}
              </div>
            </Tooltip>
            <div style={{ fontSize: 20, fontWeight: 600 }}>
              <NumCell metric={card.key} num={metrics[card.key]} about={about} />
            </div>
          </div>
        ))}
    </div>
  )
}

function Listed(props: { group: number; part: string; about: string; children: ReactNode }) {
  const { t } = useWords()
  return (
    <div className="stack">
      <div className="between" style={{ alignItems: 'start', gap: 16 }}>
        <div className="muted" style={{ maxWidth: 780 }}>
          {props.about}
        </div>
        <Button
          icon={<DownloadOutlined />}
          href={address(`/api/groups/${props.group}/structure.csv`, { part: props.part })}
          download
        >
          {t('csv')}
        </Button>
      </div>
      {props.children}
    </div>
  )
}

const LISTED = { size: 'small', pagination: false, scroll: { x: 'max-content' } } as const

function Leaders({ rows }: { rows: Leader[] }) {
  const { t } = useWords()
  if (!rows.length) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('leaders_none')} />
  const columns: ColumnsType<Leader> = [
    { title: t('person'), render: (_, p) => <Who {...p} /> },
    { title: t('listeners'), dataIndex: 'listeners', align: 'right', className: 'num' },
    { title: t('st_degree'), dataIndex: 'degree', align: 'right', className: 'num' },
    { title: t('st_core'), dataIndex: 'core', align: 'right', className: 'num' },
    { title: t('messages_col'), dataIndex: 'messages', align: 'right', className: 'num' },
    {
      title: t('st_heard'),
      render: (_, p) => <Spark values={p.heard_by_weeks} label={t('st_heard')} />,
    },
    { title: t('trend_col'), align: 'right', render: (_, p) => <Course weeks={p.heard_by_weeks} /> },
  ]
  return <Table<Leader> {...LISTED} rowKey="person" dataSource={rows} columns={columns} />
}

function Who({ person, name, here }: { person: number; name: string; here: boolean | null }) {
  const { t } = useWords()
  return (
    <>
      <PersonLink person={person} name={name} />
      {here === false && <Tag style={{ marginInlineStart: 4 }}>{t('gone')}</Tag>}
    </>
  )
}

/** The last four weeks against the four before. */
function Course({ weeks }: { weeks: number[] }) {
  const sum = (some: number[]) => some.reduce((a, b) => a + b, 0)
  const [then, now] = [sum(weeks.slice(-8, -4)), sum(weeks.slice(-4))]
  const arrow = now > then * 1.1 ? '↑' : now < then * 0.9 ? '↓' : '→'
  return <span className="num">{`${then} ${arrow} ${now}`}</span>
}

function Everywhere({ pooled }: { pooled: Pooled }) {
  const { t } = useWords()
  const { events, groups, ratio, low, high } = pooled
  if (!events) return null
  return (
    <div>
      {ratio === null || low === null || high === null
        ? t('st_everywhere_none', { events, groups })
        : t('st_everywhere', {
            events,
            groups,
            ratio: percent(ratio),
            low: percent(low),
            high: percent(high),
          })}
    </div>
  )
}

function Events({ rows }: { rows: Event[] }) {
  const { t } = useWords()
  if (!rows.length) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('st_events_none')} />
  const columns: ColumnsType<Event> = [
    {
      title: t('person'),
      render: (_, e) => (
        <>
          <PersonLink person={e.person} name={e.name} />
          {e.came_back && <Tag style={{ marginInlineStart: 4 }}>{t('st_came_back')}</Tag>}
        </>
      ),
    },
    { title: t('st_silent_from'), className: 'num', render: (_, e) => day(e.silent_from) },
    ...OUTCOMES.map((outcome) => ({
      title: t(`st_${outcome}`),
      render: (_: unknown, e: Event) => (
        <Change followed={e.outcomes[outcome]} fewIsGood={outcome === 'left'} />
      ),
    })),
    {
      title: t('st_like'),
      align: 'right',
      className: 'num',
      render: (_, e) =>
        e.like_groups < 5 ? <Tooltip title={t('st_too_few')}>{e.like_groups}</Tooltip> : e.like_groups,
    },
  ]
  return (
    <Table<Event>
      {...LISTED}
      rowKey={(e) => `${e.person} ${e.silent_from}`}
      dataSource={rows}
      columns={columns}
    />
  )
}

function Change({ followed, fewIsGood }: { followed: Followed; fewIsGood: boolean }) {
  const { t } = useWords()
  const { before, after, expected, low, high } = followed
  if (before === null || after === null) return <span className="muted">—</span>
  const beyond = low !== null && high !== null && (after < low ? -1 : after > high ? 1 : 0)
  const bad = fewIsGood ? beyond === 1 : beyond === -1
  const good = fewIsGood ? beyond === -1 : beyond === 1
  return (
    <div className="num">
      <span style={{ fontWeight: 600, color: bad ? '#d4527a' : good ? '#2f9e62' : undefined }}>
        {`${whole(before)} → ${whole(after)}`}
      </span>
      {expected !== null && low !== null && high !== null && (
        <div className="muted" style={{ fontSize: 12 }}>
          {`${t('st_expected')} ${whole(expected)} (${whole(low)}–${whole(high)})`}
        </div>
      )}
    </div>
  )
}

function Brokers({ rows }: { rows: Broker[] }) {
  const { t } = useWords()
  const write = useWriting()
  if (!rows.length) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('st_brokers_none')} />
  const columns: ColumnsType<Broker> = [
    { title: t('person'), render: (_, b) => <Who {...b} /> },
    {
      title: t('st_betweenness'),
      align: 'right',
      className: 'num',
      render: (_, b) =>
        b.sampled ? (
          <Tooltip title={t('st_sampled')}>{`≈ ${write.num(b.betweenness)}`}</Tooltip>
        ) : (
          write.num(b.betweenness)
        ),
    },
    {
      title: t('st_constraint'),
      align: 'right',
      className: 'num',
      render: (_, b) => (b.constraint === null ? '—' : b.constraint.toFixed(2)),
    },
    { title: t('st_circles'), align: 'right', className: 'num', render: (_, b) => b.circles ?? '—' },
    { title: t('st_bridges'), dataIndex: 'bridges', align: 'right', className: 'num' },
    { title: t('st_sole'), dataIndex: 'sole_bridges', align: 'right', className: 'num' },
  ]
  return <Table<Broker> {...LISTED} rowKey="person" dataSource={rows} columns={columns} />
}
