import {
  conversationTimeline,
  LIMITS,
  parseConversationId,
  peerOf,
  Refused,
  userTimeline,
  type ConversationId,
  type ReceiptCount,
  type ReplyOf,
  type RequestOf,
  type Seq,
} from '@hongyan/protocol'
import { readAccess, type Access } from '../annotations/access-reader.ts'
import { raiseReadMark } from '../conversations/conversation-writer.ts'
import { readBaseAt, readMarks } from '../conversations/member-reader.ts'
import type { Db, Tx } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import type { Actor } from '../logins/actor.ts'
import { holdLogin } from '../logins/login-reader.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { appendEntries, lockTimelines, type AppendedEntry } from '../timelines/timeline-writer.ts'
import { readMarkAt } from './read-mark-reader.ts'
import type { ReceiptNotices } from './receipt-notices.ts'
import { holdMember, readCounts, readReaders, readReceiptMessage } from './receipt-reader.ts'
import { assertReceiptsHere } from './receipt-rules.ts'
import { insertReceipts, markReceipted, type NewReceipt } from './receipt-writer.ts'

export interface ReceiptsDeps {
  readonly db: Db
  readonly announcer: Announcer
  readonly notices: ReceiptNotices
  readonly clock: Clock
}

type Reader = Pick<Actor, 'userId' | 'accountKey' | 'loginKey' | 'epoch'>

interface Raised {
  readonly readSeq: Seq
  readonly appended: readonly AppendedEntry[]
}

/** "I have read up to here", and receipts: "I have read these". */
export class ReceiptsService {
  readonly #deps: ReceiptsDeps

  constructor(deps: ReceiptsDeps) {
    this.#deps = deps
  }

