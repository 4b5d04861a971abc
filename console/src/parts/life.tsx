/** A group's life: what was said day by day over the stages it went through, the chance of silence, and why. */
import { Alert, Card, Tooltip } from 'antd'
import { useMemo } from 'react'
import { day, percent, whole } from '../format'
import { useCatalogue } from '../here'
import type { GroupDay, Said } from '../types'
import { useWords } from '../words'
import { Chart } from './chart'
import { LifeTools } from './life-tools'
import type { Life } from './life-types'
import { type About, Explained, NumCell } from './numbers'
import { STAGE_COLOURS } from './tags'

export function SummaryLine({ summary }: { summary: Said | null | undefined }) {
  const { t, said } = useWords()
  if (!summary) return null
  return (
    <Alert
      type="info"
      data-testid="summary"
      title={
        <span>
          <strong>{`${t('lf_summary')}: `}</strong>
          {said(summary)}
        </span>
      }
    />
  )
}

export function LifeCard(props: {
  curve: GroupDay[]
  life: Life | null | undefined
  about: About
  asOf: string
  /** On paper nobody can zoom: all of it is shown. */
  paper?: boolean
}) {
  const { t } = useWords()
  const { life, about } = props
  const id = `life-${about.id}`
  return (
    <Card
      id={id}
      title={t('lf_title')}
      extra={<LifeTools of={id} csv={`/api/groups/${about.id}/life.csv`} />}
      data-testid="life"
    >
      <LifeCurve curve={props.curve} life={life} asOf={props.asOf} paper={props.paper ?? false} />
      {life && (
        <div className="grid halves" style={{ marginTop: 12 }}>
          <Risk life={life} about={about} />
          <div className="stack" style={{ gap: 12 }}>
            <Drivers life={life} />
            <Arrivals life={life} />
          </div>
        </div>
      )}
    </Card>
  )
}

function Risk({ life, about }: { life: Life; about: About }) {
  const { t, said } = useWords()
  const names = useCatalogue()
  const notice = life.silent_since && life.warned_on ? apart(life.warned_on, life.silent_since) : null
  return (
    <div>
      <strong>{t('lf_risk')}</strong>
      <div className="row" style={{ gap: 28, margin: '6px 0' }}>
        {([30, 60, 90] as const).map((n) => {
          const metric = `silence_risk_${n}d`
          const card = names.metric('group', metric)
          return (
            <div key={n}>
              <Tooltip title={card ? <Explained metric={card} /> : t('lf_risk_hint', { n })}>
                <div className="muted" style={{ fontSize: 12 }}>
                  {t('lf_within', { n })}
                </div>
              </Tooltip>
              <div style={{ fontSize: 22, fontWeight: 600 }}>
                <NumCell metric={metric} num={life[`p_silence_${n}`]} about={about} />
              </div>
            </div>
          )
        })}
      </div>
      <div className="stack" style={{ gap: 4, fontSize: 13 }}>
        {life.silent_since && <span>{t('lf_silent_since', { day: life.silent_since })}</span>}
        {life.warned_on && (
          <Tooltip title={t('lf_warned_hint', { line: percent(life.warn) })}>
            <span style={{ color: '#d4527a' }}>{t('lf_warned', { day: life.warned_on })}</span>
          </Tooltip>
        )}
        {notice !== null && (
          <span>{t(notice >= 0 ? 'lf_notice' : 'lf_notice_late', { n: Math.abs(notice) })}</span>
        )}
        {life.silent_since && !life.warned_on && <span>{t('lf_never_warned')}</span>}
        <span className="muted">
          {life.fallback ? said(life.fallback) : t(life.learned_from === 'own' ? 'lf_own' : 'lf_shipped')}
        </span>
      </div>
    </div>
  )
}

function Drivers({ life }: { life: Life }) {
  const { t, said } = useWords()
  if (!life.drivers.length) return null
  const most = Math.max(...life.drivers.map((one) => Math.abs(one.push)), 0.01)
  return (
    <div data-testid="drivers">
      <Tooltip title={t('lf_drivers_hint')}>
        <strong>{t('lf_drivers')}</strong>
      </Tooltip>
      {life.drivers.map((one) => (
        <div key={one.key} className="row" style={{ gap: 8, flexWrap: 'nowrap' }}>
          <span style={{ color: one.push > 0 ? '#d4527a' : '#2f9e62', width: 14 }}>
            {one.push > 0 ? '▲' : '▼'}
          </span>
          <span style={{ flex: 1 }}>{said(one)}</span>
          <span
            aria-hidden
            style={{
              width: 4 + 90 * (Math.abs(one.push) / most),
              height: 6,
              borderRadius: 3,
              background: one.push > 0 ? '#d4527a' : '#2f9e62',
            }}
          />
        </div>
      ))}
    </div>
  )
}

function Arrivals({ life }: { life: Life }) {
  const { t, maybe } = useWords()
  const growth = life.growth
  if (!growth || growth.now === null) return null
  const some = (n: number | null) => (n === null ? '—' : whole(n))
  return (
    <div>
      <strong>{t('lf_growth')}</strong>
      <div>
        {t('lf_growth_told', { now: whole(growth.now), a: some(growth.ahead_30), b: some(growth.ahead_90) })}
      </div>
      <div className="muted" style={{ fontSize: 12 }}>
        {t('lf_growth_how', {
          by: maybe(`lf_${growth.by}`, growth.by),
          error: growth.error === null ? '—' : percent(growth.error),
        })}{' '}
        {growth.limit !== null && t('lf_growth_limit', { n: whole(growth.limit) })}
      </div>
    </div>
  )
}

