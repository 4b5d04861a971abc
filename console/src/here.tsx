/** Who is signed in, which company is looked at, what everything is called. */
import { useQuery } from '@tanstack/react-query'
import { createContext, useContext, useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { get } from './api'
import { moment, written } from './format'
import type { Catalogue, MetricCard, Num, SignedIn } from './types'
import { useWords, type Words } from './words'

const Signed = createContext<SignedIn | null>(null)
export const SignedProvider = Signed.Provider

export function useHere(): SignedIn {
  const me = useContext(Signed)
  if (!me) throw new Error('used outside of a session')
  return me
}

export function useCatalogue() {
  const { data } = useQuery({
    queryKey: ['catalogue'],
    queryFn: () => get<Catalogue>('/api/catalogue'),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const words = useWords()
  return useMemo(() => {
    const metrics = new Map<string, MetricCard>(data?.metrics.map((m) => [`${m.per}.${m.key}`, m]))
    const detectors = new Map(data?.detectors.map((d) => [d.key, d]))
    const kinds = new Map(data?.kinds.map((k) => [k.kind, k]))
    const groupKinds = new Map(data?.group_kinds.map((k) => [k.key, k]))
    const formats = new Map(data?.formats.map((f) => [f.key, f]))
    const called = (entry: { zh: string; en: string } | undefined, key: string) =>
      entry ? words.said(entry) : key
    return {
      loaded: data !== undefined,
      all: data,
      metric: (per: string, key: string) => metrics.get(`${per}.${key}`),
      metricsPer: (per: string) => data?.metrics.filter((m) => m.per === per) ?? [],
      metricName: (per: string, key: string) => called(metrics.get(`${per}.${key}`), key),
      detectorName: (key: string) => called(detectors.get(key), key),
      kindName: (key: string) => called(kinds.get(key), key),
      groupKindName: (key: string) => called(groupKinds.get(key), key),
      formatName: (key: string) => called(formats.get(key), key),
      format: (key: string) => formats.get(key),
    }
  }, [data, words])
}
export type Names = ReturnType<typeof useCatalogue>

/** How this company writes things. */
export function useWriting() {
  const words = useWords()
  const { corp } = useHere()
  return useMemo(
    () => ({
      num: (num: Num | undefined) => written(num, words, corp.currency),
      moment: (at: string | null | undefined) => moment(at, corp.time_zone),
      zone: corp.time_zone,
      currency: corp.currency,
    }),
    [words, corp.currency, corp.time_zone],
  )
}

/** What a page is narrowed to, kept in its address. */
export function useAddress() {
  const [search, setSearch] = useSearchParams()
  return useMemo(
    () => ({
      get: (key: string) => search.get(key) ?? undefined,
      number: (key: string) => {
        const value = Number(search.get(key))
        return search.get(key) !== null && Number.isFinite(value) ? value : undefined
      },
      set: (changes: Record<string, string | number | null | undefined>) =>
        setSearch(
          (before) => {
            const next = new URLSearchParams(before)
            for (const [key, value] of Object.entries(changes)) {
              if (value === null || value === undefined || value === '') next.delete(key)
              else next.set(key, String(value))
            }
            return next
          },
          { replace: true },
        ),
    }),
    [search, setSearch],
  )
}

export function choices(keys: readonly string[], prefix: string, words: Words) {
  return keys.map((key) => ({ value: key, label: words.maybe(`${prefix}_${key}`, key) }))
}
export const STAGES = ['introduction', 'growth', 'maturity', 'decline', 'dormant', 'revived'] as const
export const HEALTH = ['lively', 'steady', 'fading', 'dead'] as const
export const ROLES = [
  'advertiser',
  'leader',
  'advocate',
  'rising',
  'core',
  'regular',
  'newcomer',
  'dormant',
  'lurker',
] as const
export const RUNGS = ['none', 'customer', 'user', 'fan', 'superfan'] as const
