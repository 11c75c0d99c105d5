import type { GroupType, ReceiptCount, Seq, UserId } from '@hongyan/protocol'
import { numberArray, type Queryable, type Tx } from '../db/db.ts'

/** A message in a conversation. */
export interface MessagePlace {
  readonly timelineKey: number
  readonly seq: Seq
}

// For a message `m`: whether somebody `p` was meant to read it. A range of receipts also reaches over messages that wanted
// none from its reader, so the sender and who was not meant are left out here.
const isMeant = (p: string): string =>
  `${p}.account_key <> m.sender_key AND (m.receivers IS NULL OR ${p}.account_key = ANY(m.receivers))`

/**
 * How many have sent receipts for these messages, in one statement: all who have, whether they are still there or not, and
 * the members who were there when it was sent and have not. Messages that want none, are revoked, or whose sender is no
 * member (any more) are absent; with a sender, those of others too. Each reader's ranges are read once and cut to what is
 * asked for, however many messages that is: long ones are stored compressed, and opening them is what costs.
 */
export async function readCounts(
  db: Queryable,
  places: readonly MessagePlace[],
  senderKey?: number,
): Promise<readonly (MessagePlace & ReceiptCount)[]> {
  if (places.length === 0) return []
  return db.query<MessagePlace & ReceiptCount>(COUNTS, [
    numberArray(places.map(({ timelineKey }) => timelineKey)),
    numberArray(places.map(({ seq }) => seq)),
    senderKey ?? null,
  ])
}

// OFFSET 0 has each range looked into once only.
const COUNTS = `
  WITH m AS MATERIALIZED (
    SELECT m.timeline_key, m.seq, m.sender_key, m.receivers, m.receipt_at_ms
      FROM unnest($1::bigint[], $2::bigint[]) AS d(timeline_key, seq)
      JOIN message m ON m.timeline_key = d.timeline_key AND m.seq = d.seq
      JOIN member s ON s.timeline_key = m.timeline_key AND s.account_key = m.sender_key
     WHERE m.flags & 4 <> 0 AND m.revoked_at_ms IS NULL AND ($3::bigint IS NULL OR m.sender_key = $3)
  ), c AS (
    SELECT timeline_key, int8multirange(int8range(min(seq), max(seq), '[]')) AS span FROM m GROUP BY timeline_key
  ), p AS MATERIALIZED (
    SELECT c.timeline_key, a.account_key, a.joined_seq, a.seqs
      FROM c CROSS JOIN LATERAL (
        SELECT account_key, w.joined_seq, r.seqs * c.span AS seqs
          FROM (SELECT account_key, joined_seq FROM member WHERE timeline_key = c.timeline_key) AS w
          FULL JOIN (SELECT account_key, seqs FROM receipt WHERE timeline_key = c.timeline_key) AS r USING (account_key)
      ) AS a
  )
  SELECT m.timeline_key AS "timelineKey", m.seq, n.read, n.unread
    FROM m CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE x.has_read) AS read, count(*) FILTER (WHERE NOT x.has_read AND x.was_there) AS unread
        FROM (SELECT coalesce(p.seqs @> m.seq, false) OR m.receipt_at_ms IS NOT NULL AS has_read,
                     p.joined_seq < m.seq AS was_there
                FROM p WHERE p.timeline_key = m.timeline_key AND ${isMeant('p')} OFFSET 0) AS x) AS n
   ORDER BY m.timeline_key, m.seq`

export interface ReaderPage {
  readonly hasRead: boolean
  /** An account's key. */
  readonly after: number
  readonly limit: number
}

/**
 * Who has sent a receipt for a message in a group, or who was there and has not, in the order of their account keys. Goes
 * along one index until the page is full, so the last page of a large group costs what the first one does; where PostgreSQL
 * expects few members, it looks at each of them once instead.
 */
export async function readReaders(
  db: Queryable,
  place: MessagePlace,
  page: ReaderPage,
): Promise<readonly { readonly accountKey: number; readonly userId: UserId }[]> {
  return db.query<{ accountKey: number; userId: UserId }>(page.hasRead ? HAVE_READ : HAVE_NOT_READ, [
    place.timelineKey,
    place.seq,
    page.after,
    page.limit,
  ])
}

const HAVE_READ = `
  SELECT r.account_key AS "accountKey", a.id AS "userId"
    FROM message m JOIN receipt r ON r.timeline_key = m.timeline_key JOIN account a ON a.key = r.account_key
   WHERE m.timeline_key = $1 AND m.seq = $2 AND m.revoked_at_ms IS NULL
     AND r.timeline_key = $1 AND r.account_key > $3 AND ${isMeant('r')} AND r.seqs @> m.seq
   ORDER BY r.account_key LIMIT $4`

// Each member's receipts are looked up by themselves: joined, every member would be held against every reader where small
// groups have taught PostgreSQL to expect a handful.
const HAVE_NOT_READ = `
  SELECT w.account_key AS "accountKey", a.id AS "userId"
    FROM message m JOIN member w ON w.timeline_key = m.timeline_key JOIN account a ON a.key = w.account_key
   WHERE m.timeline_key = $1 AND m.seq = $2 AND m.revoked_at_ms IS NULL
     AND w.timeline_key = $1 AND w.account_key > $3 AND ${isMeant('w')} AND w.joined_seq < m.seq
     AND NOT coalesce((SELECT r.seqs @> m.seq FROM receipt r
                        WHERE r.timeline_key = w.timeline_key AND r.account_key = w.account_key), false)
   ORDER BY w.account_key LIMIT $4`

/** What must be known of a message before its readers are told. */
export interface ReceiptMessage {
  readonly senderKey: number
  readonly wantsReceipts: boolean
  readonly isRevoked: boolean
  /** In a one-to-one conversation: when the peer sent his receipt. */
  readonly receiptAtMs: number | null
}

export async function readReceiptMessage(db: Queryable, place: MessagePlace): Promise<ReceiptMessage | undefined> {
  const [row] = await db.query<ReceiptMessage>(
    `SELECT sender_key AS "senderKey", flags & 4 <> 0 AS "wantsReceipts", revoked_at_ms IS NOT NULL AS "isRevoked",
            receipt_at_ms AS "receiptAtMs"
       FROM message WHERE timeline_key = $1 AND seq = $2`,
    [place.timelineKey, place.seq],
  )
  return row
}

/** Holds the member's place until the transaction ends: nobody removes him meanwhile. Undefined for who is no member. */
export async function holdMember(
  tx: Tx,
  timeline: string,
  accountKey: number,
): Promise<{ readonly timelineKey: number; readonly groupType: GroupType | null } | undefined> {
  const [row] = await tx.query<{ timelineKey: number; groupType: GroupType | null }>(
    `SELECT me.timeline_key AS "timelineKey", g.type AS "groupType"
       FROM timeline t JOIN member me ON me.timeline_key = t.key AND me.account_key = $2
       LEFT JOIN chat_group g ON g.timeline_key = t.key
      WHERE t.id = $1 AND g.dismissed_at_ms IS NULL FOR KEY SHARE OF me`,
    [timeline, accountKey],
  )
  return row
}
