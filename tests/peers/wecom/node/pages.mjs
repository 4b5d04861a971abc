// Signs pages, or opens one as WeCom's own window would. Argument: the package.
import { createRequire } from 'node:module'
import { answer } from './lines.mjs'

const require = createRequire(import.meta.url)
const { getJsApiSignature } = require('@wecom/crypto')

// The SDK waits for nobody when it registers: a refusal is told again to whoever asks for something.
process.on('unhandledRejection', () => {})

const kinds = {
  '@wecom/crypto': {
    sign: ({ ticket, nonce, timestamp, url }) =>
      getJsApiSignature({ ticket, nonceStr: nonce, timestamp, url }),
  },
  'node-easywechat': {
    sign({ ticket, nonce, timestamp, url }) {
      const JsApiTicket = require('node-easywechat/dist/Work/JsApiTicket.js')
      return { signature: new JsApiTicket('ww1', 'x').getTicketSignature(ticket, nonce, timestamp, url) }
    },
  },
  '@wecom/jssdk': { open },
}

/**
 * Opens `href` in a window of WeCom with Tencent's SDK in it. `config` and `agentConfig` are what the page was signed
 * with; `tickets` is what the window checks them against, in place of WeCom itself.
 */
async function open({ href, corpid, agentid, config, agentConfig, tickets, contact, version = '4.1.36' }) {
  const signedFor = []
  const invoked = []
  const right = (name, ticket, { timestamp, nonceStr, signature }) => {
    const url = href.split('#')[0]
    const expected = getJsApiSignature({ ticket, nonceStr, timestamp, url }).signature
    return { err_msg: signature === expected ? `${name}:ok` : `${name}:fail invalid signature` }
  }
  const bridge = {
    preVerifyJSAPI: (p) =>
      right('preVerifyJSAPI', tickets.corp, {
        timestamp: p.verifyTimestamp,
        nonceStr: p.verifyNonceStr,
        signature: p.verifySignature,
      }),
    agentConfig: (p) => right('agentConfig', tickets.app, p),
    getCurExternalContact: () => ({ err_msg: 'getCurExternalContact:ok', userId: contact }),
  }
  globalThis.window = {
    WeixinJSBridge: {
      invoke(name, params, done) {
        invoked.push({ name, params })
        done(bridge[name](params))
      },
    },
  }
  globalThis.location = { href }
  Object.defineProperty(globalThis, 'navigator', {
    configurable: true,
    value: { userAgent: `Mozilla/5.0 MicroMessenger/7.0.1 wxwork/${version}`, platform: 'Win32' },
  })
  const file = require.resolve('@wecom/jssdk')
  delete require.cache[file]
  const ww = require(file)
  const given = (data) => (url) => {
    signedFor.push(url)
    return data
  }
  ww.register({
    corpId: corpid,
    agentId: agentid,
    jsApiList: ['getCurExternalContact'],
    getConfigSignature: given(config),
    getAgentConfigSignature: given(agentConfig),
  })
  const said = { signedFor, invoked }
  try {
    said.contact = (await ww.getCurExternalContact()).userId
  } catch (error) {
    said.failed = error.errMsg ?? String(error.message)
  }
  return said
}

await answer(kinds[process.argv[2]])
