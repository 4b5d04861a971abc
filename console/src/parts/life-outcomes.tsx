/** Four outcomes beside each other, each with how sure it is, where it goes and its place among groups like it. */
import { Card, Empty, Tag, Tooltip } from 'antd'
import { useMemo } from 'react'
import { DASH, percent } from '../format'
import { useCatalogue } from '../here'
import { useWords } from '../words'
import { Chart, COLOURS } from './chart'
import { LifeTools } from './life-tools'
import type { Outcome } from './life-types'
import { type About, Explained, NumCell } from './numbers'

const ORDER = ['growth', 'retention', 'survival', 'volume'] as const

export function OutcomesCard({ outcomes, about }: { outcomes: Outcome[] | undefined; about: About }) {
  const { t } = useWords()
  const id = `outcomes-${about.id}`
  return (
    <Card
      id={id}
      title={t('lf_out_title')}
      extra={<LifeTools of={id} csv={`/api/groups/${about.id}/outcomes.csv`} />}
      data-testid="outcomes"
    >
      <p className="muted" style={{ marginTop: 0 }}>
        {t('lf_out_hint')}
      </p>
      {!outcomes?.length && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('lf_old')} />}
      <div className="grid outcomes">
        {outcomes &&
          outcomes.length > 0 &&
          ORDER.map((outcome, at) => (
            <div key={outcome} className="stack" style={{ gap: 10 }}>
              <strong style={{ color: COLOURS[at] }}>{t(`lf_${outcome}_name`)}</strong>
              {outcomes
                .filter((one) => one.outcome === outcome)
                .map((one) => (
                  <One key={one.grade} outcome={one} about={about} colour={COLOURS[at] ?? '#0f9d8a'} />
                ))}
            </div>
          ))}
      </div>
    </Card>
  )
}

function One({ outcome, about, colour }: { outcome: Outcome; about: About; colour: string }) {
  const words = useWords()
  const { t, said } = words
  const names = useCatalogue()
  const card = names.metric('group', outcome.metric)
  const written = (value: number) => (outcome.outcome === 'volume' ? value.toFixed(1) : percent(value))
  const num = { part: outcome.part, whole: outcome.whole, unit: card?.unit ?? 'share' }
  const known = outcome.whole > 0
  return (
    <div data-outcome={`${outcome.outcome}-${outcome.grade}`}>
      <div className="row" style={{ gap: 6 }}>
        <Tooltip title={card && <Explained metric={card} num={num} />}>
          <span className="muted" style={{ fontSize: 12 }}>
            {card ? said(card) : outcome.metric}
          </span>
        </Tooltip>
        <Tooltip title={t(outcome.grade === 'A' ? 'grade_a' : 'grade_b')}>
          <Tag style={{ marginInlineEnd: 0 }}>{outcome.grade}</Tag>
        </Tooltip>
      </div>
      <div className="row" style={{ gap: 8, alignItems: 'baseline' }}>
        <span style={{ fontSize: 22, fontWeight: 600 }}>
          <NumCell metric={outcome.metric} num={num} about={about} />
        </span>
        {known && outcome.low !== null && outcome.high !== null && (
          <span className="muted num" style={{ fontSize: 12 }}>
            {`(${written(outcome.low)} – ${written(outcome.high)})`}
          </span>
        )}
      </div>
      {known && <Line outcome={outcome} colour={colour} written={written} label={card ? said(card) : ''} />}
      <div style={{ fontSize: 12, fontVariantNumeric: 'tabular-nums' }}>
        <Trend outcome={outcome} />
      </div>
      {known && (
        <Tooltip title={t('lf_peers_hint')}>
          <div className="muted num" style={{ fontSize: 12 }}>
            {outcome.peer_rank === null
              ? t('lf_peers_few', { n: outcome.peers })
              : t('lf_peers', { n: outcome.peer_rank, of: outcome.peers + 1 })}
          </div>
        </Tooltip>
      )}
    </div>
  )
}

/** Green or red only where it cannot be chance. */
function Trend({ outcome }: { outcome: Outcome }) {
  const { t } = useWords()
  const { trend, trend_low: low, trend_high: high } = outcome
  if (trend === null || low === null || high === null)
    return <span className="muted">{t('lf_trend_none')}</span>
  const signed = (n: number) => `${n > 0 ? '+' : ''}${percent(n)}`
  const sure = low > 0 || high < 0
  return (
    <span style={{ color: sure ? (trend > 0 ? '#2f9e62' : '#d4527a') : undefined }}>
      {`${trend > 0 ? '↑' : trend < 0 ? '↓' : '→'} ${t('lf_trend', { n: signed(trend) })}`}
      <span className="muted">{` (${signed(low)} – ${signed(high)})${sure ? '' : t('lf_flat')}`}</span>
    </span>
  )
}

function Line(props: { outcome: Outcome; colour: string; label: string; written: (n: number) => string }) {
  const { outcome, colour, label, written } = props
  const option = useMemo(
    () => ({
      animation: false,
      grid: { left: 4, right: 4, top: 6, bottom: 4 },
      tooltip: {
        trigger: 'axis',
        valueFormatter: (n: unknown) => (typeof n === 'number' ? written(n) : DASH),
      },
      xAxis: {
        type: 'category',
        show: false,
        data: outcome.series.map((_, at) => `−${(outcome.series.length - 1 - at) * 30} d`),
      },
      yAxis: { type: 'value', show: false, scale: outcome.outcome !== 'volume' },
      series: [
        {
          type: 'line',
          name: label,
          data: outcome.series,
          symbolSize: 5,
          lineStyle: { color: colour, width: 2 },
          itemStyle: { color: colour },
          areaStyle: { color: colour, opacity: 0.1 },
        },
      ],
    }),
    [outcome, colour, label, written],
  )
  return <Chart option={option} height={54} label={label} />
}
