/** A staff phone: WeCom, with chats, customers, tasks, and what the person may do at work. */
import { act, corpPath, get } from './api.js'
import { button, face, h, icon, put, toast } from './dom.js'
import { empty, Phone } from './phone.js'
import { chosen, corpid } from './state.js'
import { conversation, lastLine, words } from './talk.js'
import { known, t, when } from './words.js'

/** `changed()` is called after every act, so that the other phone sees it. */
export function staffPhone(changed) {
  let me = null
  const at = (...more) => corpPath(corpid(), 'staff', me.userid, ...more)
  const waiting = () => me?.tasks.filter((one) => one.status === 0 && one.cancelled === null).length ?? 0

  async function did(name, given, said) {
    const { result } = await act(corpid(), name, given)
    if (said) toast(said)
    await changed()
    return result
  }

  const phone = new Phone('work', [
    { key: 'chats', label: 'tab_chats', icon: 'chat', title: () => me?.name ?? t('staff_app'), draw: chats, menu: newGroup },
    { key: 'customers', label: 'tab_customers', icon: 'people', draw: customers },
    { key: 'tasks', label: 'tab_tasks', icon: 'task', draw: tasks, badge: waiting },
    { key: 'me', label: 'tab_me', icon: 'me', draw: mine },
  ])

  /** Whose phone it is to be. An answer about somebody else came late and is dropped. */
  let wanted = null
  async function load() {
    const asked = wanted
    const found = asked ? await get(corpPath(corpid(), 'staff', asked)) : null
    if (asked === wanted) me = found
  }

  async function choose(userid) {
    wanted = userid
    await load()
    await phone.reset()
  }

  /** Look again without moving what is on the screen. */
  async function fresh() {
    if (!me) return
    if (phone.screen?.fresh) {
      await phone.screen.fresh()
      return
    }
    const before = JSON.stringify(me)
    await load()
    phone.drawFoot()
    if (JSON.stringify(me) !== before && phone.over.hidden && phone.tab !== 'customers') await phone.draw()
  }

  async function chats(_, body) {
    if (!me) return put(body, empty(t('pick_staff')))
    const { items } = await get(at('customers'), { limit: 30 })
    const spoken = items.filter((one) => one.spoke).sort((a, b) => b.spoke - a.spoke)
    const rows = [
      ...me.groups.map((one) => ({ at: one.spoke ?? one.created, row: groupRow(one) })),
      ...spoken.map((one) => ({ at: one.spoke, row: customerRow(one) })),
    ].sort((a, b) => b.at - a.at)
    put(body, rows.length ? rows.map((one) => one.row) : empty(t('chats_none')))
  }

  function groupRow(group) {
    return row(face(group.name, group.chat_id, true), group.name, lastLine(group.last), when(group.spoke), () => openGroup(group), group.members)
  }

  function customerRow(one) {
    const name = one.remark || one.name
    const state = one.half ? t('half') : one.left_by_person !== null ? t('deleted_you') : ''
    const line = state || [one.tags, one.remark ? one.name : '', one.state].filter(Boolean).join(' · ')
    return row(face(one.name, one.person), name, line, when(one.spoke ?? one.created), () => openCustomer(one), null, state)
  }

  function customers(_, body) {
    if (!me) return put(body, empty(t('pick_staff')))
    const list = h('div')
    const more = h('div', { class: 'center' })
    let words = ''
    async function page(after) {
      const found = await get(at('customers'), { q: words, after })
      if (!after) put(list)
      list.append(...found.items.map(customerRow))
      if (!list.children.length) put(list, empty(t('customers_none')))
      put(more, found.next ? button(t('more'), () => page(found.next), { class: 'small quiet' }) : null)
    }
    put(body, searching((typed) => ((words = typed), page())), list, more)
    return page()
  }

  function tasks(_, body) {
    if (!me) return put(body, empty(t('pick_staff')))
    put(body, me.tasks.length ? me.tasks.map(taskCard) : empty(t('tasks_none')))
  }

  function taskCard(task) {
    const open = task.status === 0 && task.cancelled === null
    const moment = task.kind === 'moment'
    const confirm = () =>
      did(moment ? 'confirm_moment' : 'confirm', { userid: me.userid, [moment ? 'moment_id' : 'msgid']: task.id }, t('task_done')).then(
        () => phone.draw(),
      )
    return h(
      'div',
      { class: `task ${open ? 'open' : ''}`, 'data-task': task.id },
      h('div', { class: 'between' }, h('b', {}, t(`kind_${task.kind}`)), h('small', { class: 'num' }, when(task.created))),
      h('div', { class: 'task-words' }, ...words({ content: task.content })),
      h(
        'div',
        { class: 'between' },
        h('small', {}, t('task_targets', { n: task.targets })),
        open
          ? button(t(moment ? 'confirm_post' : 'confirm_send'), confirm, { class: 'primary small' })
          : h('small', {}, task.cancelled !== null ? t('task_cancelled') : t('task_sent', { at: when(task.sent) })),
      ),
    )
  }

  function mine(_, body) {
    if (!me) return put(body, empty(t('pick_staff')))
    put(
      body,
      h('div', { class: 'card-me' }, face(me.name, me.userid), h('div', {}, h('strong', {}, me.name), h('code', {}, me.userid))),
      me.left_at !== null ? h('p', { class: 'warn' }, t('left')) : null,
      h('h4', {}, t('app_messages')),
      me.messages.length
        ? me.messages.map((one) =>
            h('div', { class: 'task' }, h('small', { class: 'num' }, when(one.at)), h('div', { class: 'task-words' }, appWords(one))),
          )
        : empty(t('none')),
      me.left_at === null
        ? button(
            t('resign'),
            () => phone.sure(t('resign_sure', { name: me.name }), t('resign'), () => did('resign', { userid: me.userid }, t('done')).then(() => choose(me.userid))),
            { class: 'line danger' },
          )
        : null,
    )
  }

  function newGroup() {
    const person = chosen('person')
    phone.ask(
      t('new_group'),
      [
        { name: 'name', label: t('group_name'), most: 100 },
        ...(person ? [{ name: 'with', label: t('group_with'), options: [['1', t('ok')], ['', '—']] }] : []),
      ],
      (given) =>
        did('create_group', { userid: me.userid, name: given.name, people: given.with ? [person] : [] }, t('done')).then(async () => {
          await load()
          await phone.draw()
        }),
    )
  }

  function openGroup(group) {
    const talk = conversation({
      from: (params) => get(corpPath(corpid(), 'groups', group.chat_id, 'talk'), params),
      mine: (one) => one.staff && String(one.sender).toLowerCase() === me.userid.toLowerCase(),
      say: (text) => did('say', { who: me.userid, chat_id: group.chat_id, text }),
      many: true,
    })
    const given = { chat_id: group.chat_id }
    const named = (name, said) => did(name, { ...given }, said).then(() => choose(me.userid))
    phone.push({
      title: group.name,
      subtitle: t('members_n', { n: group.members }),
      draw: (_, body) => (put(body, talk.list), talk.load()),
      fresh: talk.fresh,
      foot: talk.foot,
      menu: () =>
        phone.sheet(
          [
            chosen('person') && {
              label: t('invite'),
              act: () => did('join', { who: chosen('person'), ...given, scene: 1, invitor: me.userid }, t('done')),
            },
            { label: t('see_group'), act: () => (location.hash = `#/groups?corp=${corpid()}&group=${group.chat_id}`) },
            {
              label: t('rename'),
              act: () => phone.ask(t('rename'), [{ name: 'name', label: t('group_name'), value: group.name, most: 100 }], async ({ name }) => {
                await did('rename_group', { ...given, name }, t('done'))
                group.name = name
                await phone.draw()
              }),
            },
            {
              label: t('set_notice'),
              act: () => phone.ask(t('set_notice'), [{ name: 'text', label: t('notice'), value: group.notice, most: 500 }], ({ text }) => did('set_notice', { ...given, text }, t('done'))),
            },
            {
              label: t('change_owner'),
              act: () => phone.ask(t('change_owner'), [{ name: 'userid', label: t('to_whom') }], ({ userid }) => did('change_owner', { ...given, userid }, t('done'))),
            },
            { label: t('dismiss'), danger: true, act: () => phone.sure(t('dismiss_sure', { name: group.name }), t('dismiss'), () => named('dismiss', t('done'))) },
          ],
          group.notice || group.name,
        ),
    })
  }

  function openCustomer(one) {
    const pair = { userid: me.userid, person: one.person }
    const talk = conversation({
      from: (params) => get(at('talk'), { with: one.external_userid, ...params }),
      mine: (said) => said.staff,
      say: (text) => did('say_to', { who: me.userid, to: one.person, text }),
      many: false,
    })
    phone.push({
      title: one.remark || one.name,
      subtitle: one.half ? t('half') : one.left_by_person !== null ? t('deleted_you') : one.tags || one.state || '',
      draw: (_, body) => (put(body, talk.list), talk.load()),
      fresh: talk.fresh,
      foot: talk.foot,
      menu: () =>
        phone.sheet(
          [
            one.half && { label: t('accept'), act: () => did('accept', pair, t('added')).then(() => ((one.half = 0), phone.draw())) },
            {
              label: t('remark'),
              act: () => phone.ask(t('remark'), [{ name: 'remark', label: t('remark_new'), value: one.remark, most: 20 }], async ({ remark }) => {
                await did('edit_contact', { ...pair, remark }, t('done'))
                one.remark = remark
                await phone.draw()
              }),
            },
            { label: t('tag'), act: () => tagging(pair) },
            {
              label: t('delete_customer'),
              danger: true,
              act: () => phone.sure(t('delete_sure', { name: one.name }), t('delete_customer'), () => did('delete_customer', pair, t('done')).then(() => choose(me.userid))),
            },
          ],
          `${one.name} · ${one.external_userid}`,
        ),
    })
  }

  async function tagging(pair) {
    const { items } = await get(corpPath(corpid(), 'tags'))
    if (!items.length) return toast(t('none'))
    phone.sheet(
      items.slice(0, 40).map((tag) => ({ label: `${tag.group_name} · ${tag.name}`, act: () => did('edit_contact', { ...pair, add_tags: [tag.tag_id] }, t('done')) })),
      t('tags'),
    )
  }

  return { phone, choose, fresh, me: () => me }
}

function appWords(one) {
  const content = one.content ?? {}
  return content.content ?? content.title ?? content.description ?? (known(one.msgtype) ? t(one.msgtype) : `[${one.msgtype}]`)
}

export function row(sign, name, line, time, open, count, warn) {
  return h(
    'button',
    { type: 'button', class: 'row', onclick: open },
    sign,
    h(
      'span',
      { class: 'row-words' },
      h('span', { class: 'row-name' }, h('b', {}, name), count ? h('i', { class: 'num' }, `(${count})`) : null, h('time', { class: 'num' }, time)),
      h('span', { class: `row-line ${warn ? 'warn' : ''}` }, line),
    ),
  )
}

/** A search that waits until the typing stops. */
export function searching(found, props = {}) {
  let soon
  const input = h('input', { type: 'search', placeholder: t('search'), 'aria-label': t('search'), ...props })
  input.addEventListener('input', () => {
    clearTimeout(soon)
    soon = setTimeout(() => found(input.value.trim()), 250)
  })
  return h('label', { class: 'searching' }, icon('search', 16), input)
}
