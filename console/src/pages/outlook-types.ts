/** What `web/outlook.py` answers. */
import type { Num, PersonAnswer, PersonRow, Reading } from '../types'

export interface ModelRow {
  of: 'orders' | 'money'
  model: string
  spoke: boolean
  why: string
  parameters: { name: string; value: number; low: number; high: number }[]
  people: number
  again: number
  fitted_to: number | null
  held_out_days: number | null
  held_out_people: number | null
  predicted: number | null
  came: number | null
  increment_error: number | null
  mean_error: number | null
  mean_error_of_none: number | null
  capture: number | null
  best_capture: number | null
  total_90d: number | null
  total_90d_low: number | null
  total_90d_high: number | null
}
export interface Horizon {
  days: number
  orders: number | null
  orders_low: number | null
  orders_high: number | null
  money_fen: number | null
  money_low_fen: number | null
  money_high_fen: number | null
}
export interface ForecastAnswer {
  orders_before: number
  orders_by: string
  why_orders: string
  money_by: string
  why_money: string
  active_chance: number | null
  usual_gap_days: number | null
  gap_days: number
  slips_after_days: number | null
  slipping: boolean | null
  paid_365d_fen: number
  horizons: Horizon[]
  tests: ModelRow[]
}
export interface Offer {
  rank: number
  sku: string
  kind: 'again' | 'new'
  by: string
  times: number
  last_on: string | null
  because: string | null
  both: number | null
  because_buyers: number | null
  buyers: number
  again_share: number
}
export interface Interest {
  rank: number
  interest: string
  share: number
  need: boolean
  last_on: string
  tagged: number
  bought: number
  looked: number
  followed: number
  spoke: number
}
export interface StandingAnswer {
  role: string | null
  answered_by: number
  answered_by_before: number
  helped: number
  brought: number
  adverts: number
  said: number
}
export interface PersonOutlook extends PersonAnswer {
  forecast: ForecastAnswer | null
  offers: Offer[]
  interests: Interest[]
  standing: StandingAnswer | null
}
export interface ListedPerson extends PersonRow {
  slipping: boolean | null
}
export interface ModelsAnswer {
  models: ModelRow[]
  slipping: Num
  people: number
  reading: Reading | null
}
export interface SeedsAnswer {
  items: {
    group: number | null
    name: string | null
    seed: boolean
    members: number
    stayed: Num
    spoke: Num
    bought: Num
    brought: Num
  }[]
  reading: Reading | null
}
