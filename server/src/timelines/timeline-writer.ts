import type { Entry, Offset, Seq, TimelineId } from '@hongyan/protocol'
import { numberArray, textArray, type Tx } from '../db/db.ts'

/** A timeline's head, under its row lock until the transaction ends. */
export interface LockedTimeline {
  readonly key: number
  readonly id: TimelineId
  readonly lastOffset: Offset
  readonly lastSeq: Seq
  readonly lastCountable: number
  readonly lastSentAtMs: number
}

/** An entry that has its place in the order once the transaction commits. */
export interface AppendedEntry {
  readonly timeline: TimelineId
  readonly offset: Offset
  readonly entry: Entry
}

/** Rounds `now()` down so that most updates leave the index alone; see the schema. */
export const MOVED_AT = `to_timestamp(floor(extract(epoch from clock_timestamp()) / 2) * 2)`

/** Locks the rows of these timelines in the one order everybody locks them in: by key. Unknown ids are absent. */
export async function lockTimelines(
  tx: Tx,
  ids: readonly TimelineId[],
): Promise<ReadonlyMap<TimelineId, LockedTimeline>> {
  const rows = await tx.query<LockedTimeline>(
    `SELECT key, id, last_offset AS "lastOffset", last_seq AS "lastSeq", last_countable AS "lastCountable",
            last_sent_at_ms AS "lastSentAtMs"
       FROM timeline WHERE id = ANY($1::text[]) ORDER BY key FOR NO KEY UPDATE`,
    [textArray(ids)],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** Appends one entry to each of these locked timelines, in one statement each for entries and heads. */
export async function appendEntries(
  tx: Tx,
  appends: readonly { readonly timeline: LockedTimeline; readonly entry: Entry }[],
): Promise<readonly AppendedEntry[]> {
  const keys = numberArray(appends.map(({ timeline }) => timeline.key))
  const inserted = tx.query(
    `INSERT INTO entry (timeline_key, "offset", seq, body)
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::jsonb[])`,
    [
      keys,
      numberArray(appends.map(({ timeline }) => timeline.lastOffset + 1)),
      numberArray(appends.map(({ timeline }) => timeline.lastSeq)),
      textArray(appends.map(({ entry }) => JSON.stringify(entry))),
    ],
  )
  const moved = tx.query(
    `UPDATE timeline SET last_offset = last_offset + 1, moved_at = greatest(moved_at, ${MOVED_AT})
      WHERE key = ANY($1::bigint[])`,
    [keys],
  )
  await Promise.all([inserted, moved])
  return appends.map(({ timeline, entry }) => ({ timeline: timeline.id, offset: timeline.lastOffset + 1, entry }))
}
