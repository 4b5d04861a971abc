/** What the API says of journeys. */
import type { Num, Said } from '../types'
import type { Message, Purpose } from './broadcast-types'

export type Value = string | number | boolean | null
export interface Where {
  field: string
  op: 'is' | 'is_not' | 'at_least' | 'at_most' | 'contains' | 'known'
  value: Value
}
export interface Happening {
  fact: string
  where: Where[]
}
/** A step or a trigger as it is drawn: which fields it has is said by its kind. */
export interface Step {
  kind: string
  id: string
  next?: string | null
  yes?: string | null
  no?: string | null
  to?: string
  message?: Message
  happening?: Happening | null
  segment?: string | null
  arms?: { name: string; share: number; next?: string | null }[]
  [field: string]: unknown
}
export interface Trigger {
  kind: string
  happening?: Happening
  [field: string]: unknown
}
export interface Drawing {
  triggers: Trigger[]
  steps: Step[]
  purpose: Purpose
  goal: { happening: Happening; days: number } | null
  exit: 'on_goal' | 'on_trigger_gone' | 'on_both' | 'only_at_end'
  again: { rule: 'once' | 'every_time' | 'cooldown' | 'per_entity'; days: number; field: string }
  most_a_day: number | null
  most: number | null
  holdout: number
  begins: string | null
  ends: string | null
}
export interface Wrong extends Said {
  at: string
}
export interface StepCounts {
  in: number
  waiting: number
  ways: Record<string, number>
  left: Record<string, number>
  not_said: Record<string, number>
  plain: number
  dwell_s: { part: number; whole: number }
  messages: { state: string; reason: string; n: number; said: Said | null }[]
}
export interface Says {
  steps: Record<
    string,
    { said: Said; title: Said; icon: string; ways: { way: string; to: string | null; said: Said }[] }
  >
  triggers: Said[]
}
export interface Listed {
  journey: string
  name: string
  state: 'draft' | 'live' | 'paused' | 'stopped'
  version: number
  live: number
  has_draft: boolean
  changed_us: number
  entered: number
  inside: number
  held_out: number
  goal: { part: number; whole: number }
  goal_held_out: { part: number; whole: number }
  proposed: number
  refused: number
  triggers: Said[]
}
export interface Whole extends Listed {
  drawing: Drawing
  running: Drawing | null
  wrong: Wrong[]
  says: Says
  steps: Record<string, StepCounts>
  versions: { version: number; published_us: number; by: string; note: string; steps: number }[]
}
export interface Moving {
  step: string
  waiting: number
  to: string | null
  /** What the step says in the version that runs. */
  said: Said
}
export interface Check {
  wrong: Wrong[]
  says: Says
  moving: Moving[]
}
export interface Kinds {
  steps: (Said & { key: string; icon: string; rests: boolean })[]
  triggers: (Said & { key: string })[]
  facts: (Said & { key: string; fields: string[] })[]
  templates: (Said & { key: string; about_zh: string; about_en: string })[]
}
export interface Trial {
  passed: {
    at_us: number
    step: string
    way: string
    says: string
    outcome: string
    said: Said
    way_said: Said
    reason_said: Said | null
  }[]
  how: string
  turned_away: string
  at: string
}
export interface Rehearsed {
  facts: number
  entered: number
  held_out: number
  turned_away: Record<string, number>
  inside: number
  goal: { part: number; whole: number }
  admitted: number
  plain: number
  refused: number
  waiting: number
  messages: { step: string; outcome: string; reason: string; n: number; said: Said | null }[]
  load: { hour_us: number; messages: number; confirmations: number; tasks: number }[]
  shown: {
    at_us: number
    person: number
    name: string
    step: string
    outcome: 'admitted' | 'refused' | 'waiting'
    reason_said: Said | null
    text: string
  }[]
  assumed: Said[]
}
export const share = (of: { part: number; whole: number }): Num =>
  ({ part: of.part, whole: of.whole, unit: 'share' }) as Num
export const iso = (us: number) => new Date(us / 1000).toISOString()
