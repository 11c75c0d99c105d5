import type { Seq, TimelineId, UserId } from '@hongyan/protocol'
import { numberArray, type Tx } from '../db/db.ts'

/** A receipt that was not there before, and whom it concerns. */
export interface NewReceipt {
  readonly seq: Seq
  readonly senderId: UserId
}

// The messages among those named that want a receipt of this reader and have none.
const FRESH = `m.flags & 4 <> 0 AND m.sender_key <> $2 AND m.revoked_at_ms IS NULL
  AND (m.receivers IS NULL OR $2 = ANY(m.receivers))`

/**
 * Records a member's receipts in a group: those among the messages named that want one of him, in one statement. No lock but
 * on his own row. Each receipt's range reaches back over what wants none, to the message before it that does; so the ranges of
 * who has read everything join into one. It never reaches over a message that wants a receipt, even one from before he came:
 * the row outlives his membership, and must not say that he has read what he has not.
 */
export function insertReceipts(
  tx: Tx,
  timeline: TimelineId,
  accountKey: number,
  seqs: readonly Seq[],
): Promise<readonly NewReceipt[]> {
  return tx.query<NewReceipt>(
    `WITH fresh AS (
       SELECT m.timeline_key, m.seq, m.sender_key,
              coalesce((SELECT p.seq FROM message p
                         WHERE p.timeline_key = m.timeline_key AND p.seq < m.seq AND p.flags & 4 <> 0
                           AND p.sender_key <> $2 AND p.revoked_at_ms IS NULL
                           AND (p.receivers IS NULL OR $2 = ANY(p.receivers))
                         ORDER BY p.seq DESC LIMIT 1), 0) AS before
         FROM timeline t JOIN member me ON me.timeline_key = t.key AND me.account_key = $2
         JOIN message m ON m.timeline_key = t.key AND m.seq = ANY($3::bigint[]) AND m.seq > me.joined_seq
         LEFT JOIN receipt r ON r.timeline_key = t.key AND r.account_key = $2
        WHERE t.id = $1 AND ${FRESH} AND NOT coalesce(r.seqs @> m.seq, false)
     ), stored AS (
       INSERT INTO receipt (timeline_key, account_key, seqs)
       SELECT timeline_key, $2::bigint, range_agg(int8range(before + 1, seq + 1)) FROM fresh GROUP BY timeline_key
       ON CONFLICT (timeline_key, account_key) DO UPDATE SET seqs = receipt.seqs + EXCLUDED.seqs
     )
     SELECT f.seq, s.id AS "senderId" FROM fresh f JOIN account s ON s.key = f.sender_key ORDER BY f.seq`,
    [timeline, accountKey, numberArray(seqs)],
  )
}

/** Records a reader's receipts in a one-to-one conversation, under its lock; the numbers that are new. */
export async function markReceipted(
  tx: Tx,
  receipts: { readonly timelineKey: number; readonly accountKey: number; readonly seqs: readonly Seq[] },
  atMs: number,
): Promise<readonly Seq[]> {
  const rows = await tx.query<{ seq: Seq }>(
    `UPDATE message m SET receipt_at_ms = $4
      WHERE m.timeline_key = $1 AND m.seq = ANY($3::bigint[]) AND m.receipt_at_ms IS NULL AND ${FRESH} RETURNING m.seq`,
    [receipts.timelineKey, receipts.accountKey, numberArray(receipts.seqs), atMs],
  )
  return rows.map(({ seq }) => seq).sort((a, b) => a - b)
}
