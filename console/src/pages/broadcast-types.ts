/** What the API says of broadcasts and launches. */
import type { Said } from '../types'

export type Attachment =
  | { type: 'image'; file: string }
  | { type: 'file'; file: string }
  | { type: 'video'; file: string }
  | { type: 'link'; title: string; url: string; description: string; picture_url: string }
  | { type: 'mini_program'; title: string; appid: string; page: string; cover: string }
export interface Message {
  text: string
  attachments: Attachment[]
}
export interface Finding extends Said {
  check: { key: string; zh: string; en: string; basis: string }
  severity: 'stop' | 'warn' | 'hint'
  where: string
  start: number
  end: number
  quote: string
  todo: Said
}
export interface Checked {
  findings: Finding[]
  example: Message
  lines: number
  bytes: number
}
export interface ToPersons {
  type: 'persons'
  everyone: boolean
  segments: string[]
  audiences: string[]
  persons: number[]
  without_segments: string[]
  not_ordered_since: string | null
}
export interface ToGroups {
  type: 'groups'
  everyone: boolean
  groups: number[]
  stages: string[]
}
export type Whom = ToPersons | ToGroups
export interface Variant {
  name: string
  message: Message
  share: number
}
export type Goal = 'order' | 'reply' | 'click' | 'visit'
export interface Plan {
  whom: Whom
  variants: Variant[]
  goal: { what: Goal; days: number; planned_orders: number | null; planned_fen: number | null }
  when: { kind: 'now' | 'at' | 'best'; at: string | null }
  sender: string | null
  words: Words
  holdout: number
  lasts_hours: number
  worth_fen: number
  launch?: string | null
  wave?: string
}
export const WORDS = ['auto', 'personal', 'one'] as const
/** Whether each gets words of their own, a tap each, or all the plain ones. */
export type Words = (typeof WORDS)[number]
export type Purpose = 'sell' | 'give' | 'care' | 'service'
export type State = 'draft' | 'approved' | 'scheduled' | 'proposing' | 'sending' | 'done' | 'cancelled'
export const COUNTED = ['proposed', 'admitted', 'refused', 'tasked', 'sent', 'delivered', 'failed'] as const
export type Counts = Record<(typeof COUNTED)[number], number>
export interface Listed {
  campaign_id: string
  name: string
  purpose: Purpose
  state: State
  channel: 'contact' | 'group'
  launch: string | null
  wave: string
  begins_at: string | null
  changed_at: string
  audience: number | null
  held_out: number | null
  text: string
  counts: Counts
}
export interface Broadcast {
  campaign_id: string
  name: string
  purpose: Purpose
  state: State
  version: number
  channel: 'contact' | 'group'
  plan: Plan
  approved_by: string
  changed_at: string
  begins_at: string | null
  ends_at: string | null
  progress: { audience: number; done: number; held_out: number; proposed: number; plain: number } | null
}
export interface Detail extends Broadcast {
  counts: Counts
  reasons: (Said & { state: string; reason: string; times: number })[]
  arms: (Counts & { arm: string })[]
  staff: StaffPart[]
  samples: { arm: string; message: Message }[]
}
export interface StaffPart {
  userid: string
  name: string
  waiting: number
  tasks: number
  since: string | null
  delivered: number
  failed: number
  nudged: number
}
export interface Why extends Said {
  reason: string
  times: number
  until: string | null
}
export interface Preflight {
  version: number
  audience: number
  judged: number
  sampled: boolean
  go: number
  held_out: number
  arms: { arm: string; times: number }[]
  refused: Why[]
  postponed: Why[]
  missing: { variable: string; times: number }[]
  staff: {
    userid: string
    name: string
    recipients: number
    tasks: number
    tasks_personal: number
    plain: number
  }[]
  staff_limit: number
  personal_taps: number
  plain: number
  without_plain: string[]
  texts: number
  attention: number
  seen_by: number
  sent_this_month: number
  month_limit: number | null
  stops: boolean
  findings: { arm: string; findings: Finding[] }[]
  samples: {
    unit: number
    name: string
    arm: string
    message: Message | null
    outcome: string
    zh: string | null
    en: string | null
  }[]
}
export interface Variable extends Said {
  key: string
  of: 'person' | 'group' | 'both'
  example: string
  fallback: string
}
export interface Options {
  segments: { key: string; name: string; size: number | null }[]
  audiences: { key: string; name: string; size: number }[]
  groups: { group: number; name: string }[]
  staff: { userid: string; name: string }[]
  variables: Variable[]
  waves: (Said & { key: string; days: number; hour: number })[]
}
export interface Recipient {
  person: number | null
  group: number | null
  name: string
  arm: string
  state: string
  reason: string | null
  zh: string | null
  en: string | null
  moved_at: string
  sender_name: string | null
}
export interface Sum {
  acts: number
  people: number
  amount_fen: number
}
export interface Results {
  goal: { what: Goal; days: number }
  total: Sum
  arms: (Sum & { arm: string; told: number })[]
  days: (Sum & { day: string })[]
}
export interface LaunchRow {
  campaign_id: string
  name: string
  state: 'draft' | 'running' | 'done' | 'cancelled'
  version: number
  goods: string
  opens_at: string
  channel: 'contact' | 'group'
  steps: { key: string; state: State; campaign_id: string }[]
  planned_orders: number | null
  planned_fen: number | null
}
export interface LaunchDetail extends LaunchRow {
  waves: (Listed & Sum & { planned_orders: number | null; planned_fen: number | null })[]
  total: Sum
  days: (Sum & { day: string })[]
  groups: (Sum & { group: number; name: string })[]
  texts: (Sum & { wave: string; arm: string; text: string })[]
  people: (Sum & { person: number; name: string; wave: string; at: string })[]
}
