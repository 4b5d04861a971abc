// Calls the API as it is told. Argument: `node-easywechat`, which sends anything anywhere and sees to token and envelope.
import { createRequire } from 'node:module'
import { answer } from './lines.mjs'

const require = createRequire(import.meta.url)
const Application = require('node-easywechat/dist/Work/Application.js')
const FormData = require('form-data')

/** What it keeps tokens in, in place of files of its own in a folder shared by everything on this machine. */
class Memory {
  kept = new Map()
  has = async (key) => this.kept.has(key)
  get = async (key) => this.kept.get(key)
  set = async (key, value) => Boolean(this.kept.set(key, value))
  delete = async (key) => this.kept.delete(key)
  clear = async () => Boolean(this.kept.clear() ?? true)
}

let app

/** What its own methods do, where it has some. */
const own = {
  gettoken: async () => ({ access_token: await app.getAccessToken().refresh() }),
  get_jsapi_ticket: async () => ({ ticket: await app.getTicket().getTicket() }),
  'ticket/get': async () => ({ ticket: await app.getTicket().getAgentTicket(1) }),
}

async function send(method, path, given) {
  const client = app.getClient()
  const url = `/cgi-bin/${path}`
  if (path === 'media/get') {
    const answered = await client.get(url, { params: given, responseType: 'arraybuffer' })
    return { content: Buffer.from(answered.response.data).toString('base64') }
  }
  if ('content' in given && 'filename' in given) {
    const { content, filename, ...params } = given
    const form = new FormData()
    form.append('media', Buffer.from(content, 'base64'), { filename })
    return (await client.post(url, { params, formData: form })).toObject()
  }
  const answered = method === 'GET' ? await client.get(url, { params: given }) : await client.post(url, { json: given })
  return answered.toObject()
}

await answer({
  start({ base, corpid, secret }) {
    app = new Application({ corp_id: corpid, secret, http: { baseURL: `${base}/`, timeout: 20000, throw: false } })
    app.setCache(new Memory())
    return {}
  },
  async call({ method, path, given }) {
    try {
      const answered = path in own ? await own[path]() : await send(method, path, given)
      if (answered.errcode) return { errcode: answered.errcode, errmsg: answered.errmsg }
      return { answer: answered }
    } catch (error) {
      const code = /"errcode":(-?\d+)/.exec(error.message)?.[1]
      if (code === undefined) throw error
      return { errcode: Number(code), errmsg: error.message }
    }
  },
  has: () => ({ has: true }),
  agentConfig: ({ agentid, url, nonce, timestamp }) =>
    app.getTicket().createAgentConfigSignature(agentid, url, nonce, timestamp),
})
