/** Elements from calls: h('div', {class: 'x', onclick: f}, child, …). Text is always text, never HTML. */
export function h(tag, props = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value)
    else if (name === 'class') made.className = value
    else if (name === 'value') made.value = value
    else if (name === 'checked' || name === 'disabled' || name === 'selected') made[name] = Boolean(value)
    else if (name === 'style') Object.assign(made.style, value)
    else made.setAttribute(name, value === true ? '' : String(value))
  }
  made.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false))
  return made
}

/** Put these in the place of whatever stands in an element. */
export function put(into, ...children) {
  into.replaceChildren(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false))
  return into
}

const ICONS = {
  chat: 'M4 5h16v11H9l-5 4z',
  people: 'M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-7 9c0-4 3-6 7-6s7 2 7 6zm14-10a3 3 0 1 0 0-6m1 9c3 .3 5 2 5 5h-3',
  group: 'M8 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6zm8 0a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 19c0-3.5 2.5-6 6-6s6 2.5 6 6m0-5c4-2 8 1 8 5',
  phone: 'M7 2h10a1 1 0 0 1 1 1v18a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1zm3 17h4',
  task: 'M5 4h14v16H5zm3 8 3 3 5-6',
  me: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-8 9c0-5 3.5-7 8-7s8 2 8 7',
  find: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zm3.5-12.5-2 5-5 2 2-5z',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zm4.7-1.8L20 20',
  log: 'M4 5h16M4 10h16M4 15h10M4 20h7',
  bell: 'M6 17V11a6 6 0 1 1 12 0v6l2 2H4zm4 4h4',
  bolt: 'M13 2 5 14h6l-1 8 8-12h-6z',
  home: 'M4 11 12 4l8 7v9h-5v-6H9v6H4z',
  back: 'M15 5l-7 7 7 7',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  scan: 'M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6 6 18',
}
export function icon(name, size = 18) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  for (const [key, value] of Object.entries({ viewBox: '0 0 24 24', width: size, height: size, 'aria-hidden': 'true' }))
    svg.setAttribute(key, value)
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  for (const [key, value] of Object.entries({
    d: ICONS[name],
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': name === 'more' ? 3 : 1.7,
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
  }))
    path.setAttribute(key, value)
  svg.append(path)
  return svg
}

const COLOURS = ['#4f7cac', '#5b9279', '#b0704b', '#8a6bb1', '#b5566b', '#4a8f9c', '#9a8240', '#6f7d8c']
/** A sign of their own for somebody: the last character of a person's name, the first of anything else's. */
export function face(name, key = name, square = false) {
  let sum = 0
  for (const mark of key) sum = (sum * 31 + mark.codePointAt(0)) >>> 0
  const letters = [...(name || '?')]
  return h(
    'span',
    { class: square ? 'face square' : 'face', style: { background: COLOURS[sum % COLOURS.length] }, 'aria-hidden': 'true' },
    square || /[a-z]/i.test(letters[0]) ? letters[0].toUpperCase() : letters.at(-1),
  )
}

export function toast(text, kind = 'info') {
  const made = h('div', { class: `toast ${kind}` }, text)
  document.getElementById('toasts').append(made)
  setTimeout(() => made.remove(), kind === 'error' ? 7000 : 3200)
}

export async function copy(text, said) {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    const area = h('textarea', { style: { position: 'fixed', opacity: '0' } })
    area.value = text
    document.body.append(area)
    area.select()
    document.execCommand('copy')
    area.remove()
  }
  toast(said)
}

/** A button that waits for what it does, and says what went wrong. */
export function button(label, act, props = {}) {
  const made = h('button', { type: 'button', ...props, class: `button ${props.class ?? ''}` }, label)
  made.addEventListener('click', async (event) => {
    event.preventDefault()
    made.disabled = true
    try {
      await act(event)
    } catch (error) {
      toast(error.message, 'error')
    } finally {
      made.disabled = false
    }
  })
  return made
}

/** A form whose fields come as an object; a failure is told, and what was typed stays. */
export function form(submit, props, ...children) {
  const made = h('form', { autocomplete: 'off', ...props }, ...children)
  made.addEventListener('submit', async (event) => {
    event.preventDefault()
    const fields = Object.fromEntries(new FormData(made))
    const buttons = made.querySelectorAll('button')
    for (const one of buttons) one.disabled = true
    try {
      await submit(fields, made)
    } catch (error) {
      toast(error.message, 'error')
    } finally {
      for (const one of buttons) one.disabled = false
    }
  })
  return made
}
