/** The company at a glance: how many, how they are doing, what to look at first. */
import { useQuery } from '@tanstack/react-query'
import { Card, Progress, Segmented, Table } from 'antd'
import { useMemo, useState } from 'react'
import { Link } from 'react-router'
import { get } from '../api'
import { Waiting } from '../app'
import { percent, whole } from '../format'
import { useCatalogue, useHere, useWriting } from '../here'
import { Chart } from '../parts/chart'
import { FindingCard } from '../parts/findings'
import { Failed } from '../parts/lists'
import { NumCell, Tile } from '../parts/numbers'
import { Head, NothingYet } from '../parts/page'
import { RUNG_COLOURS, STAGE_COLOURS } from '../parts/tags'
import type { Key } from '../strings'
import type { Day, OverviewAnswer, SourceRow } from '../types'
import { useWords } from '../words'

const TILES: [keyof OverviewAnswer['totals'], Key, string | null][] = [
  ['groups', 'total_groups', '/groups'],
  ['living_groups', 'total_living', null],
  ['members', 'total_members', null],
  ['active_30d', 'total_active', null],
  ['messages_30d', 'total_messages', null],
  ['persons', 'total_persons', '/people'],
  ['buyers', 'total_buyers', '/people?sort=frequency'],
  ['money', 'total_money', '/people?sort=money'],
]

