import type { Seq, TimelineId, UnreadBase } from '@hongyan/protocol'
import { numberArray, type Tx } from '../db/db.ts'

/** Any number, the same for all nodes. */
const LOCK = 7_238_150_022

/** True when no other node removes anything until this transaction ends. */
export async function tryTakeTurn(tx: Tx): Promise<boolean> {
  const [row] = await tx.query<{ is: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS is', [LOCK])
  return row?.is === true
}

/**
 * Has these members' unread counting start at a message, and empties their history up to it, under the lock of the
 * conversation. Returns where each of them counts from now.
 */
export async function raiseBases(
  tx: Tx,
  timelineKey: number,
  at: { readonly seq: Seq; readonly countable: number },
  accountKeys: readonly number[],
): Promise<ReadonlyMap<number, UnreadBase>> {
  const rows = await tx.query<UnreadBase & { readonly accountKey: number }>(
    `UPDATE member me
        SET base_seq = $2, base_countable = $3, cleared_seq = greatest(me.cleared_seq, $2),
            base_own = me.base_own + (SELECT count(*) FROM message m
                                       WHERE m.timeline_key = $1 AND m.seq > me.base_seq AND m.seq <= $2
                                         AND m.sender_key = me.account_key AND m.flags & 1 = 0)
      WHERE me.timeline_key = $1 AND me.account_key = ANY($4::bigint[]) AND me.base_seq < $2
      RETURNING me.account_key AS "accountKey", me.base_seq AS seq, me.base_countable AS countable, me.base_own AS own`,
    [timelineKey, at.seq, at.countable, numberArray(accountKeys)],
  )
  return new Map(rows.map(({ accountKey, ...base }) => [accountKey, base]))
}

/**
 * Removes the messages of a conversation up to one, under its lock, with all that belongs to them and all entries before.
 * In their place stands one entry that says nothing: from it the seq of any later place follows (see timeline-reader.ts).
 * Returns how many messages went.
 */
export async function cutOff(
  tx: Tx,
  timelineKey: number,
  at: { readonly seq: Seq; readonly offset: number },
): Promise<number> {
  const place = [timelineKey, at.seq]
  // What later changes of these messages say is theirs, wherever it stands.
  await tx.query(
    `UPDATE entry e SET body = (e.body - 'customData') || '{"elements":[]}'
       FROM message m
      WHERE m.timeline_key = $1 AND m.seq <= $2 AND m.version > 0
        AND e.timeline_key = $1 AND e."offset" > $3 AND e.body ->> 'kind' = 'modified' AND (e.body ->> 'seq')::bigint = m.seq`,
    [...place, at.offset],
  )
  for (const table of ['file_use', 'reaction', 'message_extension', 'pinned_message', 'deleted_message']) {
    await tx.query(`DELETE FROM ${table} WHERE timeline_key = $1 AND seq <= $2${OF_MEMBERS[table] ?? ''}`, place)
  }
  const gone = await tx.query('DELETE FROM message WHERE timeline_key = $1 AND seq <= $2 RETURNING seq', place)
  await tx.query('DELETE FROM entry WHERE timeline_key = $1 AND "offset" <= $2', [timelineKey, at.offset])
  await tx.query(
    `INSERT INTO entry (timeline_key, "offset", seq, body) VALUES ($1, $2, $3, '{"kind":"skipped","seq":0}')`,
    [timelineKey, at.offset, at.seq],
  )
  await tx.query('UPDATE timeline SET cut_seq = $2, cut_offset = $3 WHERE key = $1', [timelineKey, at.seq, at.offset])
  return gone.length
}

/** Its key begins with the account: along it, one step for each member. */
const OF_MEMBERS: Readonly<Record<string, string>> = {
  deleted_message: ' AND account_key IN (SELECT account_key FROM member WHERE timeline_key = $1)',
}

/** Sets what a conversation's own rule says; a rule that says nothing goes. False for an unknown conversation. */
export async function setRule(
  tx: Tx,
  timeline: TimelineId,
  rule: { readonly days?: number | null; readonly heldBecause?: string | null },
): Promise<boolean> {
  const [row] = await tx.query<{ key: number }>('SELECT key FROM timeline WHERE id = $1', [timeline])
  if (!row) return false
  await tx.query('INSERT INTO retention_rule (timeline_key) VALUES ($1) ON CONFLICT DO NOTHING', [row.key])
  const change = (column: string, value: number | string | null | undefined): Promise<unknown> | undefined =>
    value === undefined
      ? undefined
      : tx.query(`UPDATE retention_rule SET ${column} = $2, changed_at = now() WHERE timeline_key = $1`, [
          row.key,
          value,
        ])
  await change('days', rule.days)
  await change('held_because', rule.heldBecause)
  await tx.query('DELETE FROM retention_rule WHERE timeline_key = $1 AND days IS NULL AND held_because IS NULL', [
    row.key,
  ])
  return true
}
