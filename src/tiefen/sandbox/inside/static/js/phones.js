/** The view of two phones side by side, the codes between them, and what their acts cause. */
import { act, corpPath, get } from './api.js'
import { customerPhone } from './customer.js'
import { button, face, h, put, toast } from './dom.js'
import { eventName, fateTag } from './callbacks.js'
import { searching, staffPhone } from './staff.js'
import { chosen, corpid, every, go } from './state.js'
import { t, when } from './words.js'

export async function phonesView(root) {
  const corp = corpid()
  const staff = staffPhone(changed)
  const customer = customerPhone(changed)
  const staffPicker = h('select', { 'aria-label': t('pick_staff') })
  const results = h('div', { class: 'results', hidden: true })
  const who = h('div', { class: 'who-now' })
  const codes = h('div')
  const happened = h('ol', { class: 'happened' })
  const search = searching(find, { placeholder: t('pick_person'), 'aria-label': t('pick_person') })
  search.querySelector('input').addEventListener('focus', (event) => find(event.target.value.trim()))

  put(
    root,
    h(
      'div',
      { class: 'phones' },
      h('section', { class: 'side-phone' }, h('div', { class: 'picker' }, h('h3', {}, t('staff_phone')), staffPicker), staff.phone.el),
      h(
        'section',
        { class: 'side-phone' },
        h('div', { class: 'picker' }, h('h3', {}, t('customer_phone')), h('div', { class: 'finder' }, search, results)),
        customer.phone.el,
      ),
      h(
        'section',
        { class: 'side-codes' },
        who,
        h('div', { class: 'panel' }, h('h3', {}, t('codes')), h('p', { class: 'hint' }, t('scan_hint')), codes),
        h('div', { class: 'panel' }, h('h3', {}, t('happenings')), h('p', { class: 'hint' }, t('happenings_hint')), happened),
      ),
    ),
  )

  async function changed() {
    await Promise.all([staff.fresh(), customer.fresh(), happenings()])
  }

  async function drawStaff() {
    const { items } = await get(corpPath(corp, 'staff'), { limit: 200 })
    const here = items.filter((one) => one.left_at === null || one.userid === chosen('staff'))
    put(
      staffPicker,
      here.map((one) =>
        h(
          'option',
          { value: one.userid, selected: one.userid === staff.me()?.userid },
          `${one.name}${one.waiting ? ` · ${t('unread_task')} ${one.waiting}` : ''}${one.left_at !== null ? ` · ${t('left')}` : ''}`,
        ),
      ),
    )
    if (!here.length) put(staffPicker, h('option', { value: '' }, t('staff_none')))
    return here
  }

  async function find(words) {
    const { items } = await get(corpPath(corp, 'people'), { q: words, limit: 12 })
    put(
      results,
      items.map((one) =>
        h(
          'button',
          { type: 'button', class: 'row', onclick: () => choose(one.person) },
          face(one.name, one.person),
          h(
            'span',
            { class: 'row-words' },
            h('span', { class: 'row-name' }, h('b', {}, one.name)),
            h('span', { class: 'row-line' }, one.external_userid ? `${t('count_staff')} ${one.staff} · ${t('nav_groups')} ${one.groups}` : t('id_none')),
          ),
        ),
      ),
      items.length ? null : h('p', { class: 'empty' }, t('nobody')),
      button(`＋ ${t('new_person')}`, newPerson, { class: 'line' }),
    )
    results.hidden = false
  }

  function newPerson() {
    results.hidden = true
    customer.phone.ask(t('new_person'), [{ name: 'name', label: t('new_person_name'), most: 60 }], async ({ name }) => {
      const { result } = await act(corp, 'person', { name })
      await choose(result)
    })
  }

  async function choose(person) {
    results.hidden = true
    search.querySelector('input').value = ''
    go({ person })
    await customer.choose(person)
    drawWho()
    await drawCodes()
  }

  function drawWho() {
    const person = customer.me()
    const one = staff.me()
    if (!person || !one) {
      put(who, h('p', { class: 'hint' }, t('pick_both')))
      return
    }
    put(who)
  }

  async function drawCodes() {
    const found = await get(corpPath(corp, 'codes'))
    const person = customer.me()
    const one = staff.me()
    const scan = (name, given, label) =>
      button(
        t('scan'),
        async () => {
          if (!person) throw new Error(t('pick_person'))
          await act(corp, name, { person: person.person, ...given })
          toast(t('scanned', { name: person.name }))
          await customer.again()
          await changed()
        },
        { class: 'primary small', 'aria-label': `${t('scan')} ${label}` },
      )
    const line = (sign, title, hint, scanning) =>
      h('div', { class: 'code' }, h('span', { class: 'code-sign' }, sign), h('span', { class: 'code-words' }, h('b', {}, title), h('small', {}, hint)), scanning)
    const lines = [
      ...found.ways.map((way) => {
        const title = way.remark || way.state || way.config_id.slice(0, 10)
        const hint = [way.users.join('、'), way.state, way.skip_verify ? '' : t('need_accept')].filter(Boolean).join(' · ')
        return line(t('code_way'), title, hint, scan('scan_way', { config_id: way.config_id }, title))
      }),
      ...found.join_ways.map((way) => {
        const title = way.remark || way.state || way.config_id.slice(0, 10)
        return line(t('code_join'), title, way.state, scan('scan_join_way', { config_id: way.config_id }, title))
      }),
      ...found.links.map((link) => line(t('code_link'), link.name, link.link_id, scan('scan_link', { link_id: link.link_id }, link.name))),
    ]
    const direct = person && one && !person.staff.some((s) => s.userid === one.userid && s.left_by_staff === null && !s.half)
    put(
      codes,
      lines.length ? lines : h('p', { class: 'hint' }, t('codes_none')),
      direct
        ? h(
            'div',
            { class: 'direct' },
            h('small', { class: 'quiet' }, t('codes_without')),
            button(t('add_direct', { person: person.name, staff: one.name }), () => befriend('add_contact', t('added')), { class: 'wide' }),
            button(t('add_half'), () => befriend('half_add', t('asked')), { class: 'wide quiet' }),
          )
        : null,
    )
  }

  async function befriend(name, said) {
    await act(corp, name, { person: customer.me().person, userid: staff.me().userid })
    toast(said)
    await staff.choose(staff.me().userid)
    await customer.again()
    await Promise.all([drawCodes(), happenings()])
  }

  let lastId = 0
  async function happenings() {
    const { items } = await get(corpPath(corp, 'callbacks'), { limit: 9 })
    put(
      happened,
      items.map((one) =>
        h('li', { class: one.id > lastId && lastId ? 'fresh' : '' }, h('time', { class: 'num' }, when(one.at, 'hour')), h('span', {}, eventName(one)), fateTag(one)),
      ),
      items.length ? null : h('li', {}, t('callbacks_none')),
    )
    lastId = Math.max(lastId, items[0]?.id ?? 0)
  }

  staffPicker.addEventListener('change', async () => {
    go({ staff: staffPicker.value })
    await staff.choose(staffPicker.value)
    drawWho()
    await drawCodes()
  })
  const away = (event) => !event.target.closest('.finder') && (results.hidden = true)
  document.addEventListener('click', away)

  const here = await drawStaff()
  const first = here.find((one) => one.userid === chosen('staff')) ?? here[0]
  if (first) {
    await staff.choose(first.userid)
    staffPicker.value = first.userid
  } else await staff.phone.draw()
  if (chosen('person')) await customer.choose(chosen('person')).catch(() => customer.phone.draw())
  else {
    const { items } = await get(corpPath(corp, 'people'), { limit: 1, known: 1 })
    await customer.choose(items[0]?.person)
  }
  drawWho()
  await Promise.all([drawCodes(), happenings()])

  const ends = [
    every(2_000, changed),
    every(5_000, drawStaff),
    every(6_000, drawCodes),
    every(1_000, async () => {
      staff.phone.tick()
      customer.phone.tick()
    }),
  ]
  return () => {
    document.removeEventListener('click', away)
    for (const end of ends) end()
  }
}
