/** The past day that is looked at, for the whole console until the tab is closed; nothing means now. */
import { useSyncExternalStore } from 'react'

const KEPT = 'tiefen-day'
const listeners = new Set<() => void>()
let chosen = read()

function read(): string | null {
  const kept = sessionStorage.getItem(KEPT)
  return kept && /^\d{4}-\d{2}-\d{2}$/.test(kept) ? kept : null
}

export const dayNow = () => chosen

export function lookAt(day: string | null) {
  chosen = day
  if (day) sessionStorage.setItem(KEPT, day)
  else sessionStorage.removeItem(KEPT)
  for (const listener of listeners) listener()
}

export const useDay = () =>
  useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, dayNow)
