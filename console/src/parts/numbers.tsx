/** A number that says of how many, what it means, and what it is made of. */
import { Tooltip } from 'antd'
import type { ReactNode } from 'react'
import { DASH, ratio, whole } from '../format'
import { useCatalogue, useWriting } from '../here'
import type { MetricCard, Num } from '../types'
import { useWords } from '../words'
import { useFacts } from './facts'

export interface About {
  per: 'group' | 'person' | 'source'
  id: number
  name: string
  /** The days a number looks at, where they are not those of the reading. */
  window?: { start: string; end: string } | undefined
}

export function Explained({ metric, num }: { metric: MetricCard; num?: Num | undefined }) {
  const words = useWords()
  const { t, said } = words
  return (
    <div style={{ maxWidth: 320 }}>
      <strong>{said(metric)}</strong>
      {metric.better !== 'neither' && (
        <span className="muted"> · {t(metric.better === 'higher' ? 'better_higher' : 'better_lower')}</span>
      )}
      <div>{words.language === 'zh' ? metric.definition_zh : metric.definition_en}</div>
      {num && ratio(num) !== null && num.whole !== 1 && num.part !== null && num.whole !== null && (
        <div className="num">
          {num.unit === 'fen' || num.unit === 'seconds'
            ? `÷ ${whole(num.whole)}`
            : t('part_of_whole', { part: rounded(num.part), whole: rounded(num.whole) })}
        </div>
      )}
      {num && ratio(num) === null && <div>{t('unknown')}</div>}
      <div className="muted">{t(metric.grade === 'A' ? 'grade_a' : 'grade_b')}</div>
    </div>
  )
}

const rounded = (n: number) => (Number.isInteger(n) ? whole(n) : n.toFixed(1))

/** One number of the catalogue about something; clicking it opens its facts. */
export function NumCell({ metric, num, about }: { metric: string; num: Num | undefined; about: About }) {
  const names = useCatalogue()
  const write = useWriting()
  const facts = useFacts()
  const card = names.metric(about.per, metric)
  const text = write.num(num)
  const known = text !== DASH
  return (
    <Tooltip
      title={card && <Explained metric={card} num={num} />}
      placement="topRight"
      mouseEnterDelay={0.35}
    >
      {known && card ? (
        <button
          type="button"
          className="num opens"
          style={BARE}
          data-metric={metric}
          onClick={(event) => {
            event.stopPropagation()
            facts.open({ metric: card, about, num })
          }}
        >
          {text}
        </button>
      ) : (
        <span className="num muted">{text}</span>
      )}
    </Tooltip>
  )
}
export const BARE = {
  background: 'none',
  border: 'none',
  borderBottom: '1px dotted currentColor',
  padding: 0,
  font: 'inherit',
  color: 'inherit',
} as const

/** A figure on a tile: large, with what it is under it. */
export function Tile(props: { label: ReactNode; children: ReactNode; hint?: ReactNode }) {
  return (
    <div>
      <div className="muted" style={{ fontSize: 12 }}>
        {props.label}
      </div>
      <div style={{ fontSize: 22, fontWeight: 600, lineHeight: 1.35 }}>{props.children}</div>
      {props.hint && (
        <div className="muted" style={{ fontSize: 12, fontVariantNumeric: 'tabular-nums' }}>
          {props.hint}
        </div>
      )}
    </div>
  )
}