export function OverviewPage() {
  const words = useWords()
  const { t, said } = words
  const write = useWriting()
  const page = useQuery({
    queryKey: ['overview'],
    queryFn: () => get<OverviewAnswer>('/api/overview'),
    refetchInterval: (query) => (query.state.data && !query.state.data.reading ? 2_000 : false),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const { reading, totals } = page.data
  if (!reading) {
    if (!page.data.facts) return <NothingYet title={t('overview_title')} />
    const job = Object.values(page.data.jobs)[0]
    return (
      <>
        <Head title={t('overview_title')} />
        <Card>
          <div className="stack" style={{ padding: '40px 0', textAlign: 'center' }}>
            <div>{t('reading_first', { n: whole(page.data.facts) })}</div>
            <Progress percent={Math.round((job?.fraction ?? 0) * 100)} status="active" />
            <div className="muted">{job && said(job)}</div>
          </div>
        </Card>
      </>
    )
  }
  const found = page.data.finding_counts.reduce((sum, one) => sum + one.findings, 0)
  return (
    <>
      <Head title={t('overview_title')} reading={reading} />
      <div className="stack">
        <Card>
          <div className="grid eight">
            {TILES.map(([key, title, to]) => {
              const num = totals[key]
              const text = <span className="num">{write.num(num)}</span>
              const hint =
                num.unit === 'share' && num.part !== null && num.whole
                  ? t('part_of_whole', { part: whole(num.part), whole: whole(num.whole) })
                  : undefined
              return (
                <Tile key={key} label={t(title)} hint={hint}>
                  {to ? <Link to={to}>{text}</Link> : text}
                </Tile>
              )
            })}
          </div>
        </Card>
        <div className="grid halves">
          <Card title={t('ladder')}>
            <Ladder rungs={page.data.ladder} />
            <div className="muted" style={{ marginTop: 8 }}>
              {t('ladder_hint')}
            </div>
          </Card>
          <Card title={t('stages')}>
            <Stages stages={page.data.stages} />
            <div className="muted" style={{ marginTop: 8 }}>
              {t('stages_hint')}
            </div>
          </Card>
        </div>
        <div className="grid wide-left">
          <Card title={t('today')} extra={<Link to="/findings">{t('all_findings', { n: found })}</Link>}>
            <div className="stack" style={{ gap: 10 }}>
              {page.data.findings.slice(0, 6).map((finding) => (
                <FindingCard key={finding.key} finding={finding} />
              ))}
              {page.data.findings.length === 0 && <div className="muted">{t('today_none')}</div>}
            </div>
          </Card>
          <div className="stack">
            <Trend days={page.data.days} />
            <Card title={t('top_sources')} extra={<Link to="/sources">{t('nav_sources')}</Link>}>
              <Sources rows={page.data.sources} />
            </Card>
          </div>
        </div>
      </div>
    </>
  )
}

function Ladder({ rungs }: { rungs: OverviewAnswer['ladder'] }) {
  const words = useWords()
  return (
    <div className="ladder">
      {rungs.map((rung) => {
        const share = rung.whole ? rung.persons / rung.whole : 0
        return (
          <Link
            key={rung.rung}
            to={`/people?rung=${rung.rung}`}
            data-rung={rung.rung}
            style={{ background: RUNG_COLOURS[rung.rung], flex: `${Math.sqrt(Math.max(share, 0.01))} 1 0` }}
          >
            <span>{words.maybe(`rung_${rung.rung}`, rung.rung)}</span>
            <strong>{whole(rung.persons)}</strong>
            <span>{percent(share)}</span>
          </Link>
        )
      })}
    </div>
  )
}

function Stages({ stages }: { stages: OverviewAnswer['stages'] }) {
  const words = useWords()
  return (
    <div className="ladder">
      {stages.map((stage) => (
        <Link
          key={stage.stage}
          to={`/groups?stage=${stage.stage}`}
          data-stage={stage.stage}
          style={{
            background: STAGE_COLOURS[stage.stage],
            flex: `${Math.max(stage.groups, 1.5)} 1 0`,
            opacity: stage.groups ? 1 : 0.45,
          }}
        >
          <span>{words.maybe(`stage_${stage.stage}`, stage.stage)}</span>
          <strong>{whole(stage.groups)}</strong>
        </Link>
      ))}
    </div>
  )
}

const SERIES: [string, Key, (day: Day) => number][] = [
  ['messages', 'trend_messages', (d) => d.messages],
  ['speakers', 'trend_speakers', (d) => d.speakers],
  ['joined', 'trend_joined', (d) => d.joined],
  ['left', 'trend_left', (d) => d.left],
  ['orders', 'trend_orders', (d) => d.orders],
  ['revenue', 'trend_revenue', (d) => d.revenue_fen / 100],
]

function Trend({ days }: { days: Day[] }) {
  const { t } = useWords()
  const [chosen, choose] = useState('messages')
  const [, title, of] = SERIES.find(([key]) => key === chosen) ?? (SERIES[0] as (typeof SERIES)[number])
  const option = useMemo(
    () => ({
      grid: { left: 8, right: 8, top: 16, bottom: 4, containLabel: true },
      tooltip: { trigger: 'axis' },
      xAxis: { type: 'category', data: days.map((d) => d.day) },
      yAxis: { type: 'value', minInterval: 1 },
      series: [
        { type: 'bar', name: t(title), data: days.map(of), barCategoryGap: '20%', large: true },
        {
          type: 'line',
          name: t('days_unit', { n: 7 }),
          data: smooth(days.map(of)),
          showSymbol: false,
          lineStyle: { width: 2 },
        },
      ],
    }),
    [days, of, title, t],
  )
  return (
    <Card title={t('trend')}>
      <Segmented
        size="small"
        value={chosen}
        onChange={choose}
        options={SERIES.map(([key, label]) => ({ value: key, label: t(label) }))}
        style={{ maxWidth: '100%', overflowX: 'auto' }}
      />
      <Chart option={option} height={220} label={`${t('trend')}: ${t(title)}`} />
    </Card>
  )
}

/** The mean of each day and the six before it. */
function smooth(values: number[]): number[] {
  return values.map((_, at) => {
    const some = values.slice(Math.max(0, at - 6), at + 1)
    return Math.round((some.reduce((a, b) => a + b, 0) / some.length) * 10) / 10
  })
}

function Sources({ rows }: { rows: SourceRow[] }) {
  const { t } = useWords()
  const names = useCatalogue()
  const { corp } = useHere()
  const shown = ['arrivals', 'cac', 'ltv_cac']
  return (
    <Table<SourceRow>
      key={corp.corp_id}
      size="small"
      rowKey="source"
      dataSource={rows}
      pagination={false}
      scroll={{ x: 'max-content' }}
      columns={[
        { title: t('source'), dataIndex: 'name' },
        ...shown.map((key) => ({
          title: names.metricName('source', key),
          align: 'right' as const,
          render: (_: unknown, row: SourceRow) => (
            <NumCell
              metric={key}
              num={row.metrics[key]}
              about={{ per: 'source', id: row.source, name: row.name }}
            />
          ),
        })),
      ]}
    />
  )
}
