/** Time, faults, and the numbers nobody publishes. */
import { get, post } from './api.js'
import { button, form, h, put, toast } from './dom.js'
import { keepClock, state } from './state.js'
import { t, when } from './words.js'

const SHARES = ['http_5xx', 'dropped', 'busy', 'storm', 'callback_lost', 'callback_doubled', 'callback_reordered']
const SWITCHES = ['token_rotates', 'retry_on_status']

export async function faultsView(root) {
  const found = await get('/faults')
  const draw = () => faultsView(root)
  const set = async (changed) => {
    await post('/faults', changed)
  }
  const tell = (error) => toast(error.message, 'error')
  const share = (name) => {
    const value = found.faults[name]
    const shown = h('output', { class: 'num' }, value ? `${Math.round(value * 100)} %` : t('off'))
    const input = h('input', { type: 'range', min: 0, max: 100, step: 1, value: Math.round(value * 100), 'aria-label': t(`f_${name}`) })
    input.addEventListener('input', () => (shown.textContent = Number(input.value) ? `${input.value} %` : t('off')))
    input.addEventListener('change', () => set({ [name]: Number(input.value) / 100 }).catch(tell))
    return fault(name, value > 0, h('div', { class: 'slide' }, input, shown))
  }
  const turn = (name, value, label = name) =>
    fault(label, value, h('label', { class: 'switch' }, h('input', { type: 'checkbox', checked: value, 'aria-label': t(`f_${label}`), onchange: (event) => set({ [name]: event.target.checked }).catch(tell) })))
  const slow = h('input', { type: 'number', min: 0, max: 60, step: 0.1, value: found.faults.slow, 'aria-label': t('f_slow') })
  slow.addEventListener('change', () => set({ slow: Number(slow.value) }).catch(tell))
  put(
    root,
    h(
      'div',
      { class: 'cards' },
      h(
        'section',
        { class: 'panel' },
        h('div', { class: 'between' }, h('h3', {}, t('faults_title')), button(t('all_well'), () => post('/faults', { clear: true }).then(draw), { class: 'quiet' })),
        h('p', { class: 'hint' }, t('faults_hint')),
        fault('slow', found.faults.slow > 0, slow),
        SHARES.map(share),
        SWITCHES.map((name) => turn(name, found.faults[name])),
        turn('limits', found.limits),
      ),
      h(
        'div',
        { class: 'column' },
        time(draw),
        h(
          'section',
          { class: 'panel' },
          h('h3', {}, t('settings_title')),
          form(
            async (given) => {
              const read = ([key, value]) => [key, value === '' ? null : key === 'mass_messages' ? value : Number(value)]
              const changed = Object.entries(given).map(read).filter(([key, value]) => value !== found.settings[key])
              found.settings = (await post('/settings', Object.fromEntries(changed))).settings
              toast(t('done'))
            },
            { class: 'settings' },
            Object.entries(found.settings).map(([key, value]) => h('label', {}, h('span', {}, t(`s_${key}`)), h('input', { name: key, value: value ?? '' }))),
            h('button', { class: 'button', type: 'submit' }, t('save')),
          ),
        ),
      ),
    ),
  )
  return () => {}
}

function fault(name, on, control) {
  return h('div', { class: `fault ${on ? 'on' : ''}`, 'data-fault': name }, h('div', {}, h('b', {}, t(`f_${name}`)), h('small', {}, t(`f_${name}_says`))), control)
}

function time(draw) {
  const step = (seconds, what) =>
    button(`+ ${t(what)}`, async () => {
      keepClock(await post('/clock', { step: seconds }))
      toast(t('clock_stepped', { what: t(what) }))
      await draw()
    })
  return h(
    'section',
    { class: 'panel' },
    h('h3', {}, t('time_title')),
    h('p', { class: 'hint' }, t('time_hint')),
    h('div', { class: 'row-acts' }, step(3600, 'hour'), step(86_400, 'day'), step(604_800, 'week')),
    state.clock.next_due ? h('p', { class: 'hint num' }, t('next_due', { at: when(state.clock.next_due, 'full') })) : null,
  )
}
