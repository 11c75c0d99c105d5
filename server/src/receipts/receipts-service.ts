import { Refused, type ConversationId, type Seq } from '@hongyan/protocol'
import {
  membersOf,
  type ConversationDirectory,
  type ConversationPlace,
} from '../conversations/conversation-directory.ts'
import { raiseReadMark } from '../conversations/conversation-writer.ts'
import type { ListOwner } from '../conversations/conversations-service.ts'
import { readBaseAt, readMarks } from '../conversations/member-reader.ts'
import type { Db, Tx } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import { holdLogin } from '../logins/login-reader.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { appendEntries, lockTimelines, type AppendedEntry } from '../timelines/timeline-writer.ts'

export interface ReceiptsDeps {
  readonly db: Db
  readonly directory: ConversationDirectory
  readonly announcer: Announcer
  readonly clock: Clock
}

/** "I have read up to here". */
export class ReceiptsService {
  readonly #deps: ReceiptsDeps

  constructor(deps: ReceiptsDeps) {
    this.#deps = deps
  }

  /** Raises the reader's mark, never beyond the last message, never down. Returns the mark as it is now. */
  async read(reader: ListOwner, conversationId: ConversationId, seq: Seq): Promise<Seq> {
    membersOf(conversationId, reader.userId)
    const place = await this.#deps.directory.mustFind(conversationId)
    const { readSeq, appended } = await this.#deps.db.transaction((tx) => this.#read(tx, reader, place, seq), {
      retry: true,
    })
    for (const { timeline, offset, entry } of appended) this.#deps.announcer.announce(timeline, offset, entry)
    return readSeq
  }

  async #read(
    tx: Tx,
    reader: ListOwner,
    place: ConversationPlace,
    seq: Seq,
  ): Promise<{ readonly readSeq: Seq; readonly appended: readonly AppendedEntry[] }> {
    const [, locked, marks] = await Promise.all([
      holdLogin(tx, reader),
      lockTimelines(tx, [place.timeline]),
      readMarks(tx, place.timelineKey, reader.accountKey),
    ])
    const timeline = locked.get(place.timeline)
    if (!timeline || !marks) throw new Refused('NOT_A_MEMBER')
    const upTo = Math.min(seq, timeline.lastSeq)
    if (upTo <= marks.readSeq) return { readSeq: marks.readSeq, appended: [] }
    const base = await readBaseAt(tx, timeline, marks, upTo)
    const atMs = this.#deps.clock.now()
    await raiseReadMark(tx, marks, base, atMs)
    // In a one-to-one conversation the peer sees it too, so it goes where both look.
    const entry = { kind: 'read', userId: reader.userId, base, atMs } as const
    return { readSeq: upTo, appended: await appendEntries(tx, [{ timeline, entry }]) }
  }
}
