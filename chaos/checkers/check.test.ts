import { c2cConversationId, groupConversationId, parseGroupId, parseUserId } from '@hongyan/protocol'
import type { ConversationId, GroupId, UserId } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { storeOf, type Evidence, type StoredMessage } from '../record/evidence.ts'
import type { EventLine, SendAck, StoreLine } from '../record/lines.ts'
import { judge, type Judgement } from './check.ts'
import type { PromiseId } from './checker.ts'

// A small run in which every promise was kept, and what each checker says when one line of its records is another.

const [ANNA, BEN] = ['anna', 'ben'].map((name) => parseUserId(name) as UserId) as [UserId, UserId]
const TALK = c2cConversationId(ANNA, BEN)
const CLASS = groupConversationId(parseGroupId('class') as GroupId)
const EPOCH = 'epoch one'
const DEVICES = ['anna.web', 'anna.wx', 'ben.web', 'ben.wx']
/** Ben comes into the class after its second message and is removed by its fifth. */
const STAY = { fromSeq: 2, fromOffset: 2, beforeSeq: 5, beforeOffset: 5 }

interface Records {
  sent: SendAck[]
  recalls: Evidence['recalls'][number][]
  edits: Evidence['edits'][number][]
  twisted: Evidence['twisted'][number][]
  refused: Evidence['refused'][number][]
  unanswered: Evidence['unanswered'][number][]
  caughtUp: Evidence['caughtUp'][number][]
  rewinds: Evidence['rewinds'][number][]
  incidents: Evidence['incidents'][number][]
  checkpoints: Evidence['checkpoints'][number][]
  messages: StoredMessage[]
  lines: StoreLine[]
  events: EventLine[]
}

function soundRun(): Records {
  const sent = [1, 2, 3].map((seq) => ack(seq))
  const messages = [
    ...[1, 2, 3].map((seq) => stored(TALK, seq)),
    ...[1, 2, 3, 4, 5, 6].map((seq) => stored(CLASS, seq, BEN)),
  ]
  messages[2] = { ...stored(TALK, 3), isRevoked: true, canary: null }
  return {
    sent,
    messages,
    recalls: [recall(3, 1_000)],
    edits: [],
    twisted: [{ kind: 'twisted', device: 'anna.web', id: 'id-1', outcome: 'IDEMPOTENCY_CONFLICT' }],
    refused: [],
    unanswered: [],
    caughtUp: [{ kind: 'caught-up', after: 'F-01', p50Ms: 1, p99Ms: 2, maxMs: 3, behind: [] }],
    rewinds: [],
    incidents: [],
    checkpoints: [{ kind: 'checkpoint', number: 1, problems: [] }],
    lines: [
      { kind: 'store', epoch: EPOCH },
      { kind: 'timeline', conversation: TALK, lastSeq: 3, lastOffset: 3 },
      { kind: 'timeline', conversation: CLASS, lastSeq: 6, lastOffset: 6 },
      { kind: 'member', conversation: TALK, user: ANNA },
      { kind: 'member', conversation: TALK, user: BEN },
      { kind: 'stay', conversation: CLASS, user: BEN, ...STAY },
      { kind: 'truth', user: ANNA, checkpoint: 1, digest: view(3) },
      { kind: 'truth', user: BEN, checkpoint: 1, digest: view(1) },
    ],
    events: [
      ...DEVICES.flatMap((device): EventLine[] => [
        { kind: 'dialled', device, atMs: 1 },
        { kind: 'opened', device, atMs: 2, loginKey: 1 },
        { kind: 'epoch', device, epoch: EPOCH, atMs: 3 },
        { kind: 'marks', device, conversation: TALK, read: 1, peerRead: 0, cleared: 0 },
      ]),
      ...['anna.wx', 'ben.web', 'ben.wx'].flatMap((device) => [1, 2, 3].map((seq) => told(device, TALK, seq))),
      ...['ben.web', 'ben.wx'].flatMap((device) => [3, 4].map((seq) => told(device, CLASS, seq))),
      { kind: 'pushed', device: 'ben.web', conversation: CLASS, offset: 4 },
      { kind: 'shown', device: 'ben.web', askedAtMs: 500, canaries: ['~canna.web.3~'] },
      ...DEVICES.map((device): EventLine => ({
        kind: 'view',
        device,
        checkpoint: 1,
        digest: view(device.startsWith('anna') ? 3 : 1),
      })),
      { kind: 'tombstone', device: 'ben.web', conversation: TALK, seq: 3, isEmpty: true },
    ],
  }
}

