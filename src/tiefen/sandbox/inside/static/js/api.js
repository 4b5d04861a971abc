/** The sandbox's own API: JSON in, JSON out, an Error with a sentence when it says no. */
const BASE = '/_sandbox/api'

async function ask(path, options) {
  let answer
  try {
    answer = await fetch(BASE + path, options)
  } catch {
    throw new Error('The sandbox cannot be reached. 连不上沙盒。')
  }
  const body = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Error(body.message ?? `HTTP ${answer.status}`)
  return body
}

export function get(path, params = {}) {
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== null && value !== '')
  const query = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString()
  return ask(path + (query ? `?${query}` : ''), { headers: { Accept: 'application/json' } })
}

export function post(path, body = {}) {
  return ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
}

const part = encodeURIComponent
export const corpPath = (corpid, ...more) => ['/corps', corpid, ...more].map((one) => (one === '/corps' ? one : `/${part(one)}`)).join('')

/** Something somebody does with their own hands. */
export const act = (corpid, name, given = {}) => post(corpPath(corpid, 'acts'), { act: name, ...given })
