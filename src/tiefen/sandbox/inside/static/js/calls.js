/** The log of API calls with their answers. */
import { get } from './api.js'
import { button, h, put } from './dom.js'
import { empty } from './phone.js'
import { every } from './state.js'
import { number, t, when } from './words.js'

export async function callsView(root) {
  const rows = h('tbody')
  const more = h('div', { class: 'center' })
  const filter = { endpoint: '', errcode: '', failed: '' }
  const chips = h('select', { 'aria-label': t('endpoint') })
  const open = new Set()
  let newest = 0

  async function page(after) {
    const found = await get('/calls', { ...filter, after, limit: 60 })
    if (!after) {
      put(rows)
      newest = found.items[0]?.id ?? 0
    }
    rows.append(...found.items.flatMap(lines))
    if (!rows.children.length) put(rows, h('tr', {}, h('td', { colspan: 6 }, empty(t('calls_none')))))
    put(more, found.next ? button(t('more'), () => page(found.next), { class: 'small quiet' }) : null)
  }

  async function fresh() {
    if (open.size) return
    const { items } = await get('/calls', { ...filter, limit: 1 })
    if ((items[0]?.id ?? 0) !== newest) await page()
  }

  async function endpoints() {
    const { items } = await get('/calls/endpoints')
    const kept = chips.value
    put(
      chips,
      h('option', { value: '' }, t('all_endpoints')),
      items.map((one) => h('option', { value: one.path }, `${one.path}  ×${number(one.calls)}${one.failed ? `  ✗${number(one.failed)}` : ''}`)),
    )
    chips.value = kept
  }

  function lines(one) {
    const bad = one.errcode !== 0 || one.status >= 300 || one.status === 0
    const more = h('tr', { class: 'inside', hidden: true })
    const line = h(
      'tr',
      { class: 'call', tabindex: 0, 'data-call': one.id },
      h('td', { class: 'num' }, when(one.at, 'full').slice(5)),
      h('td', {}, h('span', { class: 'verb' }, one.method), ' ', h('code', {}, one.path)),
      h('td', {}, h('span', { class: `tag ${bad ? 'bad' : 'good'}` }, one.status === 0 ? t('dropped') : one.status === 200 ? String(one.errcode) : `HTTP ${one.status}`)),
      h('td', { class: 'num quiet' }, one.agentid || '—'),
      h('td', { class: 'num quiet' }, one.ip),
      h('td', { class: 'num quiet' }, `${(one.seconds * 1000).toFixed(1)} ms`),
    )
    const turn = () => {
      more.hidden = !more.hidden
      if (more.hidden) open.delete(one.id)
      else {
        open.add(one.id)
        put(more, h('td', { colspan: 6 }, part(t('asked_with'), one.params), part(t('body'), one.body), part(t('answered'), one.answer)))
      }
    }
    line.addEventListener('click', turn)
    line.addEventListener('keydown', (event) => event.key === 'Enter' && turn())
    return [line, more]
  }

  const narrowed = (name) => (event) => {
    filter[name] = event.target.type === 'checkbox' ? (event.target.checked ? '1' : '') : event.target.value.trim()
    open.clear()
    page()
  }
  chips.addEventListener('change', narrowed('endpoint'))
  put(
    root,
    h(
      'section',
      { class: 'panel' },
      h('div', { class: 'between' }, h('h3', {}, t('calls_title')), h('small', { class: 'hint' }, t('calls_hint', { n: '5,000' }))),
      h(
        'div',
        { class: 'filters' },
        chips,
        h('input', { type: 'number', placeholder: t('errcode'), 'aria-label': t('errcode'), oninput: narrowed('errcode') }),
        h('label', {}, h('input', { type: 'checkbox', onchange: narrowed('failed') }), ' ', t('only_failed')),
      ),
      h(
        'div',
        { class: 'wide-table' },
        h('table', {}, h('thead', {}, h('tr', {}, ['time', 'endpoint', 'errcode', 'app', 'from', 'took'].map((key) => h('th', {}, t(key))))), rows),
      ),
      more,
    ),
  )
  await Promise.all([page(), endpoints()])
  const ends = [every(2_000, fresh), every(10_000, endpoints)]
  return () => ends.forEach((end) => end())
}

function part(title, text) {
  if (!text) return null
  return h('div', { class: 'part' }, h('small', {}, title), h('pre', {}, pretty(text)))
}

export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
