/** A phone: a frame with a status line, a stack of screens, tabs, and sheets that come up from below. */
import { button, form, h, icon, put } from './dom.js'
import { now } from './state.js'
import { t, when } from './words.js'

export class Phone {
  /** `tabs`: {key, label, icon, badge?, draw(phone, body)}. */
  constructor(kind, tabs) {
    this.kind = kind
    this.tabs = tabs
    this.tab = tabs[0].key
    this.stack = []
    this.time = h('span', { class: 'num' })
    this.top = h('div', { class: 'phone-top' })
    this.body = h('div', { class: 'phone-body' })
    this.foot = h('div', { class: 'phone-foot' })
    this.over = h('div', { class: 'phone-sheet', hidden: true })
    this.el = h(
      'div',
      { class: `phone ${kind}` },
      h('div', { class: 'phone-line' }, this.time, h('span', {}, '●●● 5G ▮')),
      this.top,
      this.body,
      this.foot,
      this.over,
    )
    this.tick()
  }

  tick() {
    this.time.textContent = when(now(), 'hour')
  }

  /** Another tab, from its beginning. */
  open(tab) {
    this.tab = tab
    this.stack = []
    return this.draw()
  }

  /** A screen above: {title, subtitle?, menu?(phone), draw(phone, body), foot?}. */
  push(screen) {
    this.stack.push(screen)
    return this.draw()
  }

  back() {
    this.stack.pop()
    return this.draw()
  }

  reset() {
    this.stack = []
    this.close()
    return this.draw()
  }

  get screen() {
    return this.stack.at(-1)
  }

  async draw() {
    this.close()
    const screen = this.screen
    const tab = this.tabs.find((one) => one.key === this.tab)
    put(
      this.top,
      screen
        ? h('button', { type: 'button', class: 'plain', 'aria-label': '←', onclick: () => this.back() }, icon('back'))
        : h('span', { class: 'phone-side' }),
      h(
        'div',
        { class: 'phone-title' },
        h('strong', {}, screen ? screen.title : tab.title?.() ?? t(tab.label)),
        screen?.subtitle ? h('small', {}, screen.subtitle) : null,
      ),
      screen?.menu
        ? h('button', { type: 'button', class: 'plain', 'aria-label': '⋯', onclick: () => screen.menu(this) }, icon('more'))
        : (tab.menu && !screen)
          ? h('button', { type: 'button', class: 'plain', 'aria-label': '+', onclick: () => tab.menu(this) }, icon('plus'))
          : h('span', { class: 'phone-side' }),
    )
    put(this.body)
    this.drawFoot()
    await (screen ?? tab).draw(this, this.body)
  }

  drawFoot() {
    if (this.screen?.foot) {
      put(this.foot, this.screen.foot(this))
      return
    }
    put(
      this.foot,
      h(
        'nav',
        { class: 'phone-tabs' },
        this.tabs.map((one) =>
          h(
            'button',
            { type: 'button', class: one.key === this.tab ? 'on' : '', 'data-tab': one.key, onclick: () => this.open(one.key) },
            icon(one.icon, 20),
            h('span', {}, t(one.label)),
            one.badge?.() ? h('b', { class: 'badge' }, one.badge()) : null,
          ),
        ),
      ),
    )
  }

  close() {
    this.over.hidden = true
    put(this.over)
  }

  /** A sheet with lines to choose from: {label, act, danger?}. */
  sheet(lines, title) {
    const shown = lines.filter(Boolean)
    this.show(
      title ? h('div', { class: 'sheet-title' }, title) : null,
      ...shown.map((one) =>
        button(
          one.label,
          async () => {
            this.close()
            await one.act()
          },
          { class: `line ${one.danger ? 'danger' : ''}` },
        ),
      ),
      button(t('cancel'), () => this.close(), { class: 'line quiet' }),
    )
  }

  /** A sheet that asks for words. */
  ask(title, fields, submit) {
    this.show(
      h('div', { class: 'sheet-title' }, title),
      form(
        async (given) => {
          await submit(given)
          this.close()
        },
        { class: 'sheet-form' },
        fields.map((one) => {
          if (one.options) {
            return h(
              'label',
              {},
              one.label,
              h('select', { name: one.name }, one.options.map(([value, label]) => h('option', { value }, label))),
            )
          }
          return h('label', {}, one.label, h('input', { name: one.name, value: one.value ?? '', maxlength: one.most ?? 200, required: one.required ?? true }))
        }),
        h('button', { class: 'button primary', type: 'submit' }, t('ok')),
      ),
      button(t('cancel'), () => this.close(), { class: 'line quiet' }),
    )
    this.over.querySelector('input')?.focus()
  }

  sure(question, label, act) {
    this.sheet([{ label, act, danger: true }], question)
  }

  show(...children) {
    put(this.over, h('div', { class: 'sheet' }, ...children))
    this.over.onclick = (event) => {
      if (event.target === this.over) this.close()
    }
    this.over.hidden = false
  }
}

export const empty = (text) => h('p', { class: 'empty' }, text)
