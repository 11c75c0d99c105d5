import type { Seq } from '@hongyan/protocol'
import { textArray, type Tx } from '../db/db.ts'

/** Sets extensions of a message; the others stay. */
export async function upsertExtensions(
  tx: Tx,
  timelineKey: number,
  seq: Seq,
  extensions: ReadonlyMap<string, string>,
): Promise<void> {
  await tx.query(
    `INSERT INTO message_extension (timeline_key, seq, key, value)
     SELECT $1::bigint, $2::bigint, * FROM unnest($3::text[], $4::text[])
     ON CONFLICT (timeline_key, seq, key) DO UPDATE SET value = EXCLUDED.value`,
    [timelineKey, seq, textArray([...extensions.keys()]), textArray([...extensions.values()])],
  )
}

export async function deleteExtensions(tx: Tx, timelineKey: number, seq: Seq, keys: readonly string[]): Promise<void> {
  await tx.query('DELETE FROM message_extension WHERE timeline_key = $1 AND seq = $2 AND key = ANY($3::text[])', [
    timelineKey,
    seq,
    textArray(keys),
  ])
}
