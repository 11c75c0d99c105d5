import type { Seq } from '@hongyan/protocol'
import type { Tx } from '../db/db.ts'

/** Under the group's timeline lock, like every change of a group. */
export async function updateAttributes(
  tx: Tx,
  timelineKey: number,
  attributes: ReadonlyMap<string, string>,
): Promise<void> {
  await tx.query('UPDATE chat_group SET attributes = $2::jsonb WHERE timeline_key = $1', [
    timelineKey,
    JSON.stringify(Object.fromEntries(attributes)),
  ])
}

/** Sets these counters; the others stay. */
export async function updateCounters(
  tx: Tx,
  timelineKey: number,
  counters: ReadonlyMap<string, number>,
): Promise<void> {
  await tx.query('UPDATE chat_group SET counters = counters || $2::jsonb WHERE timeline_key = $1', [
    timelineKey,
    JSON.stringify(Object.fromEntries(counters)),
  ])
}

/** Pins a message, and lets go of the pins of revoked ones. */
export async function insertPin(
  tx: Tx,
  pin: { readonly timelineKey: number; readonly seq: Seq; readonly byKey: number; readonly atMs: number },
): Promise<void> {
  await Promise.all([
    tx.query(
      `DELETE FROM pinned_message p USING message m
        WHERE p.timeline_key = $1 AND m.timeline_key = p.timeline_key AND m.seq = p.seq AND m.revoked_at_ms IS NOT NULL`,
      [pin.timelineKey],
    ),
    tx.query('INSERT INTO pinned_message (timeline_key, seq, by_key, at_ms) VALUES ($1, $2, $3, $4)', [
      pin.timelineKey,
      pin.seq,
      pin.byKey,
      pin.atMs,
    ]),
  ])
}

/** False when it was not pinned. */
export async function deletePin(tx: Tx, timelineKey: number, seq: Seq): Promise<boolean> {
  const rows = await tx.query('DELETE FROM pinned_message WHERE timeline_key = $1 AND seq = $2 RETURNING seq', [
    timelineKey,
    seq,
  ])
  return rows.length > 0
}
