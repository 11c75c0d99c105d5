import type { ConversationId, UserId } from '@hongyan/protocol'
import { textIn } from './oracle.ts'
import type { SimApp } from './sim-app.ts'
import type { World } from './world.ts'
import { textOf, type SendRecord } from './witness.ts'
import { checkGroups } from './group-checkers.ts'

/** What still keeps a healed world from being at rest; empty when it is. */
export function unrest(world: World): readonly string[] {
  const reasons: string[] = []
  for (const { userId, app } of world.slots) {
    const { client, instanceId } = app
    if (client.self === undefined) reasons.push(`${instanceId} is not logged in`)
    else if (!client.isSyncComplete || !app.isReady) reasons.push(`${instanceId} is not up to date`)
    else if (app.unanswered > 0) reasons.push(`${instanceId} waits for ${app.unanswered} answers`)
    else {
      const digest = client.stateDigest()
      const truth = world.witness.oracle.digest(userId)
      if (digest !== truth) reasons.push(`${instanceId} believes ${digest} where ${truth} is true`)
      const { epoch } = world.postgres
      if (app.inside?.store.epoch !== epoch && !world.postgres.flaws.constantEpoch) {
        reasons.push(`${instanceId} is in ${app.inside?.store.epoch}, the store in ${epoch}`)
      }
    }
  }
  for (const { pending, draft, app } of world.witness.sends.values()) {
    if (pending > 0 && app.isAlive) reasons.push(`${draft.clientMsgId} has no answer`)
  }
  for (const node of world.nodes) {
    for (const { userId, loginKey } of node.context.registry.all()) {
      if (loginKey !== undefined && !world.postgres.tables.login.has(String(loginKey))) {
        reasons.push(`a session of ${userId} lives without a login`)
      }
    }
  }
  return reasons
}

/** The promises that can be judged when everything is at rest. */
export function checkAtRest(world: World): void {
  checkDurable(world)
  checkAnswers(world)
  checkStoreIsTheLog(world)
  checkSendOrder(world)
  checkToldOnce(world)
  checkPlaces(world)
  checkNoStorm(world)
  checkOutbox(world)
  checkGroups(world)
}

/** I1: what was acknowledged is in the log with that number, or was there until a rewind took it. */
function checkDurable(world: World): void {
  const { oracle } = world.witness
  const stored = new Set<string>()
  for (const { entry } of [...oracle.entries, ...oracle.lost]) {
    if (entry.kind === 'message') stored.add(`${entry.message.senderId} ${idOf(entry.message.id)} ${entry.message.seq}`)
  }
  for (const { app, draft, acks } of world.witness.sends.values()) {
    for (const { seq } of acks) {
      if (stored.has(`${app.userId} ${draft.clientMsgId} ${seq}`)) continue
      world.witness.blame('I1', `${draft.clientMsgId} was acknowledged as ${seq} and is not stored`)
    }
  }
}

/** I2: every answer for one id is the same, as long as the store is the same. */
function checkAnswers(world: World): void {
  if (world.postgres.stats.rewinds > 0) return
  for (const { draft, acks } of world.witness.sends.values()) {
    if (new Set(acks.map(({ seq }) => seq)).size > 1) {
      world.witness.blame('I2', `${draft.clientMsgId} was acknowledged as ${acks.map(({ seq }) => seq).join(' and ')}`)
    }
  }
}

/** I1 and I3: what is in the tables now is what was committed, no less and no more. */
function checkStoreIsTheLog(world: World): void {
  const { tables } = world.postgres
  const { oracle } = world.witness
  const rows = tables.message.size + tables.entry.size
  if (rows !== oracle.entries.length) {
    world.witness.blame('I1', `${oracle.entries.length} entries were committed and ${rows} are in the tables`)
  }
  for (const { id, lastOffset } of tables.timeline.values()) {
    if (oracle.headOf(id) !== lastOffset) {
      world.witness.blame('I3', `${id} says it ends at ${lastOffset}, and ends at ${oracle.headOf(id)}`)
    }
  }
}

/** I3: what one login of a device sent into one conversation is there in the order sent. */
function checkSendOrder(world: World): void {
  const last = new Map<string, { readonly order: number; readonly seq: number }>()
  const placed = new Map<string, number>()
  for (const { entry } of world.witness.oracle.entries) {
    if (entry.kind === 'message') placed.set(`${entry.message.senderId} ${idOf(entry.message.id)}`, entry.message.seq)
  }
  const inOrder = [...world.witness.sends.values()].sort((a, b) => a.order - b.order)
  for (const { app, draft, order, acks, issued, failures } of inOrder) {
    const seq = placed.get(`${app.userId} ${draft.clientMsgId}`)
    // What the person sent again himself has its place by that.
    if (seq === undefined || issued > 1 || acks.length === 0 || failures.length > 0) continue
    const lane = `${app.instanceId} ${draft.conversationId}`
    const before = last.get(lane)
    if (before && before.seq > seq) {
      world.witness.blame('I3', `${draft.clientMsgId} was sent after one with seq ${before.seq} and got ${seq}`)
    }
    last.set(lane, { order, seq })
  }
}

