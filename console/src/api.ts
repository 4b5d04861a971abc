/** One door to the server: JSON in, JSON out, and a `Problem` when it says no. */
import { hashKey, QueryClient } from '@tanstack/react-query'
import { dayNow } from './day'

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly facts: Record<string, unknown>,
  ) {
    super(message)
  }
}

let csrf = ''
export function carry(token: string) {
  csrf = token
}

export type Params = Record<string, string | number | boolean | null | undefined>

export function address(path: string, params: Params = {}): string {
  const search = new URLSearchParams()
  const day = dayNow()
  if (day && path.startsWith('/api/')) search.set('day', day)
  for (const [key, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value))
  }
  const asked = search.toString()
  return asked ? `${path}?${asked}` : path
}

async function answer<T>(asked: Promise<Response>): Promise<T> {
  let response: Response
  try {
    response = await asked
  } catch {
    throw new Problem(0, 'unreachable', 'The server cannot be reached.', {})
  }
  const text = await response.text()
  let body: unknown
  try {
    body = text ? JSON.parse(text) : {}
  } catch {
    body = {}
  }
  if (response.ok) return body as T
  const told = body as { code?: string; message?: string; facts?: Record<string, unknown> }
  if (response.status === 401 && told.code === 'not_signed_in') {
    void queries.invalidateQueries({ queryKey: ['me'] })
  }
  throw new Problem(
    response.status,
    told.code ?? 'internal',
    told.message ?? response.statusText,
    told.facts ?? {},
  )
}

export const get = <T>(path: string, params?: Params) =>
  answer<T>(fetch(address(path, params), { headers: { Accept: 'application/json' } }))

function write<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { 'X-CSRF-Token': csrf, Accept: 'application/json' }
  if (body instanceof FormData) return answer<T>(fetch(path, { method, headers, body }))
  headers['Content-Type'] = 'application/json'
  return answer<T>(fetch(path, { method, headers, body: JSON.stringify(body ?? {}) }))
}
export const post = <T>(path: string, body?: unknown) => write<T>('POST', path, body)
export const put = <T>(path: string, body?: unknown) => write<T>('PUT', path, body)
export const remove = <T>(path: string) => write<T>('DELETE', path)

/** Sends a file and tells how far it is, which `fetch` cannot. */
export function upload<T>(path: string, form: FormData, progress: (share: number) => void): Promise<T> {
  return answer<T>(
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      request.open('POST', path)
      request.setRequestHeader('X-CSRF-Token', csrf)
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) progress(event.loaded / event.total)
      }
      request.onload = () => resolve(new Response(request.response, { status: request.status }))
      request.onerror = () => reject(new Error('unreachable'))
      request.send(form)
    }),
  )
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      queryKeyHashFn: (key) => hashKey([...key, dayNow()]),
      refetchOnWindowFocus: false,
      retry: (count, error) =>
        !(error instanceof Problem && error.status < 500 && error.status > 0) && count < 2,
    },
  },
})