function ack(seq: number, more: Partial<SendAck> = {}): SendAck {
  return {
    kind: 'sent',
    device: 'anna.web',
    conversation: TALK,
    order: seq,
    attempts: 1,
    id: `id-${seq}`,
    seq,
    sentAtMs: 100 + seq,
    epoch: EPOCH,
    askedAtMs: 100,
    atMs: 110,
    canary: `~canna.web.${seq}~`,
    ...more,
  }
}

function stored(conversation: ConversationId, seq: number, sender: string = ANNA): StoredMessage {
  const id = conversation === TALK ? `id-${seq}` : `class-${seq}`
  const canary = conversation === TALK ? `~canna.web.${seq}~` : null
  return {
    kind: 'message',
    conversation,
    seq,
    offset: seq,
    sender,
    id,
    sentAtMs: 100 + seq,
    canary,
    isRevoked: false,
    version: 0,
  }
}

function recall(seq: number, atMs: number): Evidence['recalls'][number] {
  const canaries = [`~canna.web.${seq}~`]
  return { kind: 'recall', device: 'anna.web', conversation: TALK, seq, canaries, epoch: EPOCH, atMs }
}

function told(device: string, conversation: ConversationId, seq: number, more: Partial<EventLine> = {}): EventLine {
  const line = { kind: 'told', device, conversation, seq, id: '', isBare: false, atMs: 120, ...more }
  return line as EventLine
}

function view(read: number): string {
  return JSON.stringify([[TALK, 3, 'id', true, 0, 0, read, 0, 0, 0, null, 'notify', [], null]])
}

async function judged({ messages, lines, events, ...rest }: Records): Promise<readonly Judgement[]> {
  const byConversation = new Map<ConversationId, StoredMessage[]>()
  for (const message of messages) {
    if (!byConversation.get(message.conversation)?.push(message)) byConversation.set(message.conversation, [message])
  }
  const evidence: Evidence = {
    ...rest,
    faults: [],
    store: storeOf(lines, byConversation),
    run: {
      seed: 1,
      command: '',
      startedAt: '',
      devices: DEVICES.map((name) => ({ name, user: name.split('.')[0] ?? '' })),
      wanderers: [{ user: BEN, conversation: CLASS }],
    },
  }
  return judge(evidence, events)
}

async function broken(records: Records): Promise<readonly PromiseId[]> {
  return (await judged(records)).filter(({ violations }) => violations > 0).map(({ id }) => id)
}

test('a run in which every promise was kept breaks none, and every checker has judged something', async () => {
  const judgements = await judged(soundRun())
  expect(judgements.filter(({ violations }) => violations > 0)).toEqual([])
  expect(judgements.filter(({ judged: count }) => count === 0)).toEqual([])
})

interface Plant {
  readonly breaks: PromiseId
  readonly what: string
  readonly plant: (records: Records) => void
}

function replaceEvent(records: Records, is: (event: EventLine) => boolean, by: readonly EventLine[]): void {
  const at = records.events.findIndex(is)
  if (at < 0) throw new Error('there is no such event')
  records.events.splice(at, 1, ...by)
}

function isTold(device: string, seq: number) {
  return (event: EventLine): boolean =>
    event.kind === 'told' && event.device === device && event.conversation === TALK && event.seq === seq
}

