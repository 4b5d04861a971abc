/** Groups: who is in them, and what is being said. */
import { act, corpPath, get } from './api.js'
import { button, face, h, put, toast } from './dom.js'
import { empty } from './phone.js'
import { row, searching } from './staff.js'
import { chosen, corpid, every, go } from './state.js'
import { conversation } from './talk.js'
import { t, when } from './words.js'

export async function groupsView(root) {
  const corp = corpid()
  const list = h('div', { class: 'scrolling' })
  const more = h('div', { class: 'center' })
  const middle = h('section', { class: 'panel middle' })
  const right = h('section', { class: 'panel right' })
  let words = ''
  let talk = null
  let group = null

  async function page(after) {
    const found = await get(corpPath(corp, 'groups'), { q: words, after })
    if (!after) put(list)
    list.append(...found.items.map(line))
    if (!list.children.length) put(list, empty(t('groups_none')))
    put(more, found.next ? button(t('more'), () => page(found.next), { class: 'small quiet' }) : null)
    return found.items
  }

  function line(one) {
    const made = row(
      face(one.name, one.chat_id, true),
      one.name || one.chat_id.slice(0, 12),
      one.dismissed !== null ? t('dismissed') : t('members_n', { n: one.members }),
      when(one.spoke ?? one.created),
      () => open(one.chat_id),
    )
    made.dataset.group = one.chat_id
    made.classList.toggle('on', one.chat_id === group?.chat_id)
    return made
  }

  async function open(chat_id) {
    go({ group: chat_id })
    group = await get(corpPath(corp, 'groups', chat_id))
    for (const each of list.children) each.classList.toggle('on', each.dataset.group === chat_id)
    talk = conversation({
      from: (params) => get(corpPath(corp, 'groups', chat_id, 'talk'), params),
      mine: () => false,
      say: async () => {},
      many: true,
    })
    const body = h('div', { class: 'scrolling talk-box' }, talk.list)
    put(
      middle,
      h('div', { class: 'between' }, h('h3', {}, group.name || chat_id), h('small', { class: 'num' }, t('group_made', { at: when(group.created, 'full') }))),
      group.notice ? h('p', { class: 'hint' }, group.notice) : null,
      h('code', { class: 'hint' }, chat_id),
      body,
    )
    drawMembers()
    await talk.load()
  }

  function drawMembers() {
    const filter = searching((typed) => fill(typed))
    const rows = h('div', { class: 'scrolling' })
    function fill(typed = '') {
      const shown = group.members.filter((one) => !typed || (one.name ?? '').includes(typed) || one.member_id.includes(typed))
      put(rows, shown.slice(0, 500).map(member))
    }
    put(right, h('h3', {}, `${t('members')} ${group.members.length}`), filter, rows)
    fill()
  }

  function member(one) {
    const name = one.name ?? one.member_id
    const staff = one.type === 1
    const owner = one.member_id.toLowerCase() === group.owner.toLowerCase()
    const away = async () => {
      if (!confirm(t('remove_sure', { name }))) return
      await act(corp, 'remove', { who: staff ? one.member_id : one.person, chat_id: group.chat_id, by: group.owner })
      toast(t('done'))
      await open(group.chat_id)
    }
    return h(
      'div',
      { class: 'member' },
      face(name, one.member_id),
      h(
        'span',
        { class: 'row-words' },
        h('b', {}, name, owner ? h('em', {}, t('group_owner')) : staff ? h('em', {}, t('staff_sign')) : null, one.muted ? ' 🔕' : ''),
        h('small', { class: 'num' }, t('joined_at', { at: when(one.joined) }), one.state ? ` · ${one.state}` : ''),
      ),
      h('span', { class: 'member-acts' }, button(t('to_phone'), () => (location.hash = `#/phones?corp=${corp}&${staff ? 'staff' : 'person'}=${staff ? one.member_id : one.person}`), { class: 'small' }),
      owner || group.dismissed !== null ? null : button(t('remove'), away, { class: 'small danger' })),
    )
  }

  put(
    root,
    h('div', { class: 'three' }, h('section', { class: 'panel left' }, h('h3', {}, t('groups_title')), searching((typed) => ((words = typed), page())), list, more), middle, right),
  )
  put(middle, empty(t('group_pick')))
  const items = await page()
  const first = chosen('group') || items[0]?.chat_id
  if (first) await open(first).catch((error) => toast(error.message, 'error'))

  const ends = [
    every(1_500, async () => talk?.fresh()),
    every(5_000, async () => {
      if (!group) return
      const fresh = await get(corpPath(corp, 'groups', group.chat_id))
      if (fresh.chat_id === group.chat_id && fresh.members.length !== group.members.length) {
        group = fresh
        drawMembers()
      }
    }),
  ]
  return () => ends.forEach((end) => end())
}
