/** One experiment: who against whom, what it changed with which certainty, and why attribution says otherwise. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { Alert, App, Button, Card, Select, Table, Tag, Tooltip } from 'antd'
import { useMemo } from 'react'
import { useParams } from 'react-router'
import { get, post, queries } from '../api'
import { Waiting } from '../app'
import { DASH, day, percent } from '../format'
import { useAddress, useWriting } from '../here'
import type { AttributedAnswer, Comparison, ExperimentAnswer, MeasureCard } from '../outcome-types'
import { Chart, plain } from '../parts/chart'
import { Failed } from '../parts/lists'
import { Tile } from '../parts/numbers'
import { p3, share, useArm, useFigures, useKind, Verdict, whole } from '../parts/outcome'
import { Head } from '../parts/page'
import { useWords } from '../words'

interface Row extends Comparison {
  card: MeasureCard
  known: boolean
  per: Record<string, number | null>
  sums: Record<string, { sum: number; people: number; did: number }>
}

export function ExperimentPage() {
  const { id = '' } = useParams()
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const write = useWriting()
  const kind = useKind()
  const path = `/api/experiments/${encodeURIComponent(id)}`
  const page = useQuery({ queryKey: ['experiment', id], queryFn: () => get<ExperimentAnswer>(path) })
  const again = useMutation({
    mutationFn: () => post<ExperimentAnswer>(`${path}/measure`),
    onSuccess: (found) => {
      queries.setQueryData(['experiment', id], found)
      void queries.invalidateQueries({ queryKey: ['experiments'] })
    },
    onError: (error) => message.error(problem(error)),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const one = page.data
  const { result } = one
  const hint = [
    kind(one.kind),
    `${t('ex_unit')} ${t(`ex_unit_${one.unit}`)}`,
    `${t('ex_began')} ${day(one.began)}`,
    t(one.running ? 'ex_running' : 'ex_ended'),
    ...(result ? [t('ex_measured_at', { at: write.moment(result.as_of) })] : []),
  ].join(' · ')
  return (
    <>
      <Head title={one.kind === 'holdout' ? t('ex_global') : one.name} hint={hint}>
        <Button onClick={() => again.mutate()} loading={again.isPending}>
          {t('ex_measure')}
        </Button>
      </Head>
      {result ? (
        <div className="stack">
          <Who one={one} />
          <Changed one={one} />
          <Explained id={one.id} measured={result.as_of} />
          <Card size="small" title={t('gr_definition')}>
            <p>{t('ex_definition', { days: one.window_days })}</p>
            <p style={{ margin: 0 }}>{t('ex_definition_verdict')}</p>
          </Card>
        </div>
      ) : (
        <Card>
          <span className="muted">{t('ex_not_measured')}</span>
        </Card>
      )}
    </>
  )
}

function Who({ one }: { one: ExperimentAnswer }) {
  const { t } = useWords()
  const arm = useArm()
  const { result } = one
  if (!result) return null
  return (
    <Card>
      <div className="stack">
        <Alert
          type={result.ratio_alarm ? 'error' : 'success'}
          showIcon
          title={`${t('ex_ratio')}: ${t(result.ratio_alarm ? 'ex_ratio_bad' : 'ex_ratio_good', { p: p3(result.ratio_p) })}`}
        />
        <div className="grid tiles">
          {result.arms.map((each) => (
            <Tile
              key={each.arm}
              label={arm(each.arm)}
              hint={`${t('ex_units', { unit: t(`ex_unit_${one.unit}`) })} ${whole(each.units)} · ${t('ex_meant')} ${each.meant === null ? DASH : whole(each.meant)}`}
            >
              {whole(each.people)}
            </Tile>
          ))}
          <Tile label={t('ex_seen')}>{share(result.progress)}</Tile>
        </div>
        {result.crossed > 0 && <span className="muted">{t('ex_crossed', { n: result.crossed })}</span>}
        {result.mixed > 0 && <span className="muted">{t('ex_mixed', { n: result.mixed })}</span>}
      </div>
    </Card>
  )
}

function Changed({ one }: { one: ExperimentAnswer }) {
  const { t, said, language } = useWords()
  const at = useAddress()
  const arm = useArm()
  const figures = useFigures()
  const { result } = one
  const rows: Row[] = useMemo(
    () =>
      (result?.measures ?? []).flatMap((measured) => {
        const card = one.measures.find((each) => each.key === measured.key)
        if (!card) return []
        const sums = Object.fromEntries(measured.arms.map((each) => [each.arm, each]))
        const whole_of = (pick: (one: { arm: string; sum: number; people: number; did: number }) => number) =>
          measured.arms.filter((each) => each.arm !== 'holdout').reduce((n, each) => n + pick(each), 0)
        sums['*'] = {
          arm: '*',
          sum: whole_of((o) => o.sum),
          people: whole_of((o) => o.people),
          did: whole_of((o) => o.did),
        }
        const per = Object.fromEntries(
          Object.values(sums).map((each) => [each.arm, each.people ? each.sum / each.people : null]),
        )
        // Of what nobody ever did one line says enough.
        return (measured.known ? measured.against : measured.against.slice(0, 1)).map((against) => ({
          ...against,
          card,
          known: measured.known,
          per,
          sums,
        }))
      }),
    [one.measures, result],
  )
  const chosen =
    rows.find((row) => `${row.card.key}:${row.arm}:${row.versus}` === at.get('of')) ??
    rows.find((row) => row.looks.length > 0)
  const strength = (row: Row) =>
    row.always_p === null
      ? ''
      : row.many_p === null
        ? t('ex_p', { p: p3(row.always_p) })
        : t('ex_p_many', { p: p3(row.always_p), many: p3(row.many_p) })
  const made = (row: Row, name: string) => {
    const of = row.sums[name]
    const of_whom = of
      ? t('part_of_whole', {
          part: row.card.kind === 'fen' ? figures.fen(of.sum) : whole(of.sum),
          whole: whole(of.people),
        })
      : ''
    return (
      <Tooltip title={of_whom}>
        <span className="num">{figures.of(row.card, row.per[name] ?? null)}</span>
      </Tooltip>
    )
  }
  return (
    <>
      <Card styles={{ body: { padding: 0 } }}>
        <Table<Row>
          size="small"
          rowKey={(row) => `${row.card.key}:${row.arm}:${row.versus}`}
          dataSource={rows}
          pagination={false}
          scroll={{ x: 'max-content' }}
          locale={{ emptyText: t('at_no_holdout') }}
          columns={[
            {
              title: t('ex_measure_col'),
              render: (_, row) => (
                <Tooltip title={language === 'zh' ? row.card.says_zh : row.card.says_en}>
                  {said(row.card)} {row.card.guard && <Tag>{t('ex_guard')}</Tag>}
                  {row.role === 'primary' && <Tag color="blue">{t('ex_primary')}</Tag>}
                </Tooltip>
              ),
            },
            {
              title: t('ex_arm'),
              render: (_, row) => t('ex_versus', { arm: arm(row.arm), versus: arm(row.versus) }),
            },
            {
              title: t('ex_per_head'),
              align: 'right',
              render: (_, row) =>
                row.known && (
                  <>
                    {made(row, row.arm)} <span className="muted">/</span> {made(row, row.versus)}
                  </>
                ),
            },
            {
              title: t('ex_difference'),
              align: 'right',
              render: (_, row) => (
                <span className="num">
                  {row.known ? figures.of(row.card, row.effect, true) : DASH}
                  {row.known && row.relative !== null && (
                    <span className="muted">
                      {' '}
                      ({row.relative > 0 ? '+' : ''}
                      {percent(row.relative)})
                    </span>
                  )}
                </span>
              ),
            },
            {
              title: t('ex_interval'),
              align: 'right',
              render: (_, row) => {
                if (!row.known || row.effect === null) return DASH
                const single = t('ex_fixed', {
                  low: figures.of(row.card, row.low, true),
                  high: figures.of(row.card, row.high, true),
                })
                const cut =
                  row.variance_cut > 0.01 ? ` · ${t('ex_cut', { share: percent(row.variance_cut) })}` : ''
                return (
                  <Tooltip title={single + cut}>
                    <span className="num">
                      {figures.of(row.card, row.always_low, true)} –{' '}
                      {figures.of(row.card, row.always_high, true)}
                    </span>
                  </Tooltip>
                )
              },
            },
            {
              title: t('ex_total'),
              align: 'right',
              render: (_, row) => (
                <span className="num">
                  {!row.known || row.total === null
                    ? DASH
                    : row.card.kind === 'fen'
                      ? figures.fen(row.total, true)
                      : `${row.total > 0 ? '+' : ''}${row.total.toFixed(0)}`}
                </span>
              ),
            },
            {
              title: t('ex_least'),
              align: 'right',
              render: (_, row) => (
                <span className="num muted">{row.known ? figures.of(row.card, row.least) : DASH}</span>
              ),
            },
            {
              title: t('ex_verdict'),
              render: (_, row) =>
                row.known ? (
                  <Tooltip title={strength(row)}>
                    <span>
                      <Verdict says={row.verdict} />
                    </span>
                  </Tooltip>
                ) : (
                  <span className="muted">{t('ex_unknown')}</span>
                ),
            },
          ]}
        />
      </Card>
      {chosen && (
        <Card
          title={t('ex_over_time')}
          extra={
            <Select
              aria-label={t('ex_pick')}
              value={`${chosen.card.key}:${chosen.arm}:${chosen.versus}`}
              popupMatchSelectWidth={false}
              onChange={(of) => at.set({ of })}
              options={rows
                .filter((row) => row.looks.length > 0)
                .map((row) => ({
                  value: `${row.card.key}:${row.arm}:${row.versus}`,
                  label: `${said(row.card)} · ${t('ex_versus', { arm: arm(row.arm), versus: arm(row.versus) })}`,
                }))}
            />
          }
        >
          <OverTime row={chosen} />
        </Card>
      )}
    </>
  )
}

function OverTime({ row }: { row: Row }) {
  const { t } = useWords()
  const write = useWriting()
  const figures = useFigures()
  const option = useMemo(() => {
    const scaled = (value: number | null) =>
      value === null
        ? null
        : row.card.kind === 'fen'
          ? value / 100
          : row.card.kind === 'share'
            ? value * 100
            : value
    const lows = row.looks.map((look) => scaled(look.always_low))
    const heights = row.looks.map((look) => {
      const low = scaled(look.always_low)
      const high = scaled(look.always_high)
      return low === null || high === null ? null : high - low
    })
    const band = {
      type: 'line',
      stack: 'band',
      symbol: 'none',
      lineStyle: { opacity: 0 },
      stackStrategy: 'all',
    }
    return {
      grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
      tooltip: {
        trigger: 'axis',
        formatter: (points: { dataIndex: number }[]) => {
          const look = row.looks[points[0]?.dataIndex ?? 0]
          if (!look) return ''
          return plain(
            `${write.moment(look.at)}  ${figures.of(row.card, look.effect, true)}  [${figures.of(row.card, look.always_low, true)}, ${figures.of(row.card, look.always_high, true)}]`,
          )
        },
      },
      xAxis: { type: 'category', data: row.looks.map((look) => write.moment(look.at).slice(5, 10)) },
      yAxis: { type: 'value', name: row.card.kind === 'share' ? 'pp' : '' },
      series: [
        { ...band, data: lows },
        { ...band, data: heights, areaStyle: { opacity: 0.2, color: '#0f9d8a' } },
        {
          type: 'line',
          data: row.looks.map((look) => scaled(look.effect)),
          symbolSize: 5,
          itemStyle: { color: '#0f9d8a' },
          markLine: {
            symbol: 'none',
            label: { formatter: t('ex_zero'), position: 'insideStartTop' },
            lineStyle: { type: 'dashed', color: '#d4527a' },
            data: [{ yAxis: 0 }],
          },
        },
      ],
    }
  }, [row, t, write, figures])
  return <Chart option={option} height={280} label={t('ex_over_time')} />
}

/** By itself, since it takes longer than the rest: what the rules give it, and why that is another figure. */
function Explained({ id, measured }: { id: string; measured: string }) {
  const { t, said } = useWords()
  const figures = useFigures()
  const page = useQuery({
    queryKey: ['experiment-attributed', id, measured],
    queryFn: () => get<AttributedAnswer>(`/api/experiments/${encodeURIComponent(id)}/attributed`),
  })
  const attributed = page.data?.attributed
  const rules = page.data?.rules ?? []
  if (!attributed) return null
  return (
    <Card size="small" title={t('ex_explained')}>
      <div className="stack">
        <div>{said(attributed.explained)}</div>
        <div className="grid tiles">
          {rules.map((rule) => (
            <Tile key={rule.key} label={said(rule)} hint={(attributed.orders[rule.key] ?? 0).toFixed(1)}>
              {figures.fen(attributed.worth_fen[rule.key] ?? 0)}
            </Tile>
          ))}
        </div>
      </div>
    </Card>
  )
}
