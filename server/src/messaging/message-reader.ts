import type { Seq } from '@hongyan/protocol'
import type { Queryable } from '../db/db.ts'
import { MESSAGE_COLUMNS, MESSAGE_PEOPLE, type MessageRow } from '../timelines/message-row.ts'

/** One message, or undefined. */
export async function readMessage(db: Queryable, timelineKey: number, seq: Seq): Promise<MessageRow | undefined> {
  const [row] = await db.query<MessageRow>(
    `SELECT ${MESSAGE_COLUMNS} FROM message m ${MESSAGE_PEOPLE} WHERE m.timeline_key = $1 AND m.seq = $2`,
    [timelineKey, seq],
  )
  return row
}

export interface HistoryQuery {
  readonly timelineKey: number
  readonly accountKey: number
  readonly direction: 'older' | 'newer'
  /** Exclusive; undefined from the end. */
  readonly fromSeq: Seq | undefined
  readonly limit: number
}

/**
 * Messages the member may see, in the order of the direction asked for; none for who is no member at this very moment
 * (promise I11: the right is read in the same snapshot as what it opens).
 */
export async function readHistory(db: Queryable, query: HistoryQuery): Promise<readonly MessageRow[]> {
  const isOlder = query.direction === 'older'
  const above = isOlder ? 0 : (query.fromSeq ?? 0)
  const below = isOlder ? (query.fromSeq ?? Number.MAX_SAFE_INTEGER) : Number.MAX_SAFE_INTEGER
  return db.query<MessageRow>(
    `SELECT ${MESSAGE_COLUMNS} FROM message m ${MESSAGE_PEOPLE}
      WHERE m.timeline_key = $1 AND m.seq < $4
        AND m.seq > (SELECT greatest(me.cleared_seq, $3::bigint) FROM member me
                       LEFT JOIN chat_group g ON g.timeline_key = me.timeline_key
                      WHERE me.timeline_key = $1 AND me.account_key = $2 AND g.dismissed_at_ms IS NULL)
        AND (m.receivers IS NULL OR m.sender_key = $2 OR $2::bigint = ANY(m.receivers))
        AND NOT EXISTS (SELECT FROM deleted_message x
                         WHERE x.account_key = $2 AND x.timeline_key = $1 AND x.seq = m.seq)
      ORDER BY m.seq ${isOlder ? 'DESC' : 'ASC'} LIMIT $5`,
    [query.timelineKey, query.accountKey, above, below, query.limit],
  )
}

/**
 * SQL for the number of the first message sent at or after a time; one past the last when there is none. Times grow with
 * the numbers inside a conversation, so this halves its way through them along the primary key. The message in the middle
 * is looked up by itself: joined, by a plan made while the table was empty, the whole conversation would be read for it.
 * One that is not there has been removed for its age: it was before.
 */
export function firstSeqAt(timelineKey: string, lastSeq: string, atMs: string): string {
  return `coalesce((
    WITH RECURSIVE halving(low, high) AS (
      SELECT 1::bigint, ${lastSeq} + 1
      UNION ALL
      SELECT CASE WHEN h.is_before THEN h.middle + 1 ELSE h.low END, CASE WHEN h.is_before THEN h.high ELSE h.middle END
        FROM (SELECT low, high, (low + high) / 2 AS middle,
                     coalesce((SELECT m.sent_at_ms < ${atMs} FROM message m
                                WHERE m.timeline_key = ${timelineKey} AND m.seq = (low + high) / 2), true) AS is_before
                FROM halving WHERE low < high OFFSET 0) AS h)
    SELECT low FROM halving WHERE low >= high), ${lastSeq} + 1)`
}

/** The number of the first message sent at or after a time; one past the last when there is none. */
export async function seqAtTime(db: Queryable, timelineKey: number, lastSeq: Seq, atMs: number): Promise<Seq> {
  const [row] = await db.query<{ seq: Seq }>(`SELECT ${firstSeqAt('$1::bigint', '$2::bigint', '$3::bigint')} AS seq`, [
    timelineKey,
    lastSeq,
    atMs,
  ])
  return row?.seq ?? lastSeq + 1
}
