/** How numbers, money and instants are written. Pure, so that pages agree. */
import dayjs from 'dayjs'
import relativeTime from 'dayjs/plugin/relativeTime'
import timezone from 'dayjs/plugin/timezone'
import utc from 'dayjs/plugin/utc'
import 'dayjs/locale/zh-cn'
import type { Num } from './types'
import type { Words } from './words'

dayjs.extend(utc)
dayjs.extend(timezone)
dayjs.extend(relativeTime)

export const DASH = '—'

/** part ÷ whole, or null where nobody was counted: unknown is not zero. */
export function ratio(num: Num | undefined): number | null {
  if (!num || num.part === null || !num.whole) return null
  return num.part / num.whole
}

export function whole(n: number): string {
  return Math.round(n).toLocaleString('en-US')
}

export function percent(share: number): string {
  const shown = share * 100
  return `${shown !== 0 && Math.abs(shown) < 10 ? shown.toFixed(1) : Math.round(shown)}%`
}

export function money(fen: number, currency = 'CNY', exact = false): string {
  const sign = currency === 'CNY' ? '¥' : currency === 'USD' ? '$' : currency === 'EUR' ? '€' : `${currency} `
  const amount = fen / 100
  if (!exact && Math.abs(amount) >= 1000) return sign + Math.round(amount).toLocaleString('en-US')
  return sign + amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}

export function duration(seconds: number, words: Words): string {
  if (seconds < 90) return words.t('seconds_unit', { n: Math.round(seconds) })
  if (seconds < 5_400) return words.t('minutes_unit', { n: Math.round(seconds / 60) })
  if (seconds < 172_800) return words.t('hours_unit', { n: (seconds / 3_600).toFixed(1) })
  return words.t('days_unit', { n: (seconds / 86_400).toFixed(1) })
}

export function written(num: Num | undefined, words: Words, currency: string): string {
  const value = ratio(num)
  if (value === null || !num) return DASH
  switch (num.unit) {
    case 'share':
      return percent(value)
    case 'fen':
      return money(value, currency)
    case 'seconds':
      return duration(value, words)
    case 'days':
      return words.t('days_unit', { n: whole(value) })
    case 'mean':
      return value.toFixed(1)
    case 'index':
      return value.toFixed(2)
    default:
      return whole(value)
  }
}

/** Instants of readings come without a zone and are UTC. */
function instant(at: string) {
  return dayjs.utc(/[zZ]|[+-]\d\d:\d\d$/.test(at) ? at : `${at}Z`)
}

export function moment(at: string | null | undefined, zone: string): string {
  return at ? instant(at).tz(zone).format('YYYY-MM-DD HH:mm') : DASH
}

export function day(at: string | null | undefined): string {
  return at ? at.slice(0, 10) : DASH
}

/** The calendar day of an instant where the company is. */
export function dayIn(at: string | null | undefined, zone: string): string {
  return at ? instant(at).tz(zone).format('YYYY-MM-DD') : DASH
}

export function ago(at: string | null | undefined, words: Words): string {
  if (!at) return DASH
  return instant(at)
    .locale(words.language === 'zh' ? 'zh-cn' : 'en')
    .fromNow()
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`
  if (n < 1024 ** 2) return `${(n / 1024).toFixed(0)} KB`
  if (n < 1024 ** 3) return `${(n / 1024 ** 2).toFixed(1)} MB`
  return `${(n / 1024 ** 3).toFixed(2)} GB`
}
