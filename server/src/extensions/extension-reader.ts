import type { Seq } from '@hongyan/protocol'
import type { Queryable } from '../db/db.ts'

/** The extensions of a message, by key; in the order of their keys. Of a revoked message none: they are gone with it. */
export async function readExtensions(
  db: Queryable,
  timelineKey: number,
  seq: Seq,
): Promise<ReadonlyMap<string, string>> {
  const rows = await db.query<{ key: string; value: string }>(
    `SELECT e.key, e.value FROM message_extension e
       JOIN message m ON m.timeline_key = e.timeline_key AND m.seq = e.seq AND m.revoked_at_ms IS NULL
      WHERE e.timeline_key = $1 AND e.seq = $2 ORDER BY e.key`,
    [timelineKey, seq],
  )
  return new Map(rows.map(({ key, value }) => [key, value]))
}
