/** What the API answers; the server's modules under `web/` say the same in Python. */

/** part ÷ whole; nobody knows where whole is 0 or null. */
export interface Num {
  part: number | null
  whole: number | null
  unit: Unit
}
export type Unit = 'count' | 'share' | 'seconds' | 'days' | 'fen' | 'mean' | 'index'
export type Metrics = Record<string, Num>

export interface Said {
  zh: string
  en: string
}

export interface Reading {
  reading_id: string
  as_of: string
  through: number
  time_zone: string
  window_days: number
  seconds: number
  start: string
  end: string
  stale: boolean
}

export interface Corp {
  corp_id: string
  name: string
  demo: boolean
  time_zone: string
  currency: string
  has_facts: boolean
  language: Language
}
export type Language = 'zh' | 'en'

export type Me =
  | { state: 'first_visit' | 'signed_out'; demo: boolean }
  | {
      state: 'signed_in'
      csrf: string
      account: { name: string; email: string; role: string; language: Language } | null
      corp: Corp
      corps: { corp_id: string; name: string; demo: boolean }[]
      has_accounts: boolean
    }
export type SignedIn = Extract<Me, { state: 'signed_in' }>

export interface MetricCard {
  key: string
  per: 'group' | 'person' | 'source'
  zh: string
  en: string
  definition_zh: string
  definition_en: string
  formula: string
  unit: Unit
  better: 'higher' | 'lower' | 'neither'
  grade: 'A' | 'B'
  source: string
  kinds: string[]
  looks_back: number | null
}
export interface Field {
  key: string
  zh: string
  en: string
  required: boolean
}
export interface Catalogue {
  metrics: MetricCard[]
  detectors: {
    key: string
    zh: string
    en: string
    entity: string
    todo_zh: string
    todo_en: string
  }[]
  kinds: { kind: string; zh: string; en: string }[]
  group_kinds: { key: string; zh: string; en: string }[]
  formats: { key: string; zh: string; en: string; fields: Field[] }[]
  rungs: { key: string; zh: string; en: string }[]
}

export interface Finding {
  key: string
  detector: string
  entity: 'group' | 'person' | 'source'
  entity_id: number
  period: string
  severity: 1 | 2 | 3
  worth: number
  evidence: Said[]
  todo_zh: string
  todo_en: string
  name: string
  other: { id: number; name: string } | null
}

/** What goes on behind the server. */
export interface Work {
  jobs: Record<string, Job>
  reading: string | null
  /** Whether the past day that is looked at was read. */
  day_read: boolean
}
export interface Job {
  fraction: number
  zh: string
  en: string
  seconds: number
}

export interface Day {
  day: string
  messages: number
  speakers: number
  joined: number
  left: number
  orders: number
  revenue_fen: number
}
export interface SourceRow {
  source: number
  name: string
  metrics: Metrics
}
export interface OverviewAnswer {
  reading: Reading | null
  jobs: Record<string, Job>
  facts: number
  totals: Record<
    'groups' | 'living_groups' | 'members' | 'persons' | 'messages_30d' | 'active_30d' | 'buyers' | 'money',
    Num
  >
  ladder: { rung: string; persons: number; whole: number }[]
  stages: { stage: string; groups: number }[]
  days: Day[]
  findings: Finding[]
  finding_counts: { detector: string; findings: number }[]
  sources: SourceRow[]
}

export interface Page<T> {
  items: T[]
  next: string | null
  total: number
  reading: Reading | null
}
/** `kind` is what was said of the group or, where nothing was (`kind_said`), what its name sounds like (`kind_guess`). */
export interface GroupKind {
  kind: string
  kind_said: boolean
  kind_guess: string
}

