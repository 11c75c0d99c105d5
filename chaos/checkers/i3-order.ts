import type { Evidence } from '../record/evidence.ts'
import type { SendAck } from '../record/lines.ts'
import { Blame, isVoid, placeKey, type Checker } from './checker.ts'

/** I3: the seqs of a conversation are 1…n, devices are told in that order, and a device's own messages keep theirs. */
export function checkI3Order(evidence: Evidence): Checker {
  const blame = new Blame()
  const last = new Map<string, number>()
  return {
    id: 'I3',
    promise: 'one order for everybody, without holes',
    see: (event) => {
      if (event.kind === 'epoch') {
        // Another store counts anew.
        for (const key of last.keys()) if (key.startsWith(`${event.device} `)) last.delete(key)
      }
      if (event.kind !== 'told' && event.kind !== 'tim') return
      blame.judged++
      const key = `${placeKey(event.device, event.conversation)} ${event.kind}`
      const before = last.get(key) ?? 0
      if (event.seq <= before)
        blame.add(`${event.device} was told of ${event.conversation} ${event.seq} after ${before}`)
      last.set(key, Math.max(before, event.seq))
    },
    finish: () => {
      judgeStore(evidence, blame)
      judgeOwnOrder(evidence, blame)
      return blame.verdict()
    },
  }
}

function judgeStore({ store }: Evidence, blame: Blame): void {
  for (const { conversation, lastSeq } of store.timelines.values()) {
    const messages = store.messages.get(conversation) ?? []
    if (messages.length !== lastSeq) blame.add(`${conversation} ends at ${lastSeq} and has ${messages.length} messages`)
    let offset = 0
    for (const [index, message] of messages.entries()) {
      blame.judged++
      if (message.seq !== index + 1) blame.add(`${conversation}: ${message.seq} at place ${index + 1}`)
      if (message.offset <= offset) blame.add(`${conversation}: offset ${message.offset} after ${offset}`)
      offset = message.offset
    }
  }
  for (const what of store.wrongs) blame.add(`the books are wrong: ${what}`)
}

/** Issued before means a lower number; but what the application itself asked for again has its place by that. */
function judgeOwnOrder(evidence: Evidence, blame: Blame): void {
  const lanes = new Map<string, SendAck[]>()
  for (const ack of evidence.sent) {
    if (ack.order === 0 || isVoid(evidence, ack)) continue
    const key = `${placeKey(ack.device, ack.conversation)} ${ack.epoch}`
    if (!lanes.get(key)?.push(ack)) lanes.set(key, [ack])
  }
  for (const lane of lanes.values()) {
    let highest = 0
    for (const ack of lane.sort((a, b) => a.order - b.order)) {
      blame.judged++
      if (ack.attempts > 1) continue
      if (ack.seq < highest) {
        blame.add(
          `${ack.device} sent ${ack.id} into ${ack.conversation} after one with seq ${highest}, it has ${ack.seq}`,
        )
      }
      highest = Math.max(highest, ack.seq)
    }
  }
}
