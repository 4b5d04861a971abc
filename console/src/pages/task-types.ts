/** What the API tells of tasks. */
export interface StaffMember {
  userid: string
  name: string
  gone: boolean
}
export interface Sayings {
  text: string
  attachments: { type: string }[]
}
export interface TaskRow {
  task_id: string
  kind: 'marketing' | 'sales' | 'service'
  title: string
  detail: string
  role: string
  say: Sayings | null
  staff: { userid: string; name: string } | null
  group: { group: number; name: string } | null
  person: { person: number; name: string } | null
  campaign_id: string | null
  step: string
  state: 'opened' | 'late' | 'done' | 'skipped'
  reason: string | null
  due: string
  due_us: number
  late: boolean
  moved: string
}
export interface TaskPage {
  items: TaskRow[]
  next: string | null
}
export interface OneTask extends TaskRow {
  notes: { what: string; text: string; who: string; at: string }[]
  guests: { person: number; name: string; role: string | null; listeners: number }[]
}
export interface NamedBoth {
  key: string
  zh: string
  en: string
}
export interface Load {
  userid: string
  name: string
  gone: boolean
  groups: number
  waiting: number
  late: number
  done: number
  too_many: boolean
}
export interface Board {
  now_us: number
  me: string | null
  kinds: NamedBoth[]
  personas: NamedBoth[]
  staff: StaffMember[]
  counts: { staff: string; kind: string; state: string; times: number }[]
  to_confirm: {
    sender: string | null
    campaign_id: string
    channel: string
    name: string | null
    kind: string | null
    recipients: number
    since: string
  }[]
  coverage: {
    groups: number
    unassigned: number
    alone: { group: number; name: string }[]
    alone_total: number
    loads: Load[]
  }
}
