import type { ConversationId } from '@hongyan/protocol'
import type { Evidence } from '../record/evidence.ts'
import type { EventLine } from '../record/lines.ts'
import { Bits } from './bits.ts'
import { Blame, isVoid, placeKey, userOf, type Checker } from './checker.ts'

/** What one device knows of one conversation of the store as it is now. */
interface Known {
  /** Told by the SDK, or its own and acknowledged. */
  readonly has: Bits
  readonly tim: Bits
  /** Not to be told: from before it came, cleared, deleted, or too far behind. */
  readonly excused: Bits
  base: number
}

/** I2: retried any number of times, stored once; told exactly once to each device. */
export function checkI2Once(evidence: Evidence): Checker {
  const blame = new Blame()
  let devices = new Map<string, Map<ConversationId, Known>>()
  const known = (device: string, conversation: ConversationId): Known => {
    const all = devices.get(device) ?? new Map<ConversationId, Known>()
    devices.set(device, all)
    const one = all.get(conversation) ?? { has: new Bits(), tim: new Bits(), excused: new Bits(), base: 0 }
    all.set(conversation, one)
    return one
  }
  return {
    id: 'I2',
    promise: 'exactly once',
    see: (event) => see(event, { known, forget: (device) => devices.delete(device), blame }),
    finish: () => {
      judgeStore(evidence, blame)
      const acked = new Map<string, Bits>()
      for (const { device, conversation, seq, epoch } of evidence.sent) {
        // The same message sent again is acknowledged again.
        if (epoch !== evidence.store.epoch || !bitsAt(acked, placeKey(device, conversation)).add(seq)) continue
        if (!known(device, conversation).has.add(seq)) blame.add(`${device} was told of its own ${conversation} ${seq}`)
      }
      judgeDevices(evidence, known, blame)
      devices = new Map()
      return blame.verdict()
    },
  }
}

interface Seeing {
  readonly known: (device: string, conversation: ConversationId) => Known
  readonly forget: (device: string) => void
  readonly blame: Blame
}

function see(event: EventLine, { known, forget, blame }: Seeing): void {
  if (event.kind === 'epoch') return forget(event.device)
  if (event.kind === 'told') {
    blame.judged++
    const { has } = known(event.device, event.conversation)
    if (!has.add(event.seq)) blame.add(`${event.device} was told twice of ${event.conversation} ${event.seq}`)
  } else if (event.kind === 'tim') {
    const { tim } = known(event.device, event.conversation)
    if (!tim.add(event.seq))
      blame.add(`${event.device} got MESSAGE_RECEIVED twice for ${event.conversation} ${event.seq}`)
  } else if (event.kind === 'base') {
    const one = known(event.device, event.conversation)
    if (event.isReset) excuse(one, one.has.highest + 1, event.seq)
    else one.base = Math.max(one.base, event.seq)
  } else if (event.kind === 'marks') {
    const one = known(event.device, event.conversation)
    // What the user has done with before it came is not told.
    excuse(one, one.has.highest + 1, event.cleared)
  } else if (event.kind === 'deleted') {
    for (const seq of event.seqs) known(event.device, event.conversation).excused.add(seq)
  }
}

function excuse({ excused }: Known, from: number, upTo: number): void {
  for (let seq = from; seq <= upTo; seq++) excused.add(seq)
}

function judgeStore(evidence: Evidence, blame: Blame): void {
  const ids = new Set<string>()
  for (const messages of evidence.store.messages.values()) {
    for (const { sender, id, conversation, seq } of messages) {
      const key = `${sender} ${id}`
      if (ids.has(key)) blame.add(`${id} of ${sender} is stored again as ${conversation} ${seq}`)
      ids.add(key)
    }
  }
  const told = new Map<string, string>()
  for (const ack of evidence.sent) {
    if (isVoid(evidence, ack)) continue
    const key = `${userOf(ack.device)} ${ack.id}`
    const answer = `${ack.seq} at ${ack.sentAtMs}`
    const before = told.get(key) ?? answer
    if (before !== answer) blame.add(`${ack.id} of ${ack.device} was acknowledged as ${before}, and as ${answer}`)
    told.set(key, before)
  }
  for (const { device, id, outcome } of evidence.twisted) {
    // A store that was put back may not know the first of the two any more.
    if (outcome === 'IDEMPOTENCY_CONFLICT' || evidence.rewinds.length > 0) continue
    blame.add(`another content under ${id} of ${device}: ${outcome}`)
  }
}

/** Everything that a member may see is there, once, on each of his devices; in TIM's words as in ours. */
function judgeDevices(evidence: Evidence, known: Seeing['known'], blame: Blame): void {
  const { store, run, rewinds } = evidence
  const own = ownOf(evidence)
  const devicesOf = new Map<string, { readonly name: string }[]>()
  for (const device of run.devices) {
    if (!devicesOf.get(device.user)?.push(device)) devicesOf.set(device.user, [device])
  }
  for (const { user, conversation } of store.members) {
    const lastSeq = store.timelines.get(conversation)?.lastSeq ?? 0
    const stays = store.stays.filter((stay) => stay.user === user && stay.conversation === conversation)
    const since = stays.length === 0 ? 0 : Math.max(...stays.map(({ fromSeq }) => fromSeq))
    for (const { name } of devicesOf.get(user) ?? []) {
      const { has, tim, excused, base } = known(name, conversation)
      for (let seq = Math.max(base, since) + 1; seq <= lastSeq; seq++) {
        blame.judged++
        if (!has.has(seq) && !excused.has(seq)) blame.add(`${name} was never told of ${conversation} ${seq}`)
      }
      if (tim.highest === 0 || rewinds.length > 0) continue
      for (let seq = Math.max(base, since) + 1; seq <= has.highest; seq++) {
        if (!has.has(seq) || tim.has(seq) || own.get(placeKey(name, conversation))?.has(seq)) continue
        blame.add(`${name} got no MESSAGE_RECEIVED for ${conversation} ${seq}`)
      }
    }
  }
}

function ownOf({ sent }: Evidence): ReadonlyMap<string, Bits> {
  const own = new Map<string, Bits>()
  for (const { device, conversation, seq } of sent) bitsAt(own, placeKey(device, conversation)).add(seq)
  return own
}

function bitsAt(all: Map<string, Bits>, key: string): Bits {
  const bits = all.get(key) ?? new Bits()
  all.set(key, bits)
  return bits
}
