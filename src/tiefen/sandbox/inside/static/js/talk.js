/** A conversation on a phone: what was said and what the company sent, in order, going on while one looks. */
import { button, face, form, h, icon, put } from './dom.js'
import { empty } from './phone.js'
import { known, t, when } from './words.js'

/** `from(params)` asks the server; `mine(item)` says which side a bubble is on; `say(text)` speaks. */
export function conversation({ from, mine, say, many }) {
  const list = h('div', { class: 'talk' })
  let items = []
  let delivered = []
  let before = null
  let shown = ''

  async function load() {
    const page = await from({})
    items = page.items
    delivered = page.delivered
    before = page.before
    draw(true)
  }

  async function earlier() {
    const page = await from({ before })
    items = [...page.items, ...items]
    delivered = merged(page.delivered, delivered)
    before = page.before
    draw(false)
  }

  async function fresh() {
    const page = await from({})
    const last = items.at(-1)
    const news = last ? page.items.filter((one) => one.at > last.at || (one.at === last.at && one.seq > last.seq)) : page.items
    items = [...items, ...news]
    delivered = merged(delivered, page.delivered)
    draw(nearEnd())
  }

  function nearEnd() {
    const box = list.parentElement
    return !box || box.scrollHeight - box.scrollTop - box.clientHeight < 80
  }

  function draw(toEnd) {
    const all = [
      ...items.map((one) => ({ ...one, what: 'said' })),
      ...delivered.map((one) => ({ ...one, what: 'sent' })),
    ].sort((a, b) => a.at - b.at || (a.seq ?? 0) - (b.seq ?? 0))
    const mark = JSON.stringify([all.length, all.at(-1)?.at, before])
    if (mark === shown) return
    shown = mark
    let time = 0
    put(
      list,
      before ? h('div', { class: 'center' }, button(t('earlier'), earlier, { class: 'small quiet' })) : null,
      all.length ? null : empty(t('talk_none')),
      all.flatMap((one) => {
        const stamp = one.at - time > 300 ? h('div', { class: 'stamp num' }, when(one.at)) : null
        time = one.at
        return [stamp, bubble(one, one.what === 'sent' ? mine({ staff: true, sender: one.userid }) : mine(one), many)]
      }),
    )
    if (toEnd && list.parentElement) list.parentElement.scrollTop = list.parentElement.scrollHeight
  }

  const foot = () =>
    form(
      async ({ text }, made) => {
        if (!text.trim()) return
        await say(text.trim())
        made.reset()
        await fresh()
        if (list.parentElement) list.parentElement.scrollTop = list.parentElement.scrollHeight
      },
      { class: 'say' },
      h('input', { name: 'text', placeholder: t('say_something'), 'aria-label': t('say_something'), maxlength: 2000 }),
      h('button', { class: 'button primary', type: 'submit' }, t('send')),
    )

  return { list, load, fresh, foot }
}

function merged(one, other) {
  const found = new Map([...one, ...other].map((item) => [item.id, item]))
  return [...found.values()].sort((a, b) => a.at - b.at)
}

function bubble(one, right, many) {
  const name = one.name ?? one.sender ?? one.userid
  return h(
    'div',
    { class: `said ${right ? 'right' : ''}` },
    face(name, one.sender ?? one.userid),
    h(
      'div',
      {},
      many && !right ? h('small', { class: 'who' }, name, one.staff || one.what === 'sent' ? h('em', {}, t('staff_sign')) : null) : null,
      h(
        'div',
        { class: `bubble ${one.what === 'sent' ? 'sent' : ''}` },
        one.what === 'sent' && known(`kind_${one.kind}`) ? h('small', { class: 'kind' }, t(`kind_${one.kind}`)) : null,
        ...words(one),
      ),
    ),
  )
}

/** What a message shows: its text, and a card for each thing attached. */
export function words(one) {
  const content = one.content ?? {}
  const text = typeof content.text === 'string' ? content.text : (content.text?.content ?? content.content ?? '')
  const attached = (content.attachments ?? []).map((each) => {
    const inner = each[each.msgtype] ?? {}
    return h('div', { class: 'card-in' }, icon('find', 14), h('span', {}, inner.title ?? inner.name ?? kind(each.msgtype)))
  })
  if (!text && !attached.length) return [h('span', { class: 'quiet' }, `${kind(one.msgtype)} ${content.title ?? content.filename ?? ''}`)]
  return [text ? h('span', { class: 'words' }, text) : null, ...attached].filter(Boolean)
}

export function lastLine(last) {
  if (!last) return ''
  const said = words(last).map((one) => one.textContent).join(' ')
  return last.name ? `${last.name}: ${said}` : said
}

const kind = (msgtype) => (known(`m_${msgtype}`) ? t(`m_${msgtype}`) : `[${msgtype ?? '…'}]`)
