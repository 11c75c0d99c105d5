import {
  c2cConversationId,
  conversationTimeline,
  userTimeline,
  type ConversationState,
  type Entry,
  type Message,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyEntry, mergeState, unknownConversation, type Kept } from '../src/core/conversation-rules.ts'
import { digestOf } from '../src/core/digest.ts'
import { Store } from '../src/core/store.ts'
import { FakeServer, type FakeSession } from './fake-server.ts'
import { seededRandom, VirtualClock } from './virtual-clock.ts'

const ann = 'ann' as UserId
const bob = 'bob' as UserId
const id = c2cConversationId(ann, bob)
const conversation = conversationTimeline(id)
const user = userTimeline(ann)
const NOTHING_OWN = { isSent: () => false, takeRevoked: () => false, takeModified: () => false }

function message(seq: number, senderId: UserId, more: Partial<Message> = {}): Message {
  const elements = [{ type: 'text' as const, text: `m${seq}` }]
  return { id: `1-${seq}`, conversationId: id, senderId, sentAtMs: seq, seq, countable: seq, elements, ...more }
}

function after(...entries: Entry[]): Kept {
  const unknown = unknownConversation(id, { type: 'c2c', peer: { userId: bob, nick: '', avatar: '' } }, true)
  return entries.reduce((kept, entry) => applied(kept, entry), unknown)
}

function applied(kept: Kept, entry: Entry): Kept {
  const next = applyEntry(kept, entry, ann)
  if (next === undefined) throw new Error(`${entry.kind} dropped it`)
  return next
}

function said(...messages: Message[]): Entry[] {
  return messages.map((one) => ({ kind: 'message', message: one }))
}

const revoked = (seq: number, senderId: UserId): Entry => ({
  kind: 'revoked',
  seq,
  senderId,
  counted: true,
  revocation: { by: senderId, atMs: 9 },
})

