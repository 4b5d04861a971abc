// Sends one of each call, and some twice. Arguments: address, write key.
import { Analytics } from '@segment/analytics-node'

const [host, writeKey] = process.argv.slice(2)
const failures = []
const analytics = new Analytics({ host, writeKey, maxRetries: 2 })
analytics.on('error', (error) => failures.push(String(error.reason ?? error.code)))
const context = {
  externalIds: [{ id: 'wm_1', type: 'wecom_external_userid', collection: 'users', encoding: 'none' }],
}
const hourAgo = new Date(Date.now() - 3_600_000)
analytics.identify({ userId: '黛玉', traits: { name: '林黛玉', email: 'daiyu@example.org' } })
analytics.track({
  userId: '黛玉',
  event: 'Tea Tasted',
  properties: { tea: '龙井', value: 12.5 },
  context,
  timestamp: hourAgo,
})
analytics.track({ anonymousId: 'visitor-1', event: 'Looked Around' })
analytics.page({ userId: '黛玉', category: 'docs', name: 'Tea', properties: { path: '/tea' } })
analytics.screen({ userId: '黛玉', category: 'app', name: 'Cart' })
analytics.group({ userId: '黛玉', groupId: '诗社', traits: { name: '海棠诗社' } })
analytics.alias({ previousId: 'visitor-1', userId: '黛玉' })
analytics.track({ userId: '悟空', event: 'Order Completed', properties: { order_id: 'A1', total: 99 } })
for (let n = 0; n < 2; n++) analytics.track({ userId: '悟空', event: 'Sent Twice', messageId: 'twice' })
for (let n = 0; n < 400; n++) {
  analytics.track({ userId: '八戒', event: 'Counted', properties: { n, pad: '馒头'.repeat(400) } })
}
await analytics.closeAndFlush()
if (failures.length) {
  console.error(failures.join('; '))
  process.exit(1)
}
