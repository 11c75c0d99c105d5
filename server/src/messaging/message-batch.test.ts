import {
  c2cConversationId,
  conversationTimeline,
  groupConversationId,
  parseGroupId,
  parseUserId,
  Refused,
  type ErrorName,
  type UserId,
} from '@hongyan/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Outcome } from '../timelines/group-commit.ts'
import { FLAG } from '../timelines/message-row.ts'
import { FileFacts } from './file-facts.ts'
import { GroupFacts, type SpeakerRow } from './group-facts.ts'
import { planBatch, type BatchFacts, type EarlierMessage, type Head, type StoredMessage } from './message-batch.ts'
import type { AppendRequest } from './append-request.ts'

const NOW = 1_761_000_000_000
const ALIVE = 7
const DISPLACED = 8
const LOCKED = 9

function userOf(key: number): UserId {
  const userId = parseUserId(`u${key}`)
  if (userId === undefined) throw new Error('not a user id')
  return userId
}

interface Send {
  readonly conversation: number
  readonly sender?: number
  readonly id: string
  readonly text?: number
  readonly login?: number
  readonly flags?: number
  readonly isInGroup?: boolean
  readonly fileIds?: readonly string[]
  readonly receiverIds?: readonly UserId[]
}

function requestOf(send: Send): AppendRequest {
  const { conversation, sender = 1, id, text = 0, login = ALIVE, flags = 0, isInGroup = false } = send
  const groupId = parseGroupId(`g${conversation}`)
  if (groupId === undefined) throw new Error('not a group id')
  const conversationId = isInGroup
    ? groupConversationId(groupId)
    : c2cConversationId(userOf(1), userOf(1000 + conversation))
  return {
    conversationId,
    timeline: conversationTimeline(conversationId),
    timelineKey: conversation,
    senderKey: sender,
    senderId: userOf(sender),
    loginKey: login,
    isInGroup,
    draft: {
      clientMsgId: id,
      bodyJson: '{"elements":[]}',
      flags,
      fingerprint: conversation * 1000 + text,
      receiverIds: send.receiverIds,
      fileIds: send.fileIds ?? [],
    },
  }
}

function headOf(key: number, at: Partial<Head> = {}): Head {
  return { key, lastOffset: 0, lastSeq: 0, lastCountable: 0, lastSentAtMs: 0, ...at }
}

function factsOf(heads: readonly Head[], earlier: readonly EarlierMessage[] = []): BatchFacts {
  return {
    heads: new Map(heads.map((head) => [head.key, head])),
    earlier,
    aliveLogins: new Set([ALIVE]),
    lockedLogins: new Set([LOCKED]),
    groups: new GroupFacts([], []),
    files: new FileFacts([]),
  }
}

function speakerOf(accountKey: number, place: Partial<SpeakerRow> = {}): SpeakerRow {
  return {
    timelineKey: 1,
    accountKey,
    role: 2,
    mutedUntilMs: 0,
    nameCard: '',
    type: 'public',
    isMuted: false,
    ...place,
  }
}

function plan(sends: readonly Send[], facts: BatchFacts, nowMs = NOW): ReturnType<typeof planBatch> {
  return planBatch(sends.map(requestOf), facts, nowMs)
}

function seqOf(outcome: Outcome<StoredMessage> | undefined): number | undefined {
  return outcome?.kind === 'done' ? outcome.result.seq : undefined
}

function refusalOf(outcome: Outcome<StoredMessage> | undefined): ErrorName | undefined {
  return outcome?.kind === 'failed' && outcome.error instanceof Refused ? outcome.error.code : undefined
}