describe('one entry', () => {
  test('a message of the peer counts, an own one and an uncounted one do not', () => {
    const kept = after(
      ...said(
        message(1, bob),
        message(2, ann),
        message(3, bob, { uncounted: true, countable: 2 }),
        message(4, bob, { countable: 3 }),
      ),
    )
    expect(kept.seen).toMatchObject({ unread: 2, lastSeq: 4, lastMessage: { seq: 4 } })
  })

  test('a message that is not to be shown as the last is not', () => {
    expect(after(...said(message(1, bob), message(2, bob, { notLast: true }))).seen).toMatchObject({
      unread: 2,
      lastMessage: { seq: 1 },
    })
  })

  test('a revoked message is gone and not waited for any more', () => {
    const kept = after(...said(message(1, bob), message(2, bob, { customData: 'x' })), revoked(2, bob), revoked(2, bob))
    expect(kept.seen).toMatchObject({ unread: 1, lastMessage: { seq: 2, elements: [], revoked: { by: bob } } })
    expect(kept.seen.lastMessage).not.toHaveProperty('customData')
  })

  test('a read mark lowers unread, and an older one does not raise it again', () => {
    const read = (seq: number): Entry => ({
      kind: 'read',
      userId: ann,
      base: { seq, countable: seq, own: 0 },
      atMs: seq,
    })
    const kept = after(...said(message(1, bob), message(2, bob), message(3, bob)), read(2), read(1))
    expect(kept.seen).toMatchObject({ unread: 1, readSeq: 2 })
  })

  test('the peer’s read mark is the peer’s', () => {
    const read: Entry = { kind: 'read', userId: bob, base: { seq: 1, countable: 1, own: 0 }, atMs: 5 }
    expect(after(...said(message(1, ann)), read).seen).toMatchObject({ peerReadSeq: 1, peerReadAtMs: 5, readSeq: 0 })
  })

  test('a deleted last message leaves the last one unknown, until one is fetched or comes', () => {
    const deleted: Entry = { kind: 'deleted', conversationId: id, seqs: [2], counted: [2] }
    const kept = after(...said(message(1, bob), message(2, bob)), deleted)
    expect(kept).toMatchObject({ isLastUnknown: true, touches: 1, seen: { unread: 1 } })
    expect(kept.seen.lastMessage).toBeUndefined()
    const fetched: ConversationState = { ...kept.seen, lastMessage: message(1, bob) }
    expect(mergeState(kept, fetched, { how: 'answer', touches: 1 })).toMatchObject({
      isLastUnknown: false,
      seen: { lastMessage: { seq: 1 } },
    })
    expect(mergeState(kept, fetched, { how: 'answer', touches: 0 }).isLastUnknown).toBe(true)
    expect(applyEntry(kept, said(message(3, bob))[0] as Entry, ann)).toMatchObject({
      isLastUnknown: false,
      seen: { lastMessage: { seq: 3 } },
    })
  })

  test('what was deleted elsewhere before it came here is never the last message and never counted', () => {
    const deleted: Entry = { kind: 'deleted', conversationId: id, seqs: [2], counted: [2] }
    const kept = after(...said(message(1, bob)), deleted, ...said(message(2, bob)))
    expect(kept.seen).toMatchObject({ unread: 1, lastSeq: 2, lastMessage: { seq: 1 } })
  })

  test('a base or a deletion from beyond what came yet is not counted against it', () => {
    const base = { seq: 5, countable: 5, own: 5 }
    const ahead = after(...said(message(1, bob)), { kind: 'cleared', conversationId: id, base })
    expect(ahead.seen.unread).toBe(0)
    const deleted: Entry = { kind: 'deleted', conversationId: id, seqs: [2], counted: [2] }
    expect(after(...said(message(1, bob)), deleted).seen.unread).toBe(1)
  })

  test('hidden is out of sight until something newer comes; cleared has no last message', () => {
    const base = { seq: 2, countable: 2, own: 0 }
    const hidden = after(...said(message(1, bob), message(2, bob)), {
      kind: 'hidden',
      conversationId: id,
      base,
      cleared: true,
    })
    expect(hidden.seen).toMatchObject({ isVisible: false, unread: 0, clearedSeq: 2 })
    expect(hidden.seen.lastMessage).toBeUndefined()
    expect(hidden.isLastUnknown).toBe(false)
    const back = applied(hidden, said(message(3, bob))[0] as Entry)
    expect(back.seen).toMatchObject({ isVisible: true, unread: 1, lastMessage: { seq: 3 } })
  })

  test('[FWD-1] a kind of entry not known changes nothing but the cursor', () => {
    const store = new Store(ann, NOTHING_OWN)
    store.apply(conversation, [{ offset: 1, entry: said(message(1, bob))[0] as Entry }], fail)
    const before = digestOf([...store.all()].map(({ seen }) => seen))
    const changes = store.apply(
      conversation,
      [{ offset: 2, entry: { kind: 'from the future' } as unknown as Entry }],
      fail,
    )
    expect(changes).toEqual([])
    expect(digestOf([...store.all()].map(({ seen }) => seen))).toBe(before)
    expect(store.cursorOf(conversation)).toBe(2)
  })

  test('an entry that cannot be applied is reported, and not met again', () => {
    const errors: unknown[] = []
    const store = new Store(ann, NOTHING_OWN)
    store.apply(conversation, [{ offset: 1, entry: { kind: 'message' } as Entry }], (error) => errors.push(error))
    expect(errors).toHaveLength(1)
    expect(store.cursorOf(conversation)).toBe(1)
  })
})

type Act = {
  kind: 'say' | 'read' | 'revoke' | 'delete' | 'hide' | 'clear' | 'pin'
  by: boolean
  which: number
  flag: boolean
}
const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom<Act['kind']>('say', 'say', 'say', 'say', 'read', 'revoke', 'delete', 'hide', 'clear', 'pin'),
  by: fc.boolean(),
  which: fc.nat({ max: 40 }),
  flag: fc.boolean(),
})

