import {
  conversationTimeline,
  EntrySchema,
  parseConversationId,
  parseUserId,
  userTimeline,
  type ConversationId,
  type Entry,
  type UserId,
} from '@hongyan/protocol'
import { Compile } from 'typebox/compile'
import { describe, expect, test } from 'vitest'
import type { Tx } from '../db/db.ts'
import { appendAll, type Append } from './log-writer.ts'
import type { LockedTimeline } from './timeline-writer.ts'

const NOW = 1_761_000_000_000
const check = Compile(EntrySchema)

/** A transaction that writes down which tables are written, and how often. What is written is for PostgreSQL's tests. */
class RecordingTx implements Tx {
  readonly kind = 'tx'
  readonly statements: string[] = []

  query(text: string): Promise<never[]> {
    this.statements.push(/(INSERT INTO|UPDATE) (\w+)/.exec(text)?.[0] ?? text)
    return Promise.resolve([])
  }
}

function user(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Error('not a user id')
  return userId
}

function conversation(text: string): ConversationId {
  if (parseConversationId(text) === undefined) throw new Error('not a conversation id')
  return text as ConversationId
}

const group: LockedTimeline = {
  key: 77,
  id: conversationTimeline(conversation('group:class')),
  lastOffset: 20,
  lastSeq: 9,
  lastCountable: 5,
  lastSentAtMs: 1000,
}
const own: LockedTimeline = {
  key: 78,
  id: userTimeline(user('anna')),
  lastOffset: 3,
  lastSeq: 0,
  lastCountable: 0,
  lastSentAtMs: 0,
}
const entry: Entry = { kind: 'left', conversationId: conversation('group:class') }

function saying(timeline: LockedTimeline, counts = true): Append {
  const tip = { op: 'quit' as const, by: { userId: user('anna') }, users: [{ userId: user('anna') }], memberCount: 1 }
  return { timeline, what: { saying: { element: { type: 'tip', tip }, counts } } }
}

describe('appending to several timelines at once', () => {
  test('gives each its next places, in the order given, and takes three statements however many there are', async () => {
    const tx = new RecordingTx()
    const appended = await appendAll(
      tx,
      [
        saying(group),
        { timeline: own, what: { entry } },
        saying(group),
        { timeline: group, what: { entry } },
        saying(group),
      ],
      NOW,
    )
    expect(appended.map(({ timeline, offset }) => [timeline, offset])).toEqual([
      [group.id, 21],
      [own.id, 4],
      [group.id, 22],
      [group.id, 23],
      [group.id, 24],
    ])
    expect([...tx.statements].sort()).toEqual(['INSERT INTO entry', 'INSERT INTO message', 'UPDATE timeline'])
  })

  test('of nothing writes nothing, and of one sort only what it needs', async () => {
    const tx = new RecordingTx()
    expect(await appendAll(tx, [], NOW)).toEqual([])
    expect(tx.statements).toEqual([])
    await appendAll(tx, [{ timeline: own, what: { entry } }], NOW)
    expect([...tx.statements].sort()).toEqual(['INSERT INTO entry', 'UPDATE timeline'])
  })

  test('what the server says takes a seq and has the form of a message, the same as when it is read back', async () => {
    const appended = await appendAll(new RecordingTx(), [saying(group), saying(group, false), saying(group)], NOW)
    const messages = appended.flatMap((placed) => (placed.entry.kind === 'message' ? [placed.entry.message] : []))
    expect(messages.map(({ seq, countable, uncounted }) => [seq, countable, uncounted])).toEqual([
      [10, 6, undefined],
      [11, 6, true],
      [12, 7, undefined],
    ])
    expect(messages.map(({ sentAtMs }) => sentAtMs)).toEqual([NOW, NOW + 1, NOW + 2])
    expect(new Set(messages.map(({ id }) => id)).size).toBe(3)
    for (const { entry: shown } of appended) expect(check.Check(shown)).toBe(true)
    for (const { senderId, conversationId } of messages) {
      expect([senderId, conversationId]).toEqual(['@system', 'group:class'])
    }
  })

  test('two conversations never give two messages of the server the same id', async () => {
    const other = { ...group, key: 7, id: conversationTimeline(conversation('group:other')), lastSeq: 709 }
    const appended = await appendAll(
      new RecordingTx(),
      [saying(group), saying(other), saying({ ...other, key: 771 })],
      NOW,
    )
    const ids = appended.flatMap((placed) => (placed.entry.kind === 'message' ? [placed.entry.message.id] : []))
    expect(new Set(ids).size).toBe(3)
  })

  test('the times of a conversation go on growing when the clock goes back', async () => {
    const late = { ...group, lastSentAtMs: NOW + 5000 }
    const [appended] = await appendAll(new RecordingTx(), [saying(late)], NOW)
    expect(appended?.entry).toMatchObject({ message: { sentAtMs: NOW + 5001 } })
  })

  test('nothing is said in a user’s own timeline', async () => {
    await expect(appendAll(new RecordingTx(), [saying(own)], NOW)).rejects.toThrow('u:anna')
  })
})