export interface GroupRow extends GroupKind {
  group: number
  name: string
  stage: string
  health: string
  sickness: number
  weeks: number[]
  grade: 'A' | 'B'
  last_spoke_on: string | null
  metrics: Metrics
  findings: { detector: string; severity: 1 | 2 | 3 }[]
}
export interface GroupPerson {
  person: number
  name: string
  messages: number
  messages_before: number
  replies_received: number
  listeners: number
  pagerank: number
  core: number
  circle: number | null
  role: string
  trend: number
  joined_on: string | null
  last_spoke_at: string | null
  here: boolean
  new: boolean
}
export interface Edge {
  a: number
  b: number
  weight: number
}
export interface Circle {
  circle: number
  size: number
  label: string
  members: { person: number; name: string }[]
}
export interface GroupDay {
  day: string
  members: number
  joined: number
  left: number
  messages: number
  speakers: number
}
export interface GroupAnswer {
  group: GroupKind & {
    group: number
    name: string
    outer_id: string
    platform: string
    owner_name: string | null
    created_at: string | null
    dismissed_at: string | null
    stage: string | null
    health: string | null
    grade: 'A' | 'B' | null
    sickness: number | null
    stage_evidence: Said[]
    first_day: string | null
    last_spoke_on: string | null
    weeks: number[] | null
  }
  reading: Reading | null
  window?: { start: string; end: string }
  metrics: Metrics
  curve?: GroupDay[]
  leaders?: GroupPerson[]
  people?: GroupPerson[]
  edges?: Edge[]
  circles?: Circle[]
  overlap?: { group: number; name: string; shared: number; members: number; jaccard: Num }[]
  newcomers?: { people: GroupPerson[] }
  findings?: Finding[]
}
export interface Message {
  seq: number
  source_id: string
  happened_at: string
  person: number | null
  name: string
  text: string
  advert_score: number | null
  marked: boolean | null
}
export interface PersonRow {
  person: number
  name: string
  rung: string
  rfm_cell: string | null
  offer_rung: { rung: number; zh: string; en: string } | null
  role: string | null
  source: number | null
  source_name: string | null
  first_seen_at: string | null
  last_seen_at: string | null
  metrics: Metrics
}
export interface Happening extends Said {
  seq: number
  happened_at: string
  kind: string
  facts: Record<string, unknown>
}
export interface PersonAnswer {
  person: Omit<PersonRow, 'metrics' | 'rung'> & {
    attributes: Record<string, unknown>
    ids: { handle: number; type: string; value: string }[]
    staff: boolean
    erased: boolean
    rung: string | null
    rung_reasons: (Said & { met?: boolean })[]
    next_rung_missing: Said[]
  }
  /** What journeys gave; null where they gave nothing. */
  points: number | null
  metrics: Metrics
  groups: {
    group: number
    name: string
    messages: number
    replies_received: number
    core: number
    role: string
    joined_on: string | null
    last_spoke_at: string | null
    here: boolean
  }[]
  orders: {
    happened_at: string
    kind: string
    order: string
    amount_fen: number
    lines?: { sku: string; qty: number; amount_fen: number }[]
  }[]
  timeline: Happening[]
  next: string | null
  reading: Reading | null
}
export interface FactRow {
  seq: number
  kind: string
  happened_at: string
  source_id: string
  origin: string
  body: Record<string, unknown>
  names: Record<string, string | string[]>
}
export interface FactsAnswer {
  items: FactRow[]
  next: string | null
  total: number | null
  definition: {
    zh: string
    en: string
    formula: string
    source: string
    from: string | null
    to: string | null
  } | null
}
export interface Preview {
  format: string
  confidence: number
  encoding: string
  delimiter: string
  columns: string[]
  mapping: Record<string, string>
  options: Record<string, string | number | boolean>
  fields: Field[]
  missing: string[]
  rows: {
    raw: Record<string, unknown>
    understood?: Record<string, unknown>[] | Record<string, unknown>
    reject?: { code: string; reason: Record<string, unknown> }
  }[]
  will_accept: number
  will_reject: number
  sampled: number
  codes: Record<string, number>
}
export interface Import {
  import_id: string
  file_name: string
  format: string
  state: 'mapping' | 'queued' | 'running' | 'finished' | 'failed' | 'cancelled'
  bytes_total: number
  bytes_done: number
  rows_done: number
  accepted: number
  duplicates: number
  rejected: number
  created_at: string
  finished_at: string | null
  error: string | null
  progress: number
  preview?: Preview | null
}
export interface Reject {
  reject_id: number
  position: number
  raw: Record<string, unknown>
  code: string
  reason: Record<string, unknown>
  received_at: string
  origin: string
}