describe('planBatch', () => {
  test('numbers go on from the head, one by one in the order of the requests, each conversation for itself', () => {
    const { outcomes, messages, heads } = plan(
      [
        { conversation: 1, id: 'a' },
        { conversation: 2, id: 'b' },
        { conversation: 1, id: 'c' },
      ],
      factsOf([headOf(1, { lastOffset: 57, lastSeq: 42, lastCountable: 40, lastSentAtMs: 5 }), headOf(2)]),
    )
    expect(outcomes).toEqual([
      { kind: 'done', result: { seq: 43, offset: 58, sentAtMs: NOW, countable: 41 } },
      { kind: 'done', result: { seq: 1, offset: 1, sentAtMs: NOW, countable: 1 } },
      { kind: 'done', result: { seq: 44, offset: 59, sentAtMs: NOW + 1, countable: 42 } },
    ])
    expect(messages.map(({ request, stored }) => [request.draft.clientMsgId, stored.seq])).toEqual([
      ['a', 43],
      ['b', 1],
      ['c', 44],
    ])
    expect(heads).toEqual([
      { key: 1, lastOffset: 59, lastSeq: 44, lastCountable: 42, lastSentAtMs: NOW + 1 },
      { key: 2, lastOffset: 1, lastSeq: 1, lastCountable: 1, lastSentAtMs: NOW },
    ])
  })

  test('[SEND-1] the same message twice in one batch is stored once, and both get one answer', () => {
    const { outcomes, messages, heads } = plan(
      [
        { conversation: 1, id: 'a' },
        { conversation: 1, id: 'a' },
        { conversation: 1, id: 'b' },
      ],
      factsOf([headOf(1)]),
    )
    expect(outcomes[1]).toEqual(outcomes[0])
    expect(outcomes.map(seqOf)).toEqual([1, 1, 2])
    expect(messages).toHaveLength(2)
    expect(heads[0]?.lastSeq).toBe(2)
  })

  test('[SEND-1] a message that was stored earlier gets its first answer and takes no number', () => {
    const earlier = { senderKey: 1, clientMsgId: 'a', fingerprint: 1000, seq: 5, offset: 9, sentAtMs: 77, countable: 4 }
    const { outcomes, messages, heads } = plan(
      [
        { conversation: 1, id: 'a' },
        { conversation: 1, id: 'b' },
      ],
      factsOf([headOf(1, { lastSeq: 6, lastOffset: 10 })], [earlier]),
    )
    expect(outcomes[0]).toEqual({ kind: 'done', result: { seq: 5, offset: 9, sentAtMs: 77, countable: 4 } })
    expect(outcomes.map(seqOf)).toEqual([5, 7])
    expect(messages).toHaveLength(1)
    expect(heads[0]?.lastOffset).toBe(11)
  })

  test('[SEND-1] a message that was stored earlier gets its first answer even when its sender is displaced or its conversation locked', () => {
    const earlier = { senderKey: 1, clientMsgId: 'a', fingerprint: 1000, seq: 5, offset: 9, sentAtMs: 77, countable: 4 }
    expect(
      plan([{ conversation: 1, id: 'a', login: DISPLACED }], factsOf([headOf(1)], [earlier])).outcomes.map(seqOf),
    ).toEqual([5])
    expect(plan([{ conversation: 1, id: 'a' }], factsOf([], [earlier])).outcomes.map(seqOf)).toEqual([5])
  })

  test('what a login sends that is just being displaced waits until it is known whether it is', () => {
    const { outcomes, messages } = plan(
      [
        { conversation: 1, id: 'a', login: LOCKED },
        { conversation: 1, id: 'b' },
      ],
      factsOf([headOf(1)]),
    )
    expect(outcomes[0]).toEqual({ kind: 'contended' })
    expect(outcomes.map(seqOf)).toEqual([undefined, 1])
    expect(messages).toHaveLength(1)
  })

  test('[SEND-2] the same id with another content is a conflict, inside a batch and across batches, and takes no number', () => {
    const inside = plan(
      [
        { conversation: 1, id: 'a', text: 1 },
        { conversation: 1, id: 'a', text: 2 },
        { conversation: 2, id: 'a', text: 1 },
        { conversation: 1, id: 'b' },
      ],
      factsOf([headOf(1), headOf(2)]),
    )
    expect(inside.outcomes.map(refusalOf)).toEqual([
      undefined,
      'IDEMPOTENCY_CONFLICT',
      'IDEMPOTENCY_CONFLICT',
      undefined,
    ])
    expect(inside.outcomes.map(seqOf)).toEqual([1, undefined, undefined, 2])
    const earlier = { senderKey: 1, clientMsgId: 'a', fingerprint: 1, seq: 5, offset: 9, sentAtMs: 77, countable: 4 }
    const across = plan([{ conversation: 1, id: 'a' }], factsOf([headOf(1)], [earlier]))
    expect(across.outcomes.map(refusalOf)).toEqual(['IDEMPOTENCY_CONFLICT'])
    expect(across.heads).toEqual([])
  })

  test('two senders may choose the same id', () => {
    const { outcomes } = plan(
      [
        { conversation: 1, sender: 1, id: 'a' },
        { conversation: 1, sender: 2, id: 'a', text: 9 },
      ],
      factsOf([headOf(1)]),
    )
    expect(outcomes.map(seqOf)).toEqual([1, 2])
  })

  test('nothing of a displaced login is stored', () => {
    const { outcomes, messages, own } = plan([{ conversation: 1, id: 'a', login: DISPLACED }], factsOf([headOf(1)]))
    expect(outcomes.map(refusalOf)).toEqual(['DISPLACED'])
    expect(messages).toEqual([])
    expect(own).toEqual([])
  })

  test('a conversation that somebody else has locked is tried again, and the others are not held up', () => {
    const { outcomes } = plan(
      [
        { conversation: 1, id: 'a' },
        { conversation: 2, id: 'b' },
        { conversation: 1, id: 'a' },
      ],
      factsOf([headOf(2)]),
    )
    expect(outcomes.map(({ kind }) => kind)).toEqual(['contended', 'done', 'contended'])
  })

  test('when the clock goes back, the times of a conversation go on growing', () => {
    const head = headOf(1, { lastSentAtMs: NOW + 86_400_000 })
    const { messages } = plan(
      [
        { conversation: 1, id: 'a' },
        { conversation: 1, id: 'b' },
      ],
      factsOf([head]),
    )
    expect(messages.map(({ stored }) => stored.sentAtMs)).toEqual([NOW + 86_400_001, NOW + 86_400_002])
  })

  test('what does not count takes a seq and no countable number, and is not counted as own', () => {
    const { outcomes, own } = plan(
      [
        { conversation: 1, id: 'a', flags: FLAG.UNCOUNTED },
        { conversation: 1, id: 'b' },
        { conversation: 1, id: 'c', sender: 2 },
        { conversation: 1, id: 'd', flags: FLAG.NOT_LAST },
      ],
      factsOf([headOf(1)]),
    )
    expect(outcomes.map((outcome) => (outcome.kind === 'done' ? outcome.result.countable : -1))).toEqual([0, 1, 2, 3])
    expect(own).toEqual([
      { timelineKey: 1, senderKey: 1, count: 2 },
      { timelineKey: 1, senderKey: 2, count: 1 },
    ])
  })

  test('[I11] in a group only members who may speak are heard; the others take no number', () => {
    const speakers = [speakerOf(1), speakerOf(2, { mutedUntilMs: NOW + 1 })]
    const facts = { ...factsOf([headOf(1)]), groups: new GroupFacts(speakers, []) }
    const { outcomes, messages, own } = plan(
      [
        { conversation: 1, sender: 2, id: 'a', isInGroup: true },
        { conversation: 1, sender: 3, id: 'b', isInGroup: true },
        { conversation: 1, sender: 1, id: 'c', isInGroup: true },
      ],
      facts,
    )
    expect(outcomes.map(refusalOf)).toEqual(['MUTED', 'NOT_A_MEMBER', undefined])
    expect(outcomes.map(seqOf)).toEqual([undefined, undefined, 1])
    expect(messages.map(({ request }) => request.senderKey)).toEqual([1])
    expect(own).toEqual([{ timelineKey: 1, senderKey: 1, count: 1 }])
    expect(
      plan([{ conversation: 1, sender: 2, id: 'a', isInGroup: true }], facts, NOW + 1).outcomes.map(seqOf),
    ).toEqual([1])
  })

  test('[SEND-1] a message that was stored earlier gets its first answer even when its sender has been removed', () => {
    const earlier = { senderKey: 1, clientMsgId: 'a', fingerprint: 1000, seq: 5, offset: 9, sentAtMs: 77, countable: 4 }
    const { outcomes } = plan([{ conversation: 1, id: 'a', isInGroup: true }], factsOf([headOf(1)], [earlier]))
    expect(outcomes.map(seqOf)).toEqual([5])
  })

  test('a message that was refused may be sent again under the same id once it may be said', () => {
    const send = { conversation: 1, id: 'a', isInGroup: true }
    const { outcomes } = plan([send, send], factsOf([headOf(1)]))
    expect(outcomes.map(refusalOf)).toEqual(['NOT_A_MEMBER', 'NOT_A_MEMBER'])
    const facts = { ...factsOf([headOf(1)]), groups: new GroupFacts([speakerOf(1)], []) }
    expect(plan([send], facts).outcomes.map(seqOf)).toEqual([1])
  })

  test('nobody shows a file that he could not open, and what shows none is not asked', () => {
    const facts = { ...factsOf([headOf(1)]), files: new FileFacts([{ accountKey: 1, fileId: 'mine' }]) }
    const { outcomes, messages } = plan(
      [
        { conversation: 1, id: 'a', fileIds: ['mine', 'theirs'] },
        { conversation: 1, id: 'b', sender: 2, fileIds: ['mine'] },
        { conversation: 1, id: 'c', fileIds: ['mine', 'mine'] },
        { conversation: 1, id: 'd', sender: 2 },
      ],
      facts,
    )
    expect(outcomes.map(refusalOf)).toEqual(['NO_SUCH_FILE', 'NO_SUCH_FILE', undefined, undefined])
    expect(outcomes.map(seqOf)).toEqual([undefined, undefined, 1, 2])
    expect(messages).toHaveLength(2)
  })

  test('the row knows whom it is for, and the name of its sender in the group', () => {
    const groups = new GroupFacts(
      [speakerOf(1, { nameCard: '班主任 "王"' })],
      [
        { timelineKey: 1, userId: userOf(2), accountKey: 2 },
        { timelineKey: 2, userId: userOf(3), accountKey: 3 },
      ],
    )
    const { messages } = plan(
      [
        { conversation: 1, id: 'a', isInGroup: true, receiverIds: [userOf(2), userOf(3)] },
        { conversation: 1, id: 'b', isInGroup: true },
      ],
      { ...factsOf([headOf(1)]), groups },
    )
    expect(messages.map(({ receivers }) => receivers)).toEqual([[2], undefined])
    for (const { bodyJson } of messages) {
      expect(JSON.parse(bodyJson)).toEqual({ elements: [], senderCard: '班主任 "王"' })
    }
  })

  test('nothing asked is nothing planned', () => {
    expect(plan([], factsOf([]))).toEqual({ outcomes: [], messages: [], heads: [], own: [] })
  })
})