const PLANTS: readonly Plant[] = [
  {
    breaks: 'I1',
    what: 'an acknowledged message is not stored',
    plant: ({ sent }) => sent.push(ack(4, { id: 'id-none' })),
  },
  {
    breaks: 'I1',
    what: 'it is stored under another number than was said',
    plant: ({ sent }) => sent.splice(1, 1, ack(2, { seq: 9 })),
  },
  {
    breaks: 'I1',
    what: 'it has the content of another',
    plant: ({ messages }) => messages.splice(0, 1, { ...stored(TALK, 1), canary: '~canna.web.2~' }),
  },
  {
    breaks: 'I1',
    what: 'a recall was acknowledged and is not stored',
    plant: ({ recalls }) => recalls.push(recall(2, 2_000)),
  },
  {
    breaks: 'I1',
    what: 'an edit was acknowledged and is not stored',
    plant: ({ edits }) =>
      edits.push({
        kind: 'edit',
        device: 'anna.web',
        conversation: TALK,
        seq: 2,
        version: 1,
        canary: '~canna.web.2+1~',
        epoch: EPOCH,
        atMs: 500,
      }),
  },
  {
    breaks: 'I1',
    what: 'what was refused is stored',
    plant: ({ refused }) => refused.push({ kind: 'refused', device: 'anna.web', id: 'id-1', failure: 'NOT_A_MEMBER' }),
  },
  {
    breaks: 'I2',
    what: 'one message is stored twice',
    plant: ({ messages, lines, events }) => {
      messages.push({ ...stored(TALK, 4), id: 'id-2' })
      lines.splice(1, 1, { kind: 'timeline', conversation: TALK, lastSeq: 4, lastOffset: 4 })
      for (const device of DEVICES) events.push(told(device, TALK, 4))
    },
  },
  {
    breaks: 'I2',
    what: 'a resend was given another number',
    plant: ({ sent }) => sent.push(ack(1, { order: 0, sentAtMs: 999 })),
  },
  {
    breaks: 'I2',
    what: 'another content was taken under a used id',
    plant: ({ twisted }) => twisted.splice(0, 1, { kind: 'twisted', device: 'anna.web', id: 'id-1', outcome: 'done' }),
  },
  {
    breaks: 'I2',
    what: 'a device was never told of a message',
    plant: (records) => replaceEvent(records, isTold('ben.web', 2), []),
  },
  {
    breaks: 'I2',
    what: 'a device was told twice',
    plant: (records) =>
      replaceEvent(records, isTold('ben.web', 2), [told('ben.web', TALK, 2), told('ben.web', TALK, 2)]),
  },
  {
    breaks: 'I3',
    what: 'a device was told in another order',
    plant: (records) => {
      replaceEvent(records, isTold('ben.web', 2), [])
      replaceEvent(records, isTold('ben.web', 1), [told('ben.web', TALK, 2), told('ben.web', TALK, 1)])
    },
  },
  {
    breaks: 'I3',
    what: 'a number is missing in the store',
    plant: ({ messages }) => messages.splice(4, 1),
  },
  {
    breaks: 'I3',
    what: "a device's second message has a lower number than its first",
    plant: ({ sent }) => {
      sent.splice(0, 2, ack(1, { order: 2 }), ack(2, { order: 1 }))
    },
  },
  {
    breaks: 'I3',
    what: 'the books of the store are wrong',
    plant: ({ lines }) => lines.push({ kind: 'wrong', what: 'own of 1 in 2' }),
  },
  {
    breaks: 'I4',
    what: 'two devices of a user show different lists',
    plant: (records) =>
      replaceEvent(records, (event) => event.kind === 'view' && event.device === 'anna.wx', [
        { kind: 'view', device: 'anna.wx', checkpoint: 1, digest: view(2) },
      ]),
  },
  {
    breaks: 'I4',
    what: 'both show the same, and the rows say otherwise',
    plant: ({ lines }) => lines.splice(6, 1, { kind: 'truth', user: ANNA, checkpoint: 1, digest: view(2) }),
  },
  {
    breaks: 'I4',
    what: 'a device shows nothing',
    plant: (records) => replaceEvent(records, (event) => event.kind === 'view' && event.device === 'ben.wx', []),
  },
  {
    breaks: 'I5',
    what: 'a read mark sinks on a device',
    plant: ({ events }) =>
      events.push({ kind: 'marks', device: 'anna.wx', conversation: TALK, read: 0, peerRead: 0, cleared: 0 }),
  },
  {
    breaks: 'I5',
    what: 'a read mark sinks in the store',
    plant: ({ lines, events }) => {
      lines.push({ kind: 'truth', user: ANNA, checkpoint: 2, digest: view(2) })
      lines.push({ kind: 'truth', user: BEN, checkpoint: 2, digest: view(1) })
      for (const device of DEVICES) {
        events.push({ kind: 'view', device, checkpoint: 2, digest: view(device.startsWith('anna') ? 2 : 1) })
      }
    },
  },
  {
    breaks: 'I5',
    what: 'a mark is beyond the end',
    plant: ({ events }) =>
      events.push({ kind: 'marks', device: 'anna.wx', conversation: TALK, read: 7, peerRead: 0, cleared: 0 }),
  },
  {
    breaks: 'I6',
    what: 'an answer shows what was recalled before it was asked for',
    plant: ({ events }) =>
      events.push({ kind: 'shown', device: 'ben.wx', askedAtMs: 2_000, canaries: ['~canna.web.3~'] }),
  },
  {
    breaks: 'I6',
    what: 'a session opened after the recall is pushed the content',
    plant: (records) =>
      replaceEvent(records, isTold('ben.wx', 3), [
        { kind: 'opened', device: 'ben.wx', atMs: 3_000, loginKey: 1 },
        told('ben.wx', TALK, 3),
      ]),
  },
  {
    breaks: 'I6',
    what: 'history shows it in the end',
    plant: ({ events }) =>
      events.push({ kind: 'tombstone', device: 'ben.wx', conversation: TALK, seq: 3, isEmpty: false }),
  },
  {
    breaks: 'I6',
    what: 'its row holds it',
    plant: ({ messages }) => messages.splice(2, 1, { ...stored(TALK, 3), isRevoked: true }),
  },
  {
    breaks: 'I6',
    what: 'the log holds it',
    plant: ({ lines }) => lines.push({ kind: 'trace', place: 'c:x 4', canaries: ['~canna.web.3~'] }),
  },
  {
    breaks: 'I11',
    what: 'somebody was told of what was said after his removal',
    plant: ({ events }) => events.push(told('ben.web', CLASS, 6)),
  },
  {
    breaks: 'I11',
    what: 'it was pushed to him, whatever his SDK made of it',
    plant: ({ events }) => events.push({ kind: 'pushed', device: 'ben.web', conversation: CLASS, offset: 6 }),
  },
  {
    breaks: 'I11',
    what: 'somebody who is no member was told of something',
    plant: ({ events }) => events.push(told('anna.web', CLASS, 1)),
  },
  {
    breaks: 'I12',
    what: 'a device has stayed in the epoch before a rewind',
    plant: ({ rewinds, lines, sent, recalls }) => {
      rewinds.push({ kind: 'rewind', from: EPOCH, to: 'epoch two', backupAtMs: 50 })
      lines.splice(0, 1, { kind: 'store', epoch: 'epoch two' })
      sent.length = 0
      recalls.length = 0
    },
  },
  {
    breaks: 'I12',
    what: 'the store was put back and kept its epoch',
    plant: ({ rewinds }) => rewinds.push({ kind: 'rewind', from: EPOCH, to: EPOCH, backupAtMs: 50 }),
  },
  {
    breaks: 'I13',
    what: 'somebody had not caught up in time',
    plant: ({ caughtUp }) =>
      caughtUp.push({
        kind: 'caught-up',
        after: 'F-05',
        p50Ms: 1,
        p99Ms: 2,
        maxMs: 3,
        behind: ['ben.web has nothing'],
      }),
  },
  {
    breaks: 'I13',
    what: 'somebody dials in a loop',
    plant: ({ events }) => {
      for (let at = 0; at < 12; at++) events.push({ kind: 'dialled', device: 'ben.web', atMs: 5_000 + at * 100 })
    },
  },
  {
    breaks: 'I13',
    what: 'a send had no answer',
    plant: ({ unanswered }) =>
      unanswered.push({ kind: 'unanswered', device: 'anna.web', what: 'send', failure: 'TIMEOUT' }),
  },
  {
    breaks: 'I13',
    what: 'a process ended by itself',
    plant: ({ incidents }) => incidents.push({ kind: 'incident', what: 'gateway 1 ended with 1', atMs: 1 }),
  },
  {
    breaks: 'I13',
    what: 'a pool has lost a connection',
    plant: ({ checkpoints }) => checkpoints.push({ kind: 'checkpoint', number: 2, problems: ['one is missing'] }),
  },
  {
    breaks: 'I13',
    what: 'somebody was logged out',
    plant: ({ events }) => events.push({ kind: 'ended', device: 'ben.web', reason: 'displaced-by-device', atMs: 5 }),
  },
]

