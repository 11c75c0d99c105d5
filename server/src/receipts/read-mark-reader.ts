import { conversationTimeline, type ConversationId, type Seq, type UnreadBase } from '@hongyan/protocol'
import type { Queryable } from '../db/db.ts'

/** Where a member's read mark is, and where it would go. */
export interface ReadMark {
  readonly timelineKey: number
  readonly readSeq: Seq
  /** The unread base at the seq asked for, or at the head where that is less. */
  readonly base: UnreadBase
}

/**
 * The mark and the base in one statement, so of one moment, without a lock on the timeline: what a base counts lies at or
 * below its seq and never changes again. The own messages after it are counted, which are few: nobody writes much after
 * what he has not read. What has been removed for its age lies before his base. Undefined for who is no
 * member.
 */
export async function readMarkAt(
  db: Queryable,
  conversationId: ConversationId,
  accountKey: number,
  seq: Seq,
): Promise<ReadMark | undefined> {
  const [row] = await db.query<{
    timelineKey: number
    readSeq: Seq
    seq: Seq
    countable: number
    own: number
  }>(
    `SELECT t.key AS "timelineKey", me.read_seq AS "readSeq", least($3, t.last_seq) AS seq,
            CASE WHEN $3 >= t.last_seq THEN t.last_countable
                 ELSE coalesce((SELECT m.countable FROM message m WHERE m.timeline_key = t.key AND m.seq = $3),
                               me.base_countable) END AS countable,
            CASE WHEN $3 >= t.last_seq THEN me.own
                 ELSE greatest(0, me.own - (SELECT count(*) FROM message m
                                             WHERE m.timeline_key = t.key AND m.seq > $3
                                               AND m.sender_key = $2 AND m.flags & 1 = 0)) END AS own
       FROM timeline t JOIN member me ON me.timeline_key = t.key AND me.account_key = $2
       LEFT JOIN chat_group g ON g.timeline_key = t.key
      WHERE t.id = $1 AND g.dismissed_at_ms IS NULL`,
    [conversationTimeline(conversationId), accountKey, seq],
  )
  if (!row) return undefined
  const { timelineKey, readSeq, countable, own } = row
  return { timelineKey, readSeq, base: { seq: row.seq, countable, own } }
}
