/** What the server says of experiments, attribution and invariants. */
export interface MeasureCard {
  key: string
  zh: string
  en: string
  says_zh: string
  says_en: string
  kind: 'count' | 'fen' | 'share'
  better: 'more' | 'less'
  guard: boolean
  primary: boolean
  past: boolean
}
export type VerdictWord = 'better' | 'worse' | 'cannot_tell' | 'too_few'
export interface Increment {
  arm: string
  effect: number | null
  low: number | null
  high: number | null
  total: number | null
  total_low: number | null
  total_high: number | null
  verdict: VerdictWord
}
export interface ExperimentRow {
  id: string
  name: string
  kind: string
  unit: 'person' | 'group' | 'tree'
  state: string
  running: boolean
  began: string
  ended: string | null
  window_days: number
  shares: Record<string, number>
  ongoing: boolean
}
export interface ExperimentItem extends ExperimentRow {
  summary: {
    as_of: string
    units: number
    people: number
    ratio_p: number
    ratio_alarm: boolean
    progress: number
    worse: string[]
    money: Increment | null
  } | null
}
export interface ExperimentsAnswer {
  items: ExperimentItem[]
  measures: MeasureCard[]
}
export interface Look {
  at: string
  effect: number
  low: number | null
  high: number | null
  always_low: number | null
  always_high: number | null
}
export interface Comparison {
  arm: string
  versus: string
  effect: number | null
  low: number | null
  high: number | null
  always_low: number | null
  always_high: number | null
  relative: number | null
  p: number | null
  role: 'primary' | 'guard' | 'further'
  always_p: number | null
  many_p: number | null
  verdict: VerdictWord
  total: number | null
  total_low: number | null
  total_high: number | null
  variance_cut: number
  least: number | null
  looks: Look[]
}
export interface Measured {
  key: string
  known: boolean
  arms: { arm: string; sum: number; people: number; did: number }[]
  against: Comparison[]
}
export interface Said {
  zh: string
  en: string
}
export interface Rule extends Said {
  key: string
}
export interface ExperimentAnswer extends ExperimentRow {
  measures: MeasureCard[]
  result: {
    as_of: string
    progress: number
    ratio_p: number
    ratio_alarm: boolean
    crossed: number
    mixed: number
    arms: { arm: string; units: number; people: number; meant: number | null }[]
    measures: Measured[]
  } | null
}
export interface AttributedAnswer {
  attributed: (Given & { explained: Said; days: number }) | null
  rules: Rule[]
}
export interface Given {
  label: string
  touches: number
  orders: Record<string, number>
  worth_fen: Record<string, number>
}
export interface GivenRow extends Given {
  name: string
  incremental?: Increment | null
  explained?: Said
}
export interface AttributionAnswer {
  days: number
  lookback_days: number
  orders: number
  worth_fen: number
  touched_orders: number
  touched_worth_fen: number
  by: Record<string, GivenRow[]>
  dimensions: Rule[]
  rules: Rule[]
}
export interface PlanAnswer {
  people: number
  days: number
  effect: number | null
  plans: {
    key: string
    mean: number
    least: number | null
    least_share: number | null
    needed: number | null
  }[]
  measures: MeasureCard[]
}
export interface InvariantRow {
  key: string
  zh: string
  en: string
  says_zh: string
  says_en: string
  run: {
    at: string
    since: string | null
    seconds: number
    looked_at: number
    broken: number
    rows: Record<string, unknown>[]
    trouble: string | null
  } | null
}
export interface InvariantsAnswer {
  items: InvariantRow[]
  people: Record<string, string>
  groups: Record<string, string>
}
