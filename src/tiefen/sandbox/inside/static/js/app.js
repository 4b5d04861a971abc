/** The frame: which view, which company, what time it is. */
import { get, post } from './api.js'
import { callbacksView } from './callbacks.js'
import { callsView } from './calls.js'
import { corpsView } from './corps.js'
import { button, h, icon, put, toast } from './dom.js'
import { faultsView } from './faults.js'
import { groupsView } from './groups.js'
import { phonesView } from './phones.js'
import { corpid, every, go, keepClock, look, now, place, state } from './state.js'
import { speak, speaking, t, when } from './words.js'

const VIEWS = {
  phones: [phonesView, 'phone'],
  groups: [groupsView, 'group'],
  calls: [callsView, 'log'],
  callbacks: [callbacksView, 'bell'],
  faults: [faultsView, 'bolt'],
  corps: [corpsView, 'home'],
}

const app = document.getElementById('app')
const main = h('main', { id: 'view' })
const time = h('time', { class: 'num now' })
const speeds = h('div', { class: 'speeds' })
const steps = h('div', { class: 'speeds' })
const corps = h('select', {})
const places = h('nav')
let end = () => {}
let drawing = 0

async function draw() {
  const turn = ++drawing
  end()
  end = () => {}
  drawFrame()
  const { view } = place()
  const [show] = VIEWS[view] ?? VIEWS.phones
  const wanted = corpid() ? show : view === 'faults' || view === 'calls' ? show : corpsView
  main.dataset.view = view
  const room = h('div', { class: 'room' })
  put(main, room)
  try {
    const stop = await wanted(room, draw)
    if (turn === drawing) end = stop
    else stop()
  } catch (error) {
    put(room, h('p', { class: 'panel warn' }, error.message))
  }
}

/** To another view, with everybody who is chosen by then. */
const visit = (view) => (event) => {
  event.preventDefault()
  location.hash = `#/${view}?${place().chosen}`
}

function drawFrame() {
  const { view } = place()
  put(
    places,
    Object.entries(VIEWS).map(([key, [, sign]]) =>
      h('a', { href: `#/${key}`, class: key === view ? 'on' : '', title: t(`nav_${key}`), onclick: visit(key) }, icon(sign, 20), h('span', {}, t(`nav_${key}`))),
    ),
  )
  put(corps, state.corps.map((one) => h('option', { value: one.corpid, selected: one.corpid === corpid() }, one.name)))
  corps.setAttribute('aria-label', t('corp'))
  corps.hidden = !state.corps.length
  drawClock()
}

function drawClock() {
  time.textContent = when(now(), 'full')
  const at = (speed, sign, label) =>
    button(
      sign,
      async () => {
        keepClock(await post('/clock', { speed }))
        drawClock()
      },
      { class: state.clock.speed === speed ? 'on' : '', title: label, 'aria-label': label },
    )
  const mark = `${state.clock.speed} ${speaking()}`
  if (speeds.dataset.mark === mark) return
  speeds.dataset.mark = mark
  put(speeds, at(1, '1×', t('clock_real')), at(60, '60×', t('clock_fast')), at(null, '❚❚', t('clock_still')))
  const step = (seconds, what) =>
    button(`+${t(what)}`, async () => {
      keepClock(await post('/clock', { step: seconds }))
      toast(t('clock_stepped', { what: t(what) }))
      drawClock()
    })
  put(steps, step(3_600, 'hour'), step(86_400, 'day'), step(604_800, 'week'))
}

corps.addEventListener('change', () => {
  go({ corp: corps.value, staff: null, person: null, group: null })
  draw()
})
addEventListener('hashchange', draw)

speak(speaking())
const language = h('button', {
  type: 'button',
  class: 'button quiet',
  onclick: () => {
    speak(speaking() === 'zh' ? 'en' : 'zh')
    frame()
    draw()
  },
})
const brand = h('strong', {})
function frame() {
  language.textContent = t('language')
  brand.textContent = t('title')
}
frame()
put(
  app,
  h('header', {}, h('a', { class: 'brand', href: '#/phones' }, h('img', { src: '/_sandbox/icon.svg', alt: '', width: 26, height: 26 }), brand), corps, h('span', { class: 'gap' }), time, speeds, steps, language),
  h('div', { class: 'under' }, h('aside', {}, places), main),
)

every(1_000, async () => {
  time.textContent = when(now(), 'full')
})
every(4_000, async () => {
  keepClock(await get('/clock'))
  drawClock()
})

try {
  await look()
} catch (error) {
  toast(error.message, 'error')
}
await draw()
