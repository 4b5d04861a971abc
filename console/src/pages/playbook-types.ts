/** What the API tells of playbooks. */
import type { NamedBoth } from './task-types'

export type When =
  | { when: 'day'; day: number }
  | { when: 'week'; weekdays: number[]; from_day?: number; until_day?: number | null }
  | { when: 'date'; on: string }
export interface Placed {
  key: string
  when: When
  at: string
  block: { kind: string } & Record<string, unknown>
  personas?: Record<string, string>
  how?: Record<string, string>
  words?: Record<string, string[]>
  attachments?: unknown[]
}
export interface Playbook {
  name: string
  name_en?: string
  group_kind: string
  goal?: string
  goal_en?: string
  anchor?: 'birth' | 'joined'
  days?: number
  blocks: Placed[]
  staff?: Record<string, string>
  holdout?: number
  rules?: { name_has?: string; entrance?: string; group_kind?: string | null; since_us?: number }[]
}
export interface Act {
  key: string
  zh: string
  en: string
  detail: string
  say: string[]
  after_minutes: number
  persona: string
  how: 'task' | 'message'
}
export interface Field {
  widget: 'line' | 'text' | 'lines' | 'number' | 'money' | 'choice'
  zh: string
  en: string
  minimum?: number
  maximum?: number
  maxLength?: number
  maxItems?: number
  enum?: string[]
}
export interface BlockCard {
  kind: string
  zh: string
  en: string
  about_zh: string
  about_en: string
  at: string
  hours: number
  essential: boolean
  material: { zh: string; en: string }[]
  schema: { properties: Record<string, Field> }
  defaults: { kind: string } & Record<string, unknown>
  acts: Act[]
}
export interface Catalogue {
  blocks: BlockCard[]
  personas: (NamedBoth & { voice_zh: string; voice_en: string })[]
  group_kinds: (NamedBoth & { about_zh: string; about_en: string })[]
  ready: { key: string; playbook: Playbook }[]
  outcomes: (NamedBoth & { better: 'higher' | 'lower' })[]
}
export type State = 'draft' | 'running' | 'paused' | 'stopped'
export interface Listed {
  campaign_id: string
  name: string
  name_en: string
  group_kind: string
  goal: string
  days: number
  state: State
  version: number
  changed: string
  size: number
  runs: Record<string, number>
  blocks: Record<string, number>
}
export interface OnePlaybook extends Listed {
  playbook: Playbook
}
export interface Preview {
  groups: { group: number; name: string }[]
  total: number
  blocks: number
  tasks: number
  messages: number
  by_staff: { staff: string; tasks: number }[]
  collisions: { group: number; name: string; block: string; other: string }[]
  over: { group: number; name: string }[]
}
export interface Cell {
  block: string
  day: string
  on: string
  state: 'planned' | 'open' | 'late' | 'done' | 'skipped'
  reason: string | null
  begins_us: number
  moved: boolean
}
export interface RunRow {
  group: number
  name: string
  state: 'running' | 'paused' | 'ended'
  first_day: string
  owner: string | null
  staff: Record<string, string>
  cells: Cell[]
}
export interface Matrix {
  now_us: number
  first: string
  days: number
  total: number
  blocks: NamedBoth[]
  rows: RunRow[]
  next: string | null
}
export interface Effect {
  key: string
  better: 'higher' | 'lower'
  verdict: 'more' | 'less' | 'cannot_tell'
  times: number
  groups: number
  controls: number
  after: number | null
  before: number | null
  difference: number | null
  low: number | null
  high: number | null
  against: 'groups_without' | 'own_past'
}
export interface Measured {
  outcomes: Effect[]
  held: number
  measured: string
}
export interface RecordAnswer {
  least_groups: number
  blocks: {
    key: string
    kind: string
    zh: string
    en: string
    states: Record<string, number>
    reasons: Record<string, number>
    here: Measured | null
    everywhere: Measured | null
  }[]
}
