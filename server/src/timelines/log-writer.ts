import {
  conversationOfTimeline,
  SYSTEM_USER_ID,
  type ConversationId,
  type Element,
  type Entry,
  type Message,
} from '@hongyan/protocol'
import { SYSTEM_ACCOUNT_KEY } from '../accounts/account-rules.ts'
import { numberArray, textArray, type Tx } from '../db/db.ts'
import { FLAG } from './message-row.ts'
import { insertMessages, moveHeads, type MessageInsert } from './message-log-writer.ts'
import type { AppendedEntry, LockedTimeline } from './timeline-writer.ts'

/** Something the server itself says in a conversation. It takes a seq, like everything that is said. */
export interface SystemSaying {
  readonly element: Element
  /** Raises the members' unread numbers. */
  readonly counts: boolean
}

export interface Append {
  readonly timeline: LockedTimeline
  readonly what: { readonly entry: Entry } | { readonly saying: SystemSaying }
}

interface EntryInsert {
  readonly timelineKey: number
  readonly offset: number
  readonly seq: number
  readonly body: string
}

/**
 * Appends any number of entries and sayings to locked timelines, in the order given, in three statements. Returns them
 * with their places, to be announced after the commit.
 */
export async function appendAll(tx: Tx, appends: readonly Append[], nowMs: number): Promise<readonly AppendedEntry[]> {
  if (appends.length === 0) return []
  const heads = new Map<number, LockedTimeline>()
  const entries: EntryInsert[] = []
  const messages: MessageInsert[] = []
  const appended = appends.map(({ timeline, what }): AppendedEntry => {
    const head = heads.get(timeline.key) ?? timeline
    const offset = head.lastOffset + 1
    if ('entry' in what) {
      heads.set(head.key, { ...head, lastOffset: offset })
      entries.push({ timelineKey: head.key, offset, seq: head.lastSeq, body: JSON.stringify(what.entry) })
      return { timeline: head.id, offset, entry: what.entry }
    }
    const row = rowOf(head, offset, what.saying, nowMs)
    heads.set(head.key, {
      ...head,
      lastOffset: offset,
      lastSeq: row.seq,
      lastCountable: row.countable,
      lastSentAtMs: row.sentAtMs,
    })
    messages.push(row)
    return { timeline: head.id, offset, entry: { kind: 'message', message: messageOfRow(head, row, what.saying) } }
  })
  await Promise.all([
    entries.length === 0 ? undefined : insertEntries(tx, entries),
    messages.length === 0 ? undefined : insertMessages(tx, messages),
    moveHeads(tx, [...heads.values()]),
  ])
  return appended
}

function insertEntries(tx: Tx, rows: readonly EntryInsert[]): Promise<unknown> {
  return tx.query(
    `INSERT INTO entry (timeline_key, "offset", seq, body)
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::jsonb[])`,
    [
      numberArray(rows.map((row) => row.timelineKey)),
      numberArray(rows.map((row) => row.offset)),
      numberArray(rows.map((row) => row.seq)),
      textArray(rows.map((row) => row.body)),
    ],
  )
}

function rowOf(head: LockedTimeline, offset: number, saying: SystemSaying, nowMs: number): MessageInsert {
  const seq = head.lastSeq + 1
  return {
    timelineKey: head.key,
    seq,
    offset,
    senderKey: SYSTEM_ACCOUNT_KEY,
    // Of one sender for the whole server, so it must differ between conversations too.
    clientMsgId: `${head.key}_${seq}`,
    fingerprint: 0,
    sentAtMs: Math.max(nowMs, head.lastSentAtMs + 1),
    countable: head.lastCountable + (saying.counts ? 1 : 0),
    flags: saying.counts ? 0 : FLAG.UNCOUNTED,
    bodyJson: JSON.stringify({ elements: [saying.element] }),
    receivers: undefined,
  }
}

function messageOfRow(head: LockedTimeline, row: MessageInsert, { element, counts }: SystemSaying): Message {
  return {
    id: `${SYSTEM_ACCOUNT_KEY}-${row.clientMsgId}`,
    conversationId: mustBeConversation(head),
    seq: row.seq,
    senderId: SYSTEM_USER_ID,
    sentAtMs: row.sentAtMs,
    countable: row.countable,
    elements: [element],
    ...(counts ? {} : { uncounted: true }),
  }
}

function mustBeConversation({ id }: LockedTimeline): ConversationId {
  const conversationId = conversationOfTimeline(id)
  if (conversationId === undefined) throw new Error(`nothing is said in a user's timeline: ${id}`)
  return conversationId
}
