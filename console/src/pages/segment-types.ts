/** What the pages of segments speak of, and how a rule is changed: every change makes a new rule. */
import type { Said } from '../types'

export interface Group {
  kind: 'all' | 'any'
  rules: Rule[]
}
export interface Opposite {
  kind: 'not'
  rule: Rule
}
export interface Condition {
  kind: string
  [field: string]: unknown
}
export type Rule = Group | Opposite | Condition

export const isGroup = (rule: Rule): rule is Group => rule.kind === 'all' || rule.kind === 'any'
export const isOpposite = (rule: Rule): rule is Opposite => rule.kind === 'not'
export const opposite = (rule: Rule): Rule => (isOpposite(rule) ? rule.rule : { kind: 'not', rule })

export interface Field {
  name: string
  widget: string
  zh: string
  en: string
  optional: boolean
  options?: [string, string, string][]
  minimum?: number
  maximum?: number
  default?: unknown
}
export interface Kind extends Said {
  kind: string
  fields: Field[]
}
export interface Starter extends Said {
  key: string
  why: Said
  rule: Rule
  sentence: Said
}
export interface SegmentCatalogue {
  kinds: Kind[]
  metrics: (Said & { key: string; unit: string })[]
  starters: Starter[]
  id_types: (Said & { key: string })[]
}
export interface Segment {
  segment_id: string
  name: string
  note: string
  rule: Rule
  sentence: Said
  version: number
  state: 'active' | 'archived'
  size: number | null
  fresh: boolean
  built_at: string | null
  kept_at: string | null
  built_seconds: number | null
  trouble: { code: string; message: string; facts: Record<string, unknown> } | null
  used_by: { kind: string; id: string; name: string }[]
  trend: { day: string; size: number }[]
}
export interface Preview {
  size: number
  everybody: number
  counts: Record<string, number>
  steps: Record<string, number>
  sentences: Record<string, Said>
  sample: { person: number; name: string }[]
  seconds: number
  taken_at: string
}
export interface Evidence {
  fact?: string
  at?: string
  body?: Record<string, unknown>
  attribute?: string
  metric?: string
  value?: unknown
  stay?: number
  name?: string
  left?: string | null
  audience?: string
  share?: number
}
export interface Why {
  person: number
  name: string
  counts: boolean
  in: boolean
  reasons: (Said & { place: string; holds: boolean; until: string | null; evidence: Evidence[] })[]
}
export interface Audience {
  audience_id: string
  name: string
  origin: 'segment' | 'upload' | 'query'
  size: number
  created_at: string
  unknown?: string[]
}

/** A rule to begin with is a group, so that there is somewhere to add to. */
export const asGroup = (rule: Rule): Group => (isGroup(rule) ? rule : { kind: 'all', rules: [rule] })

/** Whether a group somewhere in it has nothing in it yet: such a rule cannot be asked. */
export function unfinished(rule: Rule): boolean {
  if (isGroup(rule)) return rule.rules.length === 0 || rule.rules.some(unfinished)
  return isOpposite(rule) ? unfinished(rule.rule) : false
}

const FIRST: Record<string, unknown> = {
  act: 'message.posted',
  days: 7,
  money: 10_000,
  mille: 100,
  skus: [],
  tags: [],
  texts: [],
  groups: [],
  sources: [],
  choices: [],
}

/** A condition of a kind with values to begin with. */
export function begun(kind: Kind): Condition {
  const made: Condition = { kind: kind.kind }
  for (const field of kind.fields) {
    if (field.optional) continue
    if (field.default !== undefined) made[field.name] = field.default
    else if (field.widget === 'choices')
      made[field.name] = field.options?.slice(-1).map((one) => one[0]) ?? []
    else made[field.name] = FIRST[field.widget] ?? ''
  }
  if (kind.kind === 'did') made.days = 30
  return made
}
