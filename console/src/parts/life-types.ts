/** What the API tells of a group's life and outcomes. */
import type { Num, Said } from '../types'

export interface Life {
  stage: string
  since: string | null
  warned_on: string | null
  silent_since: string | null
  /** The chance of silence within 30 days at the end of each week, the newest last. */
  risk: (number | null)[] | null
  grade: 'A' | 'B'
  learned_from: 'own' | 'shipped'
  p_silence_30: Num
  p_silence_60: Num
  p_silence_90: Num
  stages: { stage: string; start: string | null; end: string }[]
  drivers: (Said & { key: string; n: number; push: number })[]
  growth: {
    by: string
    error: number | null
    now: number | null
    limit: number | null
    ahead_30: number | null
    ahead_90: number | null
  } | null
  warn: number
  fallback: Said | null
}

export interface Outcome {
  outcome: 'growth' | 'retention' | 'survival' | 'volume'
  grade: 'A' | 'B'
  metric: string
  part: number | null
  whole: number
  low: number | null
  high: number | null
  trend: number | null
  trend_low: number | null
  trend_high: number | null
  peers: number
  peer_rank: number | null
  series: (number | null)[]
}

/** What a page of a group has of these; an older reading has none. */
export interface Lived {
  life?: Life | null
  outcomes?: Outcome[]
  summary?: Said | null
}
