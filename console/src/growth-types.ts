/** What the API answers on cohorts, funnels, launches and referrals. */
import type { Num, Reading, Said } from './types'

export interface ActTold extends Said {
  act: string
}
export interface ActCard extends Said {
  what: string
  narrowed_by: ('name' | 'source' | 'group')[]
  names: { name: string; people: number }[]
}

interface Cell extends Num {
  period: number
}
export interface CohortsAnswer {
  start: ActTold
  back: ActTold
  period: 'week' | 'month'
  days: number
  periods: number
  cohorts: { cohort: string; people: number; cells: Cell[] }[]
  together: Cell[]
  seconds: number
  reading: Reading | null
}

export interface FunnelStep extends ActTold {
  people?: number
  of_first?: Num
  of_before?: Num
  median?: Num
}
export interface FunnelAnswer {
  steps: FunnelStep[]
  leak: number | null
  days: number
  standard: { key: string; steps: string[]; days: number }[]
  seconds: number
  reading: Reading | null
}

export interface PathsAnswer {
  around: ActTold
  items: { steps: ActTold[]; people: Num }[]
  seconds: number
  reading: Reading | null
}

export interface TreeRow {
  root: number
  name: string
  size: number
  depth: number
  widest: number
  bringers: number
  virality: Num
  began_at: string
  last_at: string
  same_source: Num
  same_source_chance: Num
}
export interface TreePerson {
  person: number
  parent: number | null
  root: number
  depth: number
  children: number
  name: string
}
export interface RingRow {
  ring: number
  size: number
  began_at: string
  ended_at: string
  source: number | null
  source_name: string | null
  density: Num
  gone: Num
  evidence: Said[]
}
export interface ForestAnswer {
  forest: {
    people: number
    brought: Num
    bringers: number
    trees: number
    deepest: number
    in_trees: number
    k: Num
    k_low: number | null
    k_high: number | null
    k_by: string
    k_why: string
    exposure: number
    naive: Num
    k_within: Num
    within_days: number
    virality: Num
    cycle: Num
    cycle_seen: Num
    same_source: Num
    same_source_chance: Num
    same_tag: Num
    same_tag_chance: Num
  } | null
  generations: { generation: number; people: number; bringers: number; brought: Num; delay: Num }[]
  steps: { step: string; brought: Num; others: Num }[]
  trees: TreeRow[]
  drawn: TreePerson[]
  rings: RingRow[]
  reading: Reading | null
}

export interface LaunchRow {
  launch: number
  start: string
  peak: string
  end: string
  orders: number
  expected: number
  times: Num
  amount: Num
  extra: Num
  buyers: number
  new_buyers: Num
  announcements: number
  announcements_expected: number
  touches: number
  products: { sku: string; orders: number; expected: number }[]
  days: { day: string; orders: number; usual: number; said: number }[]
  groups: {
    group: number | null
    name: string | null
    orders: number
    expected: number
    amount: Num
    buyers: number
    announcements: number
  }[]
}
export interface LaunchesAnswer {
  items: LaunchRow[]
  reading: Reading | null
}