describe('a planted violation is seen by its checker', () => {
  test.each(PLANTS)('$breaks: $what', async ({ breaks, plant }) => {
    const records = soundRun()
    plant(records)
    expect(await broken(records)).toContain(breaks)
  })

  test('every promise has at least one', () => {
    expect([...new Set(PLANTS.map(({ breaks }) => breaks))]).toEqual([
      'I1',
      'I2',
      'I3',
      'I4',
      'I5',
      'I6',
      'I11',
      'I12',
      'I13',
    ])
  })
})

test('what was acknowledged after a backup is void when the store was put back to it; what was before is not', async () => {
  const records = soundRun()
  records.rewinds.push({ kind: 'rewind', from: EPOCH, to: 'epoch two', backupAtMs: 200 })
  records.lines[0] = { kind: 'store', epoch: 'epoch two' }
  // Of a conversation that began after the backup: the store knows no member of it.
  records.events.push(told('ben.web', 'c2c:ben:dora' as ConversationId, 1))
  for (const device of DEVICES) records.events.push({ kind: 'epoch', device, epoch: 'epoch two', atMs: 900 })
  for (const device of DEVICES)
    records.events.push({ kind: 'base', device, conversation: TALK, seq: 3, isReset: false })
  records.sent.push(ack(4, { id: 'lost with the old epoch', atMs: 300 }))
  records.recalls.length = 0
  expect(await broken(records)).toEqual([])
  records.sent.push(ack(5, { id: 'before the backup', atMs: 150 }))
  expect(await broken(records)).toEqual(['I1'])
})

test('what only a sending again brought into the store is the sender’s own: not to be told', async () => {
  const records = soundRun()
  const again = records.sent.findIndex(({ seq }) => seq === 3)
  records.sent[again] = ack(3, { order: 0 })
  expect(await broken(records)).toEqual([])
  records.events.push(told('anna.web', TALK, 3))
  expect(await broken(records)).toEqual(['I2'])
})
