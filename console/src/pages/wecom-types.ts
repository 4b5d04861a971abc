/** What `/api/wecom…` answers; `web/wecom.py` and `web/wecom_health.py` say the same in Python. */
export interface Check {
  key: string
  state: 'ok' | 'failed' | 'unknown'
  code: string
  facts: { ip?: string; staff?: number; required?: boolean; errmsg?: string; hint?: string; why?: string }
}
export interface WeComAnswer {
  connection: {
    corpid: string
    agentid: number
    base_url: string
    secret_end: string
    archive: boolean
    archive_secret_end: string
    archive_url: string
    created_at: string
  } | null
  sealed: boolean
  draft: { corpid: string; agentid: number; base_url: string; public_url: string }
  official: string
  callback_url: string
  own_address: string
  checks: Check[] | null
  checked_at: string | null
  owner: boolean
}
export interface Counted {
  what: string
  times: number
}
export interface Failure {
  seq: number
  event: string
  change: string
  at: string
  state: 'failed' | 'unknown'
  reason: string | null
}
export interface Usage {
  endpoint: string
  this_minute: number
  per_minute: number
  this_hour: number
  per_hour: number
  calls: number
  failed: number
  blocked_until: string | null
  last_error: number | null
  last_error_at: string | null
  last_hint: string
}
export interface Sync {
  running: boolean
  asked: boolean
  zh: string
  en: string
  steps_done: number
  steps: number
  fraction: number
  done: number
  of: number | null
  seconds_left: number | null
  last: {
    at: string
    seconds: number
    facts: number
    inferred: number
    skipped: number
    skips: { step: string; of: string; code: string; says: string }[]
  } | null
  known: { staff?: number; contacts?: number; groups?: number; members?: number; tags?: number }
  forecast_seconds: number | null
  troubles: {
    what: string
    code: string
    says: string
    times: number
    since: string
    again_at: string | null
  }[]
}
export interface Health {
  callbacks: {
    verified_at: string | null
    last_at: string | null
    lag_seconds: number | null
    waiting: number
    waiting_since: string | null
    failed: number
    unknown: number
    again: number
    events: Counted[]
    refused: Counted[]
    welcomes: Counted[]
    failures: Failure[]
  }
  usage: Usage[]
  sync: Sync
  archive: boolean
}
export interface Company {
  corp_id: string
  name: string
  demo: boolean
  corpid: string | null
  state: 'none' | 'begun' | 'ok' | 'failed'
  contacts: number | null
}
