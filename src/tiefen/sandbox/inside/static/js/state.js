/** What the page is about right now, kept in its address and in the browser. */
import { get } from './api.js'

export const state = {
  corps: [],
  clock: { now: 0, speed: 1, next_due: null },
  asked: 0,
  strict: true,
}

/** Virtual seconds now, between two answers of the server. */
export function now() {
  const { now: at, speed } = state.clock
  return speed === null ? at : at + ((performance.now() - state.asked) / 1000) * speed
}

export function keepClock(clock) {
  state.clock = clock
  state.asked = performance.now()
}

export async function look() {
  const found = await get('')
  keepClock(found.clock)
  Object.assign(state, { corps: found.corps, strict: found.strict, seed: found.seed })
}

/** `#/phones?corp=…&staff=…`: the view, and what is chosen in it. */
export function place() {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?')
  return { view: path || 'phones', chosen: new URLSearchParams(query) }
}

export function go(changes, view = place().view) {
  const { chosen } = place()
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === '') chosen.delete(key)
    else chosen.set(key, value)
  }
  const next = `#/${view}?${chosen}`
  if (next !== location.hash) history.replaceState(null, '', next)
  return chosen
}

export const chosen = (key) => place().chosen.get(key) ?? ''
export const corpid = () => chosen('corp') || state.corps[0]?.corpid || ''

/** Runs something now and again; a failure is left for the next time. Ends when its view does. */
export function every(milliseconds, work) {
  let stopped = false
  let timer
  const turn = async () => {
    try {
      if (!document.hidden) await work()
    } catch {
      /* the next turn tries again */
    }
    if (!stopped) timer = setTimeout(turn, milliseconds)
  }
  timer = setTimeout(turn, milliseconds)
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
