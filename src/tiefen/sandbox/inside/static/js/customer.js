/** A customer's phone: WeChat, with chats, contacts, codes to scan, Moments, and the brand's shop. */
import { act, corpPath, get } from './api.js'
import { button, copy, face, h, icon, put, toast } from './dom.js'
import { empty, Phone } from './phone.js'
import { row } from './staff.js'
import { corpid } from './state.js'
import { conversation, lastLine, words } from './talk.js'
import { money, t, when } from './words.js'

const GOODS = [
  { sku: 'TRIAL-9', name: ['体验课', 'Trial lesson'], fen: 990 },
  { sku: 'TEA-1', name: ['桂花茶礼盒', 'Osmanthus tea'], fen: 12_800 },
  { sku: 'COURSE-1', name: ['基础课', 'Basic course'], fen: 19_900 },
]

export function customerPhone(changed) {
  let me = null
  const known = () => Boolean(me?.external_userid)

  async function did(name, given, said) {
    const { result } = await act(corpid(), name, given)
    if (said) toast(typeof said === 'function' ? said(result) : said)
    await changed()
    return result
  }

  const phone = new Phone('wechat', [
    { key: 'chats', label: 'tab_wechat', icon: 'chat', title: () => me?.name ?? t('customer_app'), draw: chats },
    { key: 'contacts', label: 'tab_contacts', icon: 'people', draw: contacts },
    { key: 'discover', label: 'tab_discover', icon: 'find', draw: discover },
    { key: 'me', label: 'tab_me', icon: 'me', draw: mine },
  ])

  /** Whose phone it is to be. An answer about somebody else came late and is dropped. */
  let wanted = null
  async function load() {
    const asked = wanted
    const found = asked ? await get(corpPath(corpid(), 'people', asked)) : null
    if (asked === wanted) me = found
  }

  async function choose(person) {
    wanted = person
    await load()
    await phone.reset()
  }

  async function fresh() {
    if (!me) return
    if (phone.screen?.fresh) {
      await phone.screen.fresh()
      return
    }
    const before = JSON.stringify(me)
    await load()
    if (JSON.stringify(me) !== before && phone.over.hidden && !phone.screen) await phone.draw()
  }

  async function again() {
    await load()
    await phone.draw()
  }

  function chats(_, body) {
    if (!me) return put(body, empty(t('pick_person')))
    const rows = [
      ...me.groups.map((one) => ({ at: one.spoke ?? one.created, row: groupRow(one) })),
      ...me.staff.filter((one) => !one.half).map((one) => ({ at: one.spoke ?? one.created, row: staffRow(one) })),
    ].sort((a, b) => b.at - a.at)
    put(body, rows.length ? rows.map((one) => one.row) : empty(t('contacts_none')))
  }

  function contacts(_, body) {
    if (!me) return put(body, empty(t('pick_person')))
    put(body, me.staff.length ? me.staff.map(staffRow) : empty(t('contacts_none')))
  }

  function groupRow(group) {
    const name = group.muted ? `${group.name} 🔕` : group.name
    return row(face(group.name, group.chat_id, true), name, lastLine(group.last), when(group.spoke), () => openGroup(group), group.members)
  }

  function staffRow(one) {
    const state = one.half ? t('half') : one.left_by_staff !== null ? t('deleted_you') : ''
    return row(face(one.name, one.userid), one.name, state || lastLine(one.last), when(one.spoke ?? one.created), () => openStaff(one), null, state)
  }

  function openStaff(one) {
    const pair = { person: me.person, userid: one.userid }
    const talk = conversation({
      from: (params) => get(corpPath(corpid(), 'staff', one.userid, 'talk'), { with: me.external_userid, ...params }),
      mine: (said) => !said.staff,
      say: (text) => did('say_to', { who: me.person, to: one.userid, text }),
      many: false,
    })
    phone.push({
      title: one.name,
      subtitle: one.half ? t('half') : one.left_by_staff !== null ? t('not_friends') : '',
      draw: (_, body) => (put(body, talk.list), talk.load()),
      fresh: talk.fresh,
      foot: talk.foot,
      menu: () =>
        phone.sheet(
          [
            { label: t('agree'), act: () => did('agree_to_archive', pair, t('agreed')) },
            { label: t('mute'), act: () => did('mute', { person: me.person, target: one.userid }, t('done')).then(() => load()) },
            {
              label: t('delete_staff'),
              danger: true,
              act: () => phone.sure(t('delete_sure', { name: one.name }), t('delete_staff'), () => did('delete_staff', pair, t('done')).then(() => choose(me.person))),
            },
          ],
          one.name,
        ),
    })
  }

  function openGroup(group) {
    const talk = conversation({
      from: (params) => get(corpPath(corpid(), 'groups', group.chat_id, 'talk'), params),
      mine: (said) => said.sender === me.external_userid,
      say: (text) => did('say', { who: me.person, chat_id: group.chat_id, text }),
      many: true,
    })
    phone.push({
      title: group.name,
      subtitle: t('members_n', { n: group.members }),
      draw: (_, body) => (put(body, talk.list), talk.load()),
      fresh: talk.fresh,
      foot: talk.foot,
      menu: () =>
        phone.sheet(
          [
            { label: t('see_group'), act: () => (location.hash = `#/groups?corp=${corpid()}&group=${group.chat_id}`) },
            { label: t('mute'), act: () => did('mute', { person: me.person, target: group.chat_id }, t('done')).then(() => load()) },
            {
              label: t('leave_group'),
              danger: true,
              act: () => phone.sure(t('leave_sure', { name: group.name }), t('leave_group'), () => did('leave', { who: me.person, chat_id: group.chat_id }, t('done')).then(() => choose(me.person))),
            },
          ],
          group.notice || group.name,
        ),
    })
  }

  function discover(_, body) {
    if (!me) return put(body, empty(t('pick_person')))
    put(
      body,
      h('button', { type: 'button', class: 'row', onclick: groupsToJoin }, icon('scan', 22), h('span', { class: 'row-words' }, h('b', {}, t('join_group')), h('span', { class: 'row-line' }, t('join_group_hint')))),
      h('h4', {}, t('moments')),
      me.moments.length ? me.moments.map(momentCard) : empty(t('moments_none')),
      h('h4', {}, t('shop')),
      GOODS.map((one) => {
        const name = one.name[document.documentElement.lang === 'en' ? 1 : 0]
        return h(
          'div',
          { class: 'goods' },
          face(name, one.sku, true),
          h('span', {}, name),
          button(
            t('buy', { price: money(one.fen) }),
            () => did('buy', { person: me.person, lines: [{ sku: one.sku, name, quantity: 1, fen: one.fen }] }, (id) => t('bought', { id })).then(again),
            { class: 'small' },
          ),
        )
      }),
    )
  }

  async function groupsToJoin() {
    const { items } = await get(corpPath(corpid(), 'groups'), { limit: 60 })
    const mine = new Set(me.groups.map((one) => one.chat_id))
    const others = items.filter((one) => one.dismissed === null && !mine.has(one.chat_id))
    if (!others.length) return toast(t('groups_none'))
    phone.sheet(
      others.map((one) => ({ label: `${one.name} (${one.members})`, act: () => did('join', { who: me.person, chat_id: one.chat_id, scene: 3 }, t('done')).then(again) })),
      t('join_group'),
    )
  }

  function momentCard(one) {
    const given = { person: me.person, moment_id: one.moment_id, userid: one.userid }
    return h(
      'div',
      { class: 'task' },
      h('div', { class: 'between' }, h('b', {}, one.staff), h('small', { class: 'num' }, when(one.sent))),
      h('div', { class: 'task-words' }, ...words({ content: one.content })),
      h(
        'div',
        { class: 'row-acts' },
        one.liked ? h('small', {}, t('liked')) : button(t('like'), () => did('like_moment', given, t('liked')).then(again), { class: 'small quiet' }),
        button(t('comment'), () => did('comment_moment', given, t('commented')), { class: 'small quiet' }),
      ),
    )
  }

  function mine(_, body) {
    if (!me) return put(body, empty(t('pick_person')))
    const id = (label, value) =>
      h('div', { class: 'id' }, h('small', {}, label), h('div', {}, h('code', {}, value), h('button', { type: 'button', class: 'plain', 'aria-label': t('copy'), onclick: () => copy(value, t('copied')) }, icon('copy', 14))))
    put(
      body,
      h('div', { class: 'card-me' }, face(me.name, me.person), h('div', {}, h('strong', {}, me.name), h('code', {}, me.person))),
      known() ? id(t('id_external'), me.external_userid) : h('p', { class: 'empty' }, t('id_none')),
      me.unionid ? id(t('id_union'), me.unionid) : null,
      h('h4', {}, t('orders')),
      me.orders.length
        ? me.orders.map((one) =>
            h(
              'div',
              { class: 'goods' },
              h('span', {}, one.lines.map((line) => (Array.isArray(line) ? line[1] : line.name)).join('、')),
              h('span', { class: 'num' }, money(one.fen)),
              one.refunded ? h('small', {}, t('refunded')) : button(t('refund'), () => did('refund', { order_id: one.order_id }, t('refunded')).then(again), { class: 'small quiet' }),
            ),
          )
        : empty(t('orders_none')),
    )
  }

  return { phone, choose, fresh, again, me: () => me }
}