/** Does it at the naive server; returns the state ann could have fetched after each act. */
function live(acts: readonly Act[]): { server: FakeServer; states: ConversationState[]; userOffsets: number[] } {
  const server = new FakeServer(new VirtualClock(), seededRandom(1), [ann, bob])
  const states: ConversationState[] = []
  const userOffsets: number[] = []
  const link = { send: () => undefined, close: () => undefined }
  const sessions = new Map<UserId, FakeSession>()
  for (const userId of [ann, bob]) {
    const session = server.accept(link)
    session.userId = userId
    sessions.set(userId, session)
  }
  const ask = (by: UserId, command: string, body: object): void =>
    sessions.get(by)?.onText(JSON.stringify({ type: 'request', id: ++asked, command, body }))
  let asked = 0
  server.send(bob, { conversationId: id, clientMsgId: 'first', elements: [{ type: 'text', text: 'first' }] })
  for (const { kind, by, which, flag } of acts) {
    const who = by ? ann : bob
    const room = server.room(id, who)
    const seq = 1 + (which % room.messages.length)
    const flags = which % 5 === 0 ? { uncounted: true } : which % 5 === 1 ? { notLast: true } : {}
    if (kind === 'say') {
      ask(who, 'message.send', {
        conversationId: id,
        clientMsgId: `c${asked}`,
        elements: [{ type: 'text', text: 'x' }],
        ...flags,
      })
    } else if (kind === 'read') ask(who, 'receipt.read', { conversationId: id, seq })
    else if (kind === 'revoke') ask(who, 'message.revoke', { conversationId: id, seq })
    else if (kind === 'delete') ask(ann, 'message.delete', { conversationId: id, seqs: [seq, room.messages.length] })
    else if (kind === 'hide') ask(ann, 'conversation.hide', { conversationIds: [id], clears: flag })
    else if (kind === 'clear') ask(ann, 'conversation.clear', { conversationId: id })
    else ask(ann, 'conversation.pin', { conversationId: id, pinned: flag })
    states.push(server.state(server.room(id, ann), ann))
    userOffsets.push(server.timeline(user).length)
  }
  expect(server.violations).toEqual([])
  return { server, states, userOffsets }
}

/** The digest without what only a fetch can know. */
function digestWithoutLast(text: string): unknown {
  return (JSON.parse(text) as unknown[][]).map((row) => row.filter((_, column) => column !== 2 && column !== 3))
}

function expectAsCounted(store: Store, server: FakeServer): void {
  const kept = [...store.all()]
  const digest = digestOf(kept.map(({ seen }) => seen))
  if (kept.some(({ isLastUnknown }) => isLastUnknown)) {
    expect(digestWithoutLast(digest)).toEqual(digestWithoutLast(server.digest(ann)))
  } else expect(digest).toBe(server.digest(ann))
}

/** Hands the two timelines over, interleaved as the choices say, each in its own order. */
function interleave(
  store: Store,
  server: FakeServer,
  choices: readonly boolean[],
  from: Map<TimelineId, number>,
): void {
  const left = new Map([conversation, user].map((timeline) => [timeline, from.get(timeline) ?? 0]))
  for (let turn = 0; ; turn++) {
    const open = [...left].filter(([timeline, offset]) => offset < server.timeline(timeline).length)
    const next = open[(choices[turn % Math.max(1, choices.length)] ?? true) ? 0 : open.length - 1]
    if (next === undefined) return
    const [timeline, offset] = next
    const entry = server.timeline(timeline)[offset]
    left.set(timeline, offset + 1)
    if (entry !== undefined) store.apply(timeline, [{ offset: offset + 1, entry }], fail)
  }
}

function fail(error: unknown): void {
  throw error
}