/** I2: a device that was there is told of each message of others exactly once. */
function checkToldOnce(world: World): void {
  const { oracle } = world.witness
  for (const { userId, app } of world.slots) {
    const told = world.witness.toldNow(app)
    const since = told?.syncedAtMs
    if (!told || since === undefined || told.hasReset) continue
    for (const { entry, atMs, timeline, offset } of oracle.entries) {
      if (entry.kind !== 'message' || atMs <= since || !oracle.isHisNow(userId, timeline, offset)) continue
      const { message } = entry
      const record = world.witness.sends.get(`${message.senderId} ${idOf(message.id)}`)
      if (record?.app === app || isDoneWith(world, userId, message.conversationId, message.seq)) continue
      if (told.seqs.get(message.conversationId)?.includes(message.seq) !== true) {
        world.witness.blame('I2', `${app.instanceId} was never told of ${message.conversationId} ${message.seq}`)
      }
    }
  }
}

function isDoneWith(world: World, userId: UserId, conversationId: ConversationId, seq: number): boolean {
  return !world.witness.oracle.view(userId, conversationId).messages.some(({ message }) => message.seq === seq)
}

/** I7: whoever was displaced hears it once and keeps quiet. */
function checkPlaces(world: World): void {
  for (const app of world.apps) {
    if (!app.isAlive) continue
    if (app.ended > app.logins) world.witness.blame('I7', `${app.instanceId} was displaced more often than logged in`)
    if (app.dialledAfterEnd > 0) world.witness.blame('I7', `${app.instanceId} came back by itself after its end`)
  }
}

/** I13: nobody dials more than once a second for long. */
function checkNoStorm(world: World): void {
  for (const { dials, instanceId, logins } of world.apps) {
    for (let i = 12 + logins; i < dials.length; i++) {
      const spanMs = (dials[i] ?? 0) - (dials[i - 12 - logins] ?? 0)
      if (spanMs < 10_000) {
        world.witness.blame('I13', `${instanceId} dialled ${12 + logins} times in ${spanMs} ms`)
        break
      }
    }
  }
}

/** I13: a message that is refused for good fails alone and by its own name; without faults nothing else fails. */
function checkOutbox(world: World): void {
  for (const record of world.witness.sends.values()) {
    if (record.isPoison && record.acks.length > 0) {
      world.witness.blame('I13', `${record.draft.clientMsgId} is poison and was taken`)
    }
    if (world.plan.profile === 'calm') checkCalmSend(world, record)
  }
}

function checkCalmSend(world: World, { draft, failures, isPoison }: SendRecord): void {
  const inGroup = draft.conversationId.startsWith('group:') ? ['NOT_A_MEMBER', 'MUTED', 'NOT_A_RECEIVER'] : []
  const allowed = ['CLOSED', ...inGroup, ...(isPoison ? ['MESSAGE_EMPTY'] : [])]
  // Logged out, crashed or displaced meanwhile.
  for (const failure of failures) {
    if (allowed.includes(failure) || failure === 'NOT_LOGGED_IN' || failure === 'DISPLACED') continue
    world.witness.blame('I13', `${draft.clientMsgId} ${textOf(draft)} failed ${failure} in a calm world`)
  }
}

/** I6: what a device is shown of a conversation is what is true, and nothing of what was revoked. */
export async function checkHistory(world: World): Promise<void> {
  for (const { userId, app } of world.slots) {
    for (const conversationId of world.witness.oracle.conversationsOf(userId)) {
      const { messages } = world.witness.oracle.view(userId, conversationId)
      const shown = await historyOf(world, app, conversationId)
      const expected = messages.slice(-50).map(({ message, isRevoked, text }) => {
        return { id: message.id, seq: message.seq, text: isRevoked ? 'revoked ' : text }
      })
      if (JSON.stringify(shown) !== JSON.stringify(expected)) {
        world.witness.blame(
          'I6',
          `${app.instanceId} is shown ${JSON.stringify(shown)} of ${conversationId}, true is ${JSON.stringify(expected)}`,
        )
      }
    }
  }
}

interface Shown {
  readonly id: string
  readonly seq: number
  readonly text: string
}

/** The newest page as the device gets it. Its line may be dark without anybody having noticed yet: then it asks again. */
async function historyOf(
  world: World,
  app: SimApp,
  conversationId: ConversationId,
): Promise<readonly Shown[] | string> {
  let outcome: readonly Shown[] | string | undefined
  for (let tries = 0; tries < 5; tries++) {
    outcome = undefined
    app.client.history(conversationId, { direction: 'older', limit: 50 }).then(
      ({ messages }) => {
        outcome = messages.map(({ id, seq, elements, revoked }) => {
          const text = textIn(elements)
          return { id, seq, text: revoked === undefined ? text : `revoked ${text}` }
        })
      },
      (error: { readonly failure: string }) => {
        outcome = error.failure
      },
    )
    while (outcome === undefined) await world.time.pass(50)
    if (outcome !== 'TIMEOUT') break
  }
  return outcome ?? 'nothing'
}

function idOf(messageId: string): string {
  return messageId.slice(messageId.indexOf('-') + 1)
}
