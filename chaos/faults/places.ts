import { c2cConversationId, parseUserId, type UserId } from '@hongyan/protocol'
import type { Client } from '../../client-sdk/src/core/client-api.ts'
import { createClient } from '../../client-sdk/src/core/client.ts'
import { nodePlatform } from '../../client-sdk/src/platform/node.ts'
import type { Rig } from '../rig/rig.ts'
import { SDK_APP_ID, userSigOf } from '../rig/signing.ts'
import { pause, until } from '../rig/waiting.ts'
import { Finding, type Scenario } from './scenario.ts'

/** A login that takes the place of others, and what became of it. */
interface Contender {
  readonly client: Client
  kicks: number
  dials: number
  isIn: boolean
}

/** The sweep that ends displaced sessions whose news was lost comes every 15 s. */
const KICKED_WITHIN_MS = 60_000

function contend(port: number): Contender {
  const platform = nodePlatform()
  const contender: Contender = {
    kicks: 0,
    dials: 0,
    isIn: false,
    client: createClient({
      url: `ws://127.0.0.1:${port}/im/ws`,
      sdkAppId: SDK_APP_ID,
      agent: 'chaos places',
      platform: {
        ...platform,
        device: 'web',
        transport: {
          dial: (url, events) => {
            contender.dials++
            return platform.transport.dial(url, events)
          },
        },
      },
    }),
  }
  contender.client.onChange((change) => {
    if (change.kind === 'ended') contender.kicks++
  })
  return contender
}

async function enter(contender: Contender, userId: UserId): Promise<void> {
  try {
    await contender.client.login(userId, userSigOf(userId))
    contender.isIn = true
  } catch {
    // Displaced before its login was answered: it has no place, and nothing to be told.
  }
}

async function contest(rig: Rig, logins: number, finding: Finding): Promise<void> {
  const userId = parseUserId(`slot${rig.seed}`) as UserId
  const contenders: Contender[] = []
  for (let number = 0; number < logins; number += 2) {
    if (number === Math.floor(logins / 4) * 2) await rig.cluster.redis.kill('SIGKILL')
    const ports = [0, 1].map((offset) => rig.cluster.gateway((number + offset) % 3).port)
    const two = ports.map((port) => contend(port))
    contenders.push(...two)
    await Promise.all(two.map((one) => enter(one, userId)))
  }
  await rig.cluster.redis.restart()
  const active = (): readonly Contender[] => contenders.filter(({ client }) => client.self !== undefined)
  await until('one is left', () => active().length <= 1, { deadlineMs: KICKED_WITHIN_MS }).catch(() => {})
  // Whoever would come back by himself would do it now.
  await pause(3_000)
  judge(contenders, active(), finding)
  await judgeSending(contenders, userId, finding)
  await Promise.all(contenders.map(({ client }) => client.logout()))
}

function judge(contenders: readonly Contender[], active: readonly Contender[], finding: Finding): void {
  if (active.length !== 1) finding.blame(`${active.length} logins hold one place`)
  for (const [number, { kicks, isIn, client }] of contenders.entries()) {
    if (kicks > 1) finding.blame(`login ${number} was told ${kicks} times that it had been displaced`)
    if (isIn && client.self === undefined && kicks === 0) finding.blame(`login ${number} lost its place without a word`)
    if (client.self !== undefined && kicks > 0) finding.blame(`login ${number} was displaced and is still there`)
  }
  const wins = contenders.filter(({ isIn }) => isIn).length
  const dials = contenders.reduce((sum, one) => sum + one.dials, 0)
  if (dials > contenders.length) finding.blame(`${contenders.length} logins dialled ${dials} times`)
  finding.note(`${contenders.length} logins, ${wins} let in, ${dials} dials`)
  finding.effect = contenders.length - 1
}

/** Only the winner has an effect. */
async function judgeSending(contenders: readonly Contender[], userId: UserId, finding: Finding): Promise<void> {
  const conversationId = c2cConversationId(userId, userId)
  for (const [number, { client }] of contenders.entries()) {
    const isWinner = client.self !== undefined
    const elements = [{ type: 'text' as const, text: `from ${number}` }]
    const draft = { conversationId, clientMsgId: client.newClientMsgId(), elements }
    const wasSent = await client.send(draft).then(
      () => true,
      () => false,
    )
    if (wasSent !== isWinner) finding.blame(`login ${number} ${wasSent ? 'could' : 'could not'} send`)
  }
}

export const PLACE_FAULTS: readonly Scenario[] = [
  {
    id: 'F-24',
    what: 'two devices log in to one slot 200 times at once from 3 gateways, Redis down half of the time',
    isMixable: false,
    run: async (rig, { isBrief }) => {
      const finding = new Finding()
      await contest(rig, isBrief ? 40 : 200, finding)
      return finding
    },
  },
]
