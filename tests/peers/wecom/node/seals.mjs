// Seals and opens what it is told with somebody's crypto. Argument: the package.
import { createRequire } from 'node:module'
import { answer } from './lines.mjs'

const require = createRequire(import.meta.url)

// Two packages sign and decrypt, and leave the comparing to whoever calls them.
const compared = {
  signature(expected, given) {
    if (expected !== given) throw new Error('signature')
  },
  receiver(opened, receiver) {
    if (opened.id !== receiver) throw new Error('receiver')
    return opened.message
  },
}

const kinds = {
  '@wecom/crypto': () => {
    const { getSignature, encrypt, decrypt } = require('@wecom/crypto')
    return (token, key, receiver) => ({
      seal(text, timestamp, nonce) {
        const encrypted = encrypt(key, text, receiver)
        return { encrypted, signature: getSignature(token, timestamp, nonce, encrypted) }
      },
      open(encrypted, signature, timestamp, nonce) {
        compared.signature(getSignature(token, timestamp, nonce, encrypted), signature)
        return compared.receiver(decrypt(key, encrypted), receiver)
      },
    })
  },
  'wechat-crypto': () => {
    const Crypto = require('wechat-crypto')
    return (token, key, receiver) => {
      const crypto = new Crypto(token, key, receiver)
      return {
        seal(text, timestamp, nonce) {
          const encrypted = crypto.encrypt(text)
          return { encrypted, signature: crypto.getSignature(timestamp, nonce, encrypted) }
        },
        open(encrypted, signature, timestamp, nonce) {
          compared.signature(crypto.getSignature(timestamp, nonce, encrypted), signature)
          return compared.receiver(crypto.decrypt(encrypted), receiver)
        },
      }
    }
  },
  'node-easywechat': () => {
    const Application = require('node-easywechat/dist/Work/Application.js')
    const ServerRequest = require('node-easywechat/dist/Core/Http/ServerRequest.js')
    return (token, key, receiver) => {
      const app = new Application({ corp_id: receiver, secret: 'x', token, aes_key: key })
      const crypto = app.getEncryptor()
      return {
        seal: (text, timestamp, nonce) => ({ packet: crypto.encrypt(text, nonce, timestamp) }),
        open: (encrypted, signature, timestamp, nonce) => crypto.decrypt(encrypted, signature, nonce, timestamp),
        // Its own server with its own reading of XML: what it makes of a request, field by field.
        async serve(method, url, body) {
          app.setRequest(new ServerRequest(method, url, {}, body))
          const seen = {}
          const server = app.getServer()
          server.handlers = []
          server.with((message, next) => {
            Object.assign(seen, message.attributes)
            return next(message)
          })
          const answered = await server.serve()
          return { status: answered.getStatusCode(), body: String(answered.getBody()), fields: seen }
        },
      }
    }
  },
}

const make = kinds[process.argv[2]]()
const made = new Map()

function crypto(secrets) {
  const which = secrets.join(' ')
  if (!made.has(which)) made.set(which, make(...secrets))
  return made.get(which)
}

const sealedIn = (body) => /<Encrypt><!\[CDATA\[([^\]]*)\]\]><\/Encrypt>/.exec(body)[1]

await answer({
  seal: ({ secrets, text, timestamp, nonce }) => crypto(secrets).seal(text, timestamp, nonce),
  open: ({ secrets, encrypted, signature, timestamp, nonce }) => ({
    text: crypto(secrets).open(encrypted, signature, timestamp, nonce),
  }),
  receive: ({ secrets, body, signature, timestamp, nonce }) => ({
    text: crypto(secrets).open(sealedIn(body), signature, timestamp, nonce),
  }),
  verify: ({ secrets, echostr, signature, timestamp, nonce }) => ({
    text: crypto(secrets).open(echostr, signature, timestamp, nonce),
  }),
  serve: ({ secrets, method, url, body }) => crypto(secrets).serve(method, url, body),
})