  /** Raises the reader's mark, never beyond the last message, never down. Returns the mark as it is now. */
  async read(reader: Reader, conversationId: ConversationId, seq: Seq): Promise<Seq> {
    const isOneToOne = isOneToOneOf(reader, conversationId)
    const { readSeq, appended } = await this.#deps.db.transaction(
      (tx) =>
        isOneToOne ? this.#read(tx, reader, conversationId, seq) : this.#readHere(tx, reader, conversationId, seq),
      { retry: true },
    )
    this.#deps.announcer.announceAll(appended)
    return readSeq
  }

  /**
   * Sends receipts for those of these messages that want one of this reader. Nothing else changes, and again is the same.
   * Refuses NOT_A_MEMBER and NO_RECEIPTS_HERE.
   */
  async send(reader: Reader, conversationId: ConversationId, seqs: readonly Seq[]): Promise<void> {
    if (isOneToOneOf(reader, conversationId)) return this.#sendToPeer(reader, conversationId, seqs)
    const { timelineKey, receipts } = await this.#deps.db.transaction(
      (tx) => sendInGroup(tx, reader, conversationId, seqs),
      { retry: true },
    )
    const { notices } = this.#deps
    notices.note(receipts.map(({ seq, senderId }) => ({ conversationId, timelineKey, seq, senderId })))
  }

  /** Exact numbers for the caller's own messages that want receipts; others are absent. */
  async counts(reader: Reader, conversationId: ConversationId, seqs: readonly Seq[]): Promise<readonly ReceiptCount[]> {
    const { timelineKey } = await this.#mustReadAccess(reader, conversationId)
    const places = [...new Set(seqs)].map((seq) => ({ timelineKey, seq }))
    const counts = await readCounts(this.#deps.db, places, reader.accountKey)
    return counts.map(({ seq, read, unread }) => ({ seq, read, unread }))
  }

  /** One page of who has sent a receipt, or who has not. Refuses NOT_THE_SENDER, and what has no receipts. */
  async readers(reader: Reader, request: RequestOf<'receipt.readers'>): Promise<ReplyOf<'receipt.readers'>> {
    const { timelineKey } = await this.#mustReadAccess(reader, request.conversationId)
    const place = { timelineKey, seq: request.seq }
    const message = await readReceiptMessage(this.#deps.db, place)
    if (!message) throw new Refused('NO_SUCH_MESSAGE')
    if (message.senderKey !== reader.accountKey) throw new Refused('NOT_THE_SENDER')
    if (message.isRevoked) throw new Refused('MESSAGE_REVOKED')
    if (!message.wantsReceipts) throw new Refused('NO_RECEIPTS_HERE')
    const parts = parseConversationId(request.conversationId)
    if (parts?.type === 'c2c') {
      const peer = peerOf(parts, reader.userId)
      const isListed = (message.receiptAtMs !== null) === (request.filter === 'read')
      return { userIds: peer !== undefined && peer !== reader.userId && isListed ? [peer] : [] }
    }
    const found = await readReaders(this.#deps.db, place, {
      hasRead: request.filter === 'read',
      after: keyOf(request.after),
      limit: Math.min(request.limit, LIMITS.readersPage) + 1,
    })
    const page = found.slice(0, request.limit)
    const last = page.at(-1)
    return {
      userIds: page.map(({ userId }) => userId),
      ...(last && found.length > page.length ? { next: String(last.accountKey) } : {}),
    }
  }

  /** The peer sees it too, so it goes where both look, under the conversation's lock. */
  async #read(tx: Tx, reader: Reader, conversationId: ConversationId, seq: Seq): Promise<Raised> {
    const id = conversationTimeline(conversationId)
    const [, locked] = await Promise.all([holdLogin(tx, reader), lockTimelines(tx, [id])])
    const timeline = locked.get(id)
    if (!timeline) throw new Refused('NO_SUCH_CONVERSATION')
    const marks = await readMarks(tx, timeline.key, reader.accountKey)
    if (!marks) throw new Refused('NOT_A_MEMBER')
    const upTo = Math.min(seq, timeline.lastSeq)
    if (upTo <= marks.readSeq) return { readSeq: marks.readSeq, appended: [] }
    const base = await readBaseAt(tx, timeline, marks, upTo)
    const atMs = this.#deps.clock.now()
    await raiseReadMark(tx, marks, base, atMs)
    const entry = { kind: 'read', userId: reader.userId, base, atMs } as const
    return { readSeq: upTo, appended: await appendEntries(tx, [{ timeline, entry }]) }
  }

  /** Only the reader's own devices are told, under the lock of his own timeline: thousands may read a group at once. */
  async #readHere(tx: Tx, reader: Reader, conversationId: ConversationId, seq: Seq): Promise<Raised> {
    const ownId = userTimeline(reader.userId)
    const [, locked, mark] = await Promise.all([
      holdLogin(tx, reader),
      lockTimelines(tx, [ownId]),
      readMarkAt(tx, conversationId, reader.accountKey, seq),
    ])
    const timeline = locked.get(ownId)
    if (!timeline || !mark) throw new Refused('NOT_A_MEMBER')
    const { timelineKey, readSeq, base } = mark
    if (base.seq <= readSeq) return { readSeq, appended: [] }
    await raiseReadMark(tx, { timelineKey, accountKey: reader.accountKey }, base, this.#deps.clock.now())
    const entry = { kind: 'read-here', conversationId, base } as const
    return { readSeq: base.seq, appended: await appendEntries(tx, [{ timeline, entry }]) }
  }

  async #sendToPeer(reader: Reader, conversationId: ConversationId, seqs: readonly Seq[]): Promise<void> {
    const appended = await this.#deps.db.transaction(
      async (tx): Promise<readonly AppendedEntry[]> => {
        const id = conversationTimeline(conversationId)
        const [, locked] = await Promise.all([holdLogin(tx, reader), lockTimelines(tx, [id])])
        const timeline = locked.get(id)
        if (!timeline) throw new Refused('NO_SUCH_CONVERSATION')
        const atMs = this.#deps.clock.now()
        const { accountKey, userId } = reader
        const fresh = await markReceipted(tx, { timelineKey: timeline.key, accountKey, seqs }, atMs)
        if (fresh.length === 0) return []
        return appendEntries(tx, [{ timeline, entry: { kind: 'receipted', userId, seqs: [...fresh], atMs } }])
      },
      { retry: true },
    )
    this.#deps.announcer.announceAll(appended)
  }

  async #mustReadAccess(reader: Reader, conversationId: ConversationId): Promise<Access> {
    const access = await readAccess(this.#deps.db, conversationId, reader.accountKey)
    if (!access) throw new Refused('NOT_A_MEMBER')
    assertReceiptsHere(conversationId, access.groupType)
    return access
  }
}

async function sendInGroup(
  tx: Tx,
  reader: Reader,
  conversationId: ConversationId,
  seqs: readonly Seq[],
): Promise<{ readonly timelineKey: number; readonly receipts: readonly NewReceipt[] }> {
  const timeline = conversationTimeline(conversationId)
  const [, held, receipts] = await Promise.all([
    holdLogin(tx, reader),
    holdMember(tx, timeline, reader.accountKey),
    insertReceipts(tx, timeline, reader.accountKey, seqs),
  ])
  // What the last statement did is undone with the transaction.
  if (!held) throw new Refused('NOT_A_MEMBER')
  assertReceiptsHere(conversationId, held.groupType)
  return { timelineKey: held.timelineKey, receipts }
}

/** Refuses NOT_A_MEMBER for a one-to-one conversation of others, and for what is no conversation. */
function isOneToOneOf({ userId }: Reader, conversationId: ConversationId): boolean {
  const parts = parseConversationId(conversationId)
  if (!parts || (parts.type === 'c2c' && peerOf(parts, userId) === undefined)) throw new Refused('NOT_A_MEMBER')
  return parts.type === 'c2c'
}

function keyOf(after: string | undefined): number {
  const key = Number(after ?? '0')
  if (!Number.isSafeInteger(key)) throw new Refused('BAD_REQUEST')
  return key
}