describe('any history', () => {
  test('the numbers are those of a naive count, however the two timelines overtake each other', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40, size: 'max' }), fc.array(fc.boolean()), (acts, choices) => {
        const { server } = live(acts)
        const store = new Store(ann, NOTHING_OWN)
        interleave(store, server, choices, new Map())
        expectAsCounted(store, server)
      }),
      { numRuns: 400 },
    )
  })

  test('entries of the user’s timeline that a fetched state contained already change nothing', () => {
    const anywhere = fc.nat({ max: 1000 })
    fc.assert(
      fc.property(
        fc.array(act, { minLength: 1, maxLength: 40, size: 'max' }),
        fc.array(fc.boolean()),
        anywhere,
        (acts, choices, at) => {
          const { server, states, userOffsets } = live(acts)
          const state = states[at % states.length]
          const userOffset = userOffsets[at % states.length] ?? 0
          if (state === undefined) return
          const store = new Store(ann, NOTHING_OWN)
          store.merge(structuredClone(state), { how: 'page' })
          const replayed = Math.floor(userOffset / 2)
          interleave(
            store,
            server,
            choices,
            new Map([
              [conversation, state.offset],
              [user, replayed],
            ]),
          )
          expectAsCounted(store, server)
        },
      ),
      { numRuns: 400 },
    )
  })

  test('a state fetched at any moment, before or behind the cursor, takes nothing away', () => {
    fc.assert(
      fc.property(
        fc.array(act, { minLength: 1, maxLength: 40, size: 'max' }),
        fc.array(fc.boolean(), { minLength: 1 }),
        fc.array(fc.nat({ max: 1000 }), { maxLength: 5 }),
        (acts, choices, fetched) => {
          const { server, states } = live(acts)
          const store = new Store(ann, NOTHING_OWN)
          store.ensure(id, true)
          for (const at of fetched) {
            const state = states[at % states.length]
            if (state !== undefined && (choices[at % choices.length] ?? true)) {
              store.merge(structuredClone(state), { how: 'answer', touches: store.get(id)?.touches ?? 0 })
            }
          }
          interleave(store, server, choices, new Map())
          const before = store.get(id)?.seen
          for (const at of fetched) {
            const state = states[at % states.length]
            if (state !== undefined)
              store.merge(structuredClone(state), { how: 'answer', touches: store.get(id)?.touches ?? 0 })
          }
          const seen = store.get(id)?.seen
          for (const mark of [
            'readSeq',
            'peerReadSeq',
            'clearedSeq',
            'hiddenSeq',
            'lastSeq',
            'unread',
            'offset',
          ] as const) {
            expect(seen?.[mark]).toBe(before?.[mark])
          }
          expect(digestWithoutLast(digestOf([...store.all()].map((kept) => kept.seen)))).toEqual(
            digestWithoutLast(server.digest(ann)),
          )
        },
      ),
      { numRuns: 400 },
    )
  })

  test('marks never sink on the way (promise I5)', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30, size: 'max' }), fc.array(fc.boolean()), (acts, choices) => {
        const { server } = live(acts)
        let last = { readSeq: 0, peerReadSeq: 0, clearedSeq: 0, hiddenSeq: 0, lastSeq: 0 }
        const store = new Store(ann, NOTHING_OWN)
        const apply = store.apply.bind(store)
        store.apply = (timeline, entries, onError) => {
          const changes = apply(timeline, entries, onError)
          const seen = store.get(id)?.seen
          if (seen === undefined) return changes
          for (const mark of ['readSeq', 'peerReadSeq', 'clearedSeq', 'hiddenSeq', 'lastSeq'] as const) {
            expect(seen[mark]).toBeGreaterThanOrEqual(last[mark])
          }
          expect(seen.unread).toBeGreaterThanOrEqual(0)
          last = seen
          return changes
        }
        interleave(store, server, choices, new Map())
      }),
      { numRuns: 200 },
    )
  })
})
