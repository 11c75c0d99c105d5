import { SDK_APP_ID, userSigOf } from '../rig/signing.ts'
import { Crowd, NAIVE, WITH_JITTER } from './crowd.ts'
import type { CrowdNews, CrowdOrder } from './crowd-orders.ts'

// A process that is a crowd: forked by storms.ts, ends with the one that forked it.

const NEWS_EVERY_MS = 100

let crowd: Crowd | undefined
let ports: readonly number[] = []
let turn = 0
let lostAfterMs = 0

function tell(news: CrowdNews): void {
  if (process.connected) process.send?.(news)
}

function obey(order: CrowdOrder): void {
  if (order.kind === 'ports') {
    ports = order.ports
    if (order.isLoss) lostAfterMs = performance.now() - 1_000
  } else if (order.kind === 'leave') void crowd?.leave().then(() => process.exit(0))
  else {
    ports = order.ports
    crowd = new Crowd(order.name, order.count, { sdkAppId: SDK_APP_ID, userSigOf })
    const come = crowd.come(() => ports[turn++ % ports.length] ?? 1, order.isNaive ? NAIVE : WITH_JITTER)
    void come.then(() => tell({ kind: 'came' }))
  }
}

process.on('message', (order: CrowdOrder) => obey(order))
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => {})
setInterval(() => {
  if (crowd === undefined) return
  const { present, attempts } = crowd
  tell({ kind: 'state', present, attempts, resumedMs: crowd.resumedSince(lostAfterMs) })
}, NEWS_EVERY_MS)
