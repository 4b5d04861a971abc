/** Callbacks: what happened, where it went, and again if wished. */
import { corpPath, get, post } from './api.js'
import { button, h, put, toast } from './dom.js'
import { empty } from './phone.js'
import { corpid, every, state } from './state.js'
import { speaking, t, when } from './words.js'

const NAMES = {
  add_external_contact: ['加了好友', 'customer added'],
  add_half_external_contact: ['申请加好友', 'asked to be added'],
  edit_external_contact: ['改了备注或标签', 'remark or tags changed'],
  del_external_contact: ['员工删了客户', 'staff deleted a customer'],
  del_follow_user: ['顾客删了员工', 'customer deleted staff'],
  transfer_fail: ['接替失败', 'handover failed'],
  msg_audit_approved: ['同意存档', 'agreed to the archive'],
  create: ['新建', 'created'],
  update: ['变化', 'changed'],
  dismiss: ['解散', 'dismissed'],
  delete: ['删除', 'deleted'],
  add_member: ['进群', 'joined'],
  del_member: ['退群', 'left'],
  change_owner: ['换群主', 'new owner'],
  change_name: ['改群名', 'renamed'],
  change_notice: ['改公告', 'new notice'],
  change_external_chat: ['群', 'group'],
  change_external_tag: ['标签', 'tag'],
  change_contact: ['通讯录', 'directory'],
  customer_acquisition: ['获客助手', 'acquisition'],
  msgaudit_notify: ['有新存档消息', 'new archived messages'],
  create_user: ['入职', 'hired'],
  delete_user: ['离职', 'left the company'],
  update_user: ['员工变化', 'staff changed'],
  link_unavailable: ['链接失效', 'link unavailable'],
}
const said = (key) => NAMES[key]?.[speaking() === 'zh' ? 0 : 1]

export function eventName({ event, change, detail }) {
  if (detail && said(detail)) return said(detail)
  const second = said(change) ?? change
  if (event === 'change_external_contact') return second
  return [said(event) ?? event, second].filter(Boolean).join(' ')
}

export function fateTag(one) {
  const kind = { delivered: 'good', failed: 'bad', lost: 'odd', queued: 'wait', made: '' }[one.fate] ?? ''
  return h('span', { class: `tag ${kind}` }, t(`fate_${one.fate}`))
}

export async function callbacksView(root) {
  const corp = corpid()
  const rows = h('tbody')
  const more = h('div', { class: 'center' })
  const filter = { event: '', fate: '' }
  const open = new Set()
  let mark = ''

  async function page(after) {
    const found = await get(corpPath(corp, 'callbacks'), { ...filter, after, limit: 60 })
    if (!after) {
      put(rows)
      mark = marked(found.items)
    }
    rows.append(...found.items.flatMap(lines))
    if (!rows.children.length) put(rows, h('tr', {}, h('td', { colspan: 6 }, empty(t('callbacks_none')))))
    put(more, found.next ? button(t('more'), () => page(found.next), { class: 'small quiet' }) : null)
  }

  const marked = (items) => items.map((one) => `${one.id}${one.fate}${one.tries}`).join()
  async function fresh() {
    if (open.size) return
    const { items } = await get(corpPath(corp, 'callbacks'), { ...filter, limit: 60 })
    if (marked(items) !== mark) await page()
  }

  function lines(one) {
    const inside = h('tr', { class: 'inside', hidden: true })
    const again = button(
      t('resend'),
      async (event) => {
        event.stopPropagation()
        await post(corpPath(corp, 'callbacks', one.id, 'resend'))
        toast(t('resent'))
        await page()
      },
      { class: 'small quiet' },
    )
    const line = h(
      'tr',
      { class: 'call', tabindex: 0, 'data-callback': one.id },
      h('td', { class: 'num' }, when(one.at, 'full').slice(5)),
      h('td', {}, eventName(one), ' ', h('code', { class: 'quiet' }, [one.event, one.change, one.detail].filter(Boolean).join(' / '))),
      h('td', { class: 'quiet about' }, one.about.join(' · ')),
      h('td', {}, fateTag(one), one.told ? h('small', { class: 'quiet' }, ` ${one.told}`) : null),
      h('td', { class: 'num quiet' }, one.tries || '—'),
      h('td', {}, again),
    )
    line.addEventListener('click', () => {
      inside.hidden = !inside.hidden
      if (inside.hidden) open.delete(one.id)
      else {
        open.add(one.id)
        put(inside, h('td', { colspan: 6 }, h('pre', {}, indented(one.xml))))
      }
    })
    return [line, inside]
  }

  const choice = (name, options) => {
    const made = h('select', { 'aria-label': t(name === 'event' ? 'event' : 'fate') }, options)
    made.addEventListener('change', () => {
      filter[name] = made.value
      open.clear()
      page()
    })
    return made
  }
  const url = state.corps.find((one) => one.corpid === corp)?.callback_url
  put(
    root,
    h(
      'section',
      { class: 'panel' },
      h('div', { class: 'between' }, h('h3', {}, t('callbacks_title')), url ? h('code', { class: 'hint' }, url) : h('span', { class: 'warn' }, t('callbacks_off'))),
      h(
        'div',
        { class: 'filters' },
        choice('event', [h('option', { value: '' }, t('all_events')), ...['change_external_contact', 'change_external_chat', 'change_external_tag', 'change_contact', 'customer_acquisition', 'msgaudit_notify'].map((one) => h('option', { value: one }, one))]),
        choice('fate', [h('option', { value: '' }, t('all_fates')), ...['delivered', 'queued', 'failed', 'lost', 'made'].map((one) => h('option', { value: one }, t(`fate_${one}`)))]),
      ),
      h('div', { class: 'wide-table' }, h('table', {}, h('thead', {}, h('tr', {}, ['time', 'event', 'about', 'fate', 'tries'].map((key) => h('th', {}, t(key))), h('th'))), rows)),
      more,
    ),
  )
  await page()
  const end = every(2_000, fresh)
  return end
}

const indented = (xml) => xml.replace(/>(?=<(?!!\[CDATA|\/)|<\/xml>)/g, '>\n').replace(/\n(?=<(?!\/xml))/g, '\n  ')
