/** Companies: their keys, where callbacks go, apps and what they may, staff. */
import { act, corpPath, get, post } from './api.js'
import { button, copy, form, h, icon, put, toast } from './dom.js'
import { corpid, go, look } from './state.js'
import { number, t } from './words.js'

const PERMISSIONS = ['contact', 'group', 'tag', 'message', 'moment', 'transfer', 'acquisition']

export async function corpsView(root, again) {
  const corp = corpid()
  if (!corp) {
    put(root, h('div', { class: 'cards' }, h('p', { class: 'panel' }, t('no_corp')), making(again)))
    return () => {}
  }
  const found = await get(corpPath(corp))
  const draw = () => corpsView(root, again)
  put(
    root,
    h(
      'div',
      { class: 'cards' },
      h('div', { class: 'column' }, keys(found), making(again)),
      h(
        'div',
        { class: 'column' },
        callback(found, async () => {
          await look()
          await draw()
        }),
        shop(found, draw),
        hiring(corp),
      ),
      h('section', { class: 'panel' }, h('h3', {}, t('apps_title')), found.apps.map((app) => appCard(corp, app, draw))),
    ),
  )
  return () => {}
}

function keys(found) {
  const line = (label, value) =>
    h(
      'div',
      { class: 'key' },
      h('small', {}, label),
      h('code', {}, value),
      h('button', { type: 'button', class: 'plain', 'aria-label': `${t('copy')} ${label}`, onclick: () => copy(String(value), t('copied')) }, icon('copy', 15)),
    )
  return h(
    'section',
    { class: 'panel' },
    h('h3', {}, found.name),
    h('div', { class: 'counts' }, ['staff', 'people', 'groups', 'tags'].map((one) => h('span', {}, h('b', { class: 'num' }, number(found.counts[one])), h('small', {}, t(`count_${one}`))))),
    h('p', { class: 'hint' }, t('keys_hint')),
    line(t('base_url'), location.origin),
    line('corpid', found.keys.corpid),
    line('AgentId', found.keys.agentid),
    line('Secret', found.keys.secret),
    line(t('archive_secret'), found.keys.archive_secret),
    line('Token', found.keys.token),
    line('EncodingAESKey', found.keys.aes_key),
  )
}

function callback(found, draw) {
  return h(
    'section',
    { class: 'panel', 'data-card': 'callback' },
    h('h3', {}, t('callback_title')),
    h('p', { class: 'hint' }, t('callback_hint')),
    form(
      async (given) => {
        const outcome = await post(corpPath(found.corpid, 'callback'), given)
        if (!outcome.ok) throw new Error(t('callback_bad', { why: outcome.why }))
        toast(t('callback_good'))
        await draw()
      },
      {},
      h('label', {}, t('callback_url'), h('input', { name: 'url', required: true, value: found.callback_url ?? '', placeholder: 'http://127.0.0.1:8000/wecom/callback/main', maxlength: 500 })),
      h('label', {}, 'Token', h('input', { name: 'token', maxlength: 32, placeholder: found.keys.token })),
      h('label', {}, 'EncodingAESKey', h('input', { name: 'aes_key', maxlength: 43, placeholder: found.keys.aes_key })),
      h(
        'div',
        { class: 'row-acts' },
        h('button', { class: 'button primary', type: 'submit' }, t('callback_set')),
        found.callback_url
          ? button(
              t('callback_stop'),
              async () => {
                await post(corpPath(found.corpid, 'callback'), { url: '' })
                await draw()
              },
              { class: 'quiet' },
            )
          : null,
      ),
    ),
  )
}

function appCard(corp, app, draw) {
  const save = async (changed) => {
    await post(corpPath(corp, 'app'), { agentid: app.agentid, ...changed })
    toast(t('done'))
    await draw()
  }
  return h(
    'div',
    { class: 'app-card' },
    h('div', { class: 'between' }, h('b', {}, app.name), h('small', {}, `${t(`app_kind_${app.kind}`)} · ${app.agentid}`)),
    app.kind === 'app'
      ? h(
          'div',
          { class: 'perms' },
          PERMISSIONS.map((one) =>
            h(
              'label',
              {},
              h('input', {
                type: 'checkbox',
                checked: app.permissions.includes(one),
                onchange: (event) => {
                  const kept = app.permissions.filter((each) => each !== one)
                  save({ permissions: event.target.checked ? [...kept, one] : kept }).catch((error) => toast(error.message, 'error'))
                },
              }),
              t(`perm_${one}`),
            ),
          ),
        )
      : null,
    form(
      ({ ips }) => {
        const list = ips.split(/[,，\s]+/).filter(Boolean)
        return save({ trusted_ips: list.length ? list : null })
      },
      { class: 'inline' },
      h('label', {}, t('trusted'), h('input', { name: 'ips', value: app.trusted_ips ? Object.keys(app.trusted_ips).join(', ') : '', placeholder: t('trusted_any'), title: t('trusted_hint') })),
      h('button', { class: 'button small', type: 'submit' }, t('save')),
    ),
    h('label', { class: 'switch' }, h('input', { type: 'checkbox', checked: app.disabled, onchange: (event) => save({ disabled: event.target.checked }).catch((error) => toast(error.message, 'error')) }), t('app_off')),
  )
}

function shop(found, draw) {
  return h(
    'section',
    { class: 'panel' },
    h('h3', {}, t('shop_title')),
    h('p', { class: 'hint' }, t('shop_hint')),
    form(
      async (given) => {
        await post(corpPath(found.corpid, 'shop'), given)
        toast(t('done'))
        await draw()
      },
      {},
      h('label', {}, t('shop_url'), h('input', { name: 'url', value: found.shop_url ?? '', placeholder: 'http://127.0.0.1:8000', maxlength: 500 })),
      h('label', {}, t('write_key'), h('input', { name: 'write_key', maxlength: 200 })),
      h('button', { class: 'button', type: 'submit' }, t('save')),
    ),
  )
}

function hiring(corp) {
  return h(
    'section',
    { class: 'panel' },
    h('h3', {}, t('hire')),
    form(
      async (given, made) => {
        await act(corp, 'hire', given)
        toast(t('done'))
        made.reset()
      },
      { class: 'inline' },
      h('label', {}, 'userid', h('input', { name: 'userid', required: true, maxlength: 64, pattern: '[A-Za-z0-9_@.\\-]+' })),
      h('label', {}, t('new_person_name'), h('input', { name: 'name', required: true, maxlength: 60 })),
      h('button', { class: 'button', type: 'submit' }, t('ok')),
    ),
  )
}

function making(again) {
  return h(
    'section',
    { class: 'panel' },
    h('h3', {}, t('new_corp')),
    form(
      async ({ name, staff }) => {
        const made = await post('/corps', { name, staff: staff.split('\n').map((one) => one.trim()).filter(Boolean) })
        await look()
        go({ corp: made.corpid, staff: null, person: null, group: null })
        await again()
      },
      {},
      h('label', {}, t('corp_name'), h('input', { name: 'name', required: true, maxlength: 100 })),
      h('label', {}, t('corp_staff'), h('textarea', { name: 'staff', rows: 3, placeholder: 'xifeng:王熙凤' })),
      h('button', { class: 'button', type: 'submit' }, t('make')),
    ),
  )
}
