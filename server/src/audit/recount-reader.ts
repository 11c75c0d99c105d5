import type { Seq } from '@hongyan/protocol'
import { numberArray, type Queryable } from '../db/db.ts'
import type { MessagePlace } from '../receipts/receipt-reader.ts'
import type { ReceiptFacts } from './receipt-recount.ts'

/** One member's unread messages, counted one by one; null where there are more to look at than may be. */
export interface Recounted {
  readonly timelineKey: number
  readonly accountKey: number
  readonly unread: number | null
}

/**
 * Counts what waits for these members, message by message, from nothing but the messages and the members' marks: none of the
 * running numbers that unread is derived from is used.
 */
export async function recountUnread(
  db: Queryable,
  members: readonly { readonly timelineKey: number; readonly accountKey: number }[],
  maxMessages: number,
): Promise<readonly Recounted[]> {
  return db.query<Recounted>(
    `SELECT w.timeline_key AS "timelineKey", w.account_key AS "accountKey",
            CASE WHEN t.last_seq - s.after <= $3 THEN
              (SELECT count(*) FROM message m
                WHERE m.timeline_key = w.timeline_key AND m.seq > s.after AND m.sender_key <> w.account_key
                  AND m.flags & 1 = 0 AND m.receivers IS NULL AND m.revoked_at_ms IS NULL
                  AND NOT EXISTS (SELECT FROM deleted_message d
                                   WHERE d.account_key = w.account_key AND d.timeline_key = m.timeline_key
                                     AND d.seq = m.seq)) END AS unread
       FROM unnest($1::bigint[], $2::bigint[]) AS k(timeline_key, account_key)
       JOIN member w ON w.timeline_key = k.timeline_key AND w.account_key = k.account_key
       JOIN timeline t ON t.key = w.timeline_key
      CROSS JOIN LATERAL (SELECT greatest(w.read_seq, w.cleared_seq, w.hidden_seq, w.joined_seq) AS after) AS s`,
    [
      numberArray(members.map(({ timelineKey }) => timelineKey)),
      numberArray(members.map(({ accountKey }) => accountKey)),
      maxMessages,
    ],
  )
}

/** How many members groups say they have, and how many rows there are. */
export async function recountMembers(
  db: Queryable,
  timelineKeys: readonly number[],
): Promise<readonly { readonly timelineKey: number; readonly stored: number; readonly counted: number }[]> {
  return db.query<{ timelineKey: number; stored: number; counted: number }>(
    `SELECT g.timeline_key AS "timelineKey", g.member_count AS stored,
            (SELECT count(*) FROM member m WHERE m.timeline_key = g.timeline_key) AS counted
       FROM chat_group g WHERE g.timeline_key = ANY($1::bigint[])`,
    [numberArray(timelineKeys)],
  )
}

/** In each of these conversations a message that wants receipts, the first after a random place. */
export async function readReceiptSample(
  db: Queryable,
  places: readonly { readonly timelineKey: number; readonly fraction: number }[],
): Promise<readonly MessagePlace[]> {
  return db.query<MessagePlace>(
    `SELECT DISTINCT t.key AS "timelineKey", p.seq FROM unnest($1::bigint[], $2::float8[]) AS f(timeline_key, fraction)
       JOIN timeline t ON t.key = f.timeline_key
      CROSS JOIN LATERAL (SELECT m.seq FROM message m
                           WHERE m.timeline_key = t.key AND m.seq > floor(f.fraction * t.last_seq)
                             AND m.flags & 4 <> 0 AND m.revoked_at_ms IS NULL ORDER BY m.seq LIMIT 1) AS p`,
    [numberArray(places.map(({ timelineKey }) => timelineKey)), numberArray(places.map(({ fraction }) => fraction))],
  )
}

/** Everything that is known of a message's receipts, as it is stored. */
export async function readReceiptFacts(db: Queryable, place: MessagePlace): Promise<ReceiptFacts | undefined> {
  const [row] = await db.query<{
    senderKey: number
    receiptAtMs: number | null
    receivers: number[] | null
    lastSeq: Seq
    members: [number, number][]
    receipts: [number, string][]
  }>(
    `SELECT m.sender_key AS "senderKey", m.receipt_at_ms AS "receiptAtMs", to_json(m.receivers) AS receivers,
            t.last_seq AS "lastSeq",
            (SELECT coalesce(json_agg(json_build_array(w.account_key, w.joined_seq)), '[]') FROM member w
              WHERE w.timeline_key = m.timeline_key) AS members,
            (SELECT coalesce(json_agg(json_build_array(r.account_key, r.seqs::text)), '[]') FROM receipt r
              WHERE r.timeline_key = m.timeline_key) AS receipts
       FROM message m JOIN timeline t ON t.key = m.timeline_key WHERE m.timeline_key = $1 AND m.seq = $2`,
    [place.timelineKey, place.seq],
  )
  if (!row) return undefined
  return { ...row, seq: place.seq, members: new Map(row.members), receipts: new Map(row.receipts) }
}