function LifeCurve({
  curve,
  life,
  asOf,
  paper,
}: {
  curve: GroupDay[]
  life: Life | null | undefined
  asOf: string
  paper: boolean
}) {
  const { t, maybe } = useWords()
  const option = useMemo(() => {
    const full = everyDay(curve, asOf)
    const days = full.map((one) => one.day)
    const first = days[0] ?? asOf
    const start = full.length > 400 ? 100 - (400 / full.length) * 100 : 0
    const risk = new Map<string, number>()
    life?.risk?.forEach((p, at, all) => {
      if (p !== null) risk.set(before(asOf, 7 * (all.length - 1 - at)), p)
    })
    const places = new Map(days.map((one, at) => [one, at]))
    const at = (one: string | null) => places.get(one ?? '') ?? (one && one > asOf ? days.length - 1 : 0)
    const areas = (life?.stages ?? [])
      .filter((one) => one.end >= first)
      .map((one) => [
        {
          name: maybe(`stage_${one.stage}`, one.stage),
          xAxis: at(one.start),
          itemStyle: { color: STAGE_COLOURS[one.stage] ?? '#888', opacity: 0.13 },
          label: {
            color: STAGE_COLOURS[one.stage] ?? '#888',
            fontSize: 11,
            position: 'insideTop',
            distance: 2,
          },
        },
        { xAxis: Math.min(at(one.end) + 1, days.length - 1) },
      ])
    const marks = [
      ...(life?.warned_on && life.warned_on >= first
        ? [
            {
              xAxis: at(life.warned_on),
              label: { formatter: `⚠ ${t('lf_warned', { day: life.warned_on })}` },
            },
          ]
        : []),
      ...(life?.silent_since && life.silent_since >= first
        ? [
            {
              xAxis: at(life.silent_since),
              label: { formatter: t('lf_silent_since', { day: life.silent_since }) },
            },
          ]
        : []),
    ]
    return {
      animation: false,
      grid: { left: 8, right: 8, top: 62, bottom: paper ? 8 : 44, containLabel: true },
      legend: { top: 0 },
      tooltip: { trigger: 'axis' },
      dataZoom: paper
        ? []
        : [
            { type: 'inside', start },
            { type: 'slider', height: 22, bottom: 8, start },
          ],
      xAxis: { type: 'category', data: days },
      yAxis: [
        { type: 'value', name: t('messages_bars'), minInterval: 1 },
        {
          type: 'value',
          name: t('members_line'),
          minInterval: 1,
          splitLine: { show: false },
          // Room above the line for the names of the stages.
          boundaryGap: [0, '12%'],
        },
        { type: 'value', min: 0, max: 1, show: false },
      ],
      series: [
        {
          type: 'bar',
          name: t('messages_bars'),
          data: full.map((d) => d.messages),
          barCategoryGap: '10%',
          markArea: { silent: true, data: areas },
          markLine: {
            symbol: 'none',
            lineStyle: { color: '#d4527a', type: 'dashed', width: 1.5 },
            label: { color: '#d4527a', position: 'insideEndTop', fontSize: 11 },
            data: marks,
          },
        },
        {
          type: 'line',
          name: t('speakers_line'),
          data: full.map((d) => d.speakers),
          showSymbol: false,
          lineStyle: { width: 1 },
        },
        {
          type: 'line',
          name: t('members_line'),
          yAxisIndex: 1,
          step: 'end',
          data: full.map((d) => d.members || null),
          showSymbol: false,
          areaStyle: { opacity: 0.05 },
        },
        ...(risk.size
          ? [
              {
                type: 'line',
                name: t('lf_risk_line'),
                yAxisIndex: 2,
                data: days.map((d) => risk.get(d) ?? null),
                connectNulls: true,
                showSymbol: false,
                lineStyle: { width: 2 },
                tooltip: { valueFormatter: (n: unknown) => (typeof n === 'number' ? percent(n) : '') },
              },
            ]
          : []),
      ],
    }
  }, [curve, life, asOf, paper, t, maybe])
  return <Chart option={option} height={340} label={`${t('lf_title')} ${day(asOf)}`} />
}

function before(day: string, days: number): string {
  const then = new Date(`${day}T00:00:00Z`)
  then.setUTCDate(then.getUTCDate() - days)
  return then.toISOString().slice(0, 10)
}

/** Days from one day to another. */
function apart(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000)
}

/** Days on which nothing happened are days too, up to the day of the reading. */
function everyDay(curve: GroupDay[], until: string): GroupDay[] {
  const full: GroupDay[] = []
  const fill = (to: string) => {
    const last = full.at(-1)
    if (!last) return
    const next = new Date(`${last.day}T00:00:00Z`)
    for (let n = 0; n < 20_000; n++) {
      next.setUTCDate(next.getUTCDate() + 1)
      const name = next.toISOString().slice(0, 10)
      if (name >= to) break
      full.push({ day: name, members: last.members, joined: 0, left: 0, messages: 0, speakers: 0 })
    }
  }
  for (const one of curve) {
    fill(one.day)
    full.push(one)
  }
  const last = full.at(-1)
  if (last && last.day < until) {
    fill(until)
    full.push({ day: until, members: last.members, joined: 0, left: 0, messages: 0, speakers: 0 })
  }
  return full
}
