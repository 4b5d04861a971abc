/** What the API tells of talk. */
import type { Metrics, Num, Reading, Said } from '../types'

export type Kind = 'question' | 'answer' | 'sharing' | 'complaint' | 'praise' | 'advert' | 'small_talk'

export interface TalkClass {
  key: Kind
  zh: string
  en: string
  definition_zh: string
  definition_en: string
}
export interface TalkGroup {
  group: number
  name: string
  of: number
  classes: Partial<Record<Kind, { share: Num; people: number; before: Num }>>
  metrics: Metrics
}
export interface Topic {
  topic: number
  words: string[]
  share: Num
  messages_before: number
  people: number
  groups: number
  weeks: number[]
  settled: boolean
}
export interface Flood {
  group: number
  name: string
  kind: 'one_person' | 'one_text' | 'adverts'
  began_us: number
  began_at: string
  messages: number
  people: number
  peak: number
  person: { id: number; name: string } | null
  reasons: Said[]
}
export interface Marks {
  marked: Record<string, number>
  least: number
  learned: string[]
  learned_from: number
}
export interface TalkAnswer {
  classes: TalkClass[]
  total: Partial<Record<Kind, { share: Num; before: Num }>>
  groups: TalkGroup[]
  groups_in_all: number
  topics: Topic[]
  weeks: string[]
  floods: Flood[]
  marks: Marks
  reading: Reading | null
}
export interface Told {
  seq: number
  source_id: string
  happened_at: string
  group: number
  group_name: string
  person: number | null
  name: string
  text: string
  marked: Kind | 'not_advert' | null
  reasons: Said[]
}