const sends: fc.Arbitrary<Send> = fc.record({
  conversation: fc.integer({ min: 1, max: 3 }),
  sender: fc.integer({ min: 1, max: 3 }),
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  text: fc.integer({ min: 0, max: 1 }),
  login: fc.constantFrom(ALIVE, ALIVE, ALIVE, DISPLACED),
  flags: fc.constantFrom(0, 0, FLAG.UNCOUNTED),
})

/** The store as somebody would write it who knows no batches: one message after the other. */
class NaiveStore {
  readonly messages: { readonly send: Send; readonly stored: StoredMessage }[] = []

  send(send: Send, isLocked: boolean, nowMs: number): string {
    const twin = this.messages.find((message) => message.send.sender === send.sender && message.send.id === send.id)
    if (twin) {
      const isSame = twin.send.conversation === send.conversation && twin.send.text === send.text
      return isSame ? JSON.stringify(twin.stored) : 'IDEMPOTENCY_CONFLICT'
    }
    if (send.login !== ALIVE) return 'DISPLACED'
    if (isLocked) return 'contended'
    const { conversation } = send
    const before = this.messages.filter((message) => message.send.conversation === conversation)
    const counts = send.flags === 0
    const stored = {
      seq: before.length + 1,
      offset: before.length + 1,
      sentAtMs: Math.max(nowMs, (before.at(-1)?.stored.sentAtMs ?? 0) + 1),
      countable: before.filter((message) => message.send.flags === 0).length + (counts ? 1 : 0),
    }
    this.messages.push({ send, stored })
    return JSON.stringify(stored)
  }
}

