/** What the API answers about overlap and plans; `web/overlap.py` and `web/split.py` say the same in Python. */
import type { Num, Reading } from '../types'

export interface GroupName {
  group: number
  name: string
}
export interface OverlapPair {
  a: number
  b: number
  shared: number
  jaccard: Num
  lift: Num
  lift_low: number
  lift_high: number
}
interface CandidateSide extends GroupName {
  members: number
  stage: string | null
  messages: Num
}
export interface Candidate {
  a: CandidateSide
  b: CandidateSide
  shared: number
  merged: number
  fits: boolean
  cap: number
  keeper: number
  jaccard: Num
  messages: Num
  speakers: Num
}
export interface Cluster {
  cluster: number
  groups: GroupName[]
  persons: number | null
  stays: number | null
  inside: Num
}
export interface OverlapAnswer {
  groups: (GroupName & { members: number; cluster: number | null })[]
  pairs: OverlapPair[]
  clusters: Cluster[]
  candidates: Candidate[]
  many: { person: number; name: string; groups_in: number }[]
  memberships: { groups_in: number; persons: number }[]
  population: number | null
  reading: Reading | null
}
export interface MatrixAnswer {
  groups: (GroupName & { members: number; cluster: number })[]
  /** [row, column, shared], each pair once. */
  cells: [number, number, number][]
  population: number | null
  left_out: number
  reading: Reading | null
}

export interface PlanReason {
  code: 'ties' | 'circle' | 'same' | 'leader' | 'seat' | 'room'
  part: number
  whole: number
  what: string | null
}
export interface PlacedPerson {
  person: number
  name: string
  part: number
  leader: boolean
  groups: string
  known: number
  lost: number
  reasons: PlanReason[]
}
export interface SplitPlan {
  cap: number
  parts: { part: number; size: number; leaders: number; ties: number; circles_whole: number }[]
  between: number[][]
  cut: Num
  cut_by_lot: Num
  cut_by_joining: Num
  balance: Num
  circles: Num
  torn: Num
  spread: { key: string; values: { value: string; counts: number[] }[] }[]
  people: PlacedPerson[]
}
export interface Attribute {
  key: string
  kind: 'kind' | 'number'
  known: number
  values: string[]
}
export interface SplitAnswer {
  groups: GroupName[]
  people: number
  attributes: Attribute[]
  plan: SplitPlan | null
  impossible: {
    code: 'no_people' | 'bad_cap' | 'too_many_parts' | 'no_room'
    people: number
    parts: number | null
    cap: number | null
    needed: number | null
  } | null
  reading: Reading | null
}
export interface MergeAnswer {
  groups: GroupName[]
  merge: {
    keeper: number
    because: 'talk' | 'size'
    people: number
    cap: number
    fits: boolean
    needed: number
    doubles: { person: number; name: string }[]
    double_count: number
    invited: { group: number; people: number }[]
    leads: { person: number; name: string; group: number; listeners: number }[]
  } | null
  reading: Reading | null
}