test('any run of batches does what sending one by one does', () => {
  const batch = fc.record({
    sends: fc.array(sends, { maxLength: 20 }),
    locked: fc.subarray([1, 2, 3]),
    clockMs: fc.integer({ min: -50, max: 50 }),
  })
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 6 }), (batches) => {
      const naive = new NaiveStore()
      const heads = new Map<number, Head>([1, 2, 3].map((key) => [key, headOf(key)]))
      const earlier: EarlierMessage[] = []
      const own = new Map<string, number>()
      for (const { sends: some, locked, clockMs } of batches) {
        const free = [...heads.values()].filter((head) => !locked.includes(head.key))
        const planned = plan(some, factsOf(free, earlier), NOW + clockMs)
        const said = planned.outcomes.map((outcome) =>
          outcome.kind === 'done'
            ? JSON.stringify(outcome.result)
            : outcome.kind === 'failed'
              ? refusalOf(outcome)
              : outcome.kind,
        )
        expect(said).toEqual(some.map((send) => naive.send(send, locked.includes(send.conversation), NOW + clockMs)))
        for (const head of planned.heads) heads.set(head.key, head)
        for (const { request, stored } of planned.messages) {
          const { clientMsgId, fingerprint } = request.draft
          earlier.push({ senderKey: request.senderKey, clientMsgId, fingerprint, ...stored })
        }
        for (const { timelineKey, senderKey, count } of planned.own) {
          own.set(`${timelineKey} ${senderKey}`, (own.get(`${timelineKey} ${senderKey}`) ?? 0) + count)
        }
      }
      for (const [key, head] of heads) {
        const stored = naive.messages.filter(({ send }) => send.conversation === key)
        expect(head.lastSeq).toBe(stored.length)
        for (const sender of [1, 2, 3]) {
          const counted = stored.filter(({ send }) => send.sender === sender && send.flags === 0).length
          expect(own.get(`${key} ${sender}`) ?? 0).toBe(counted)
        }
      }
    }),
    { numRuns: 500 },
  )
})
