import { conversationOfTimeline, type Entry, type Offset, type TimelineId } from '@hongyan/protocol'
import { numberArray, textArray, type Queryable } from '../db/db.ts'
import { MESSAGE_COLUMNS, MESSAGE_PEOPLE, messageOf, type MessageRow } from './message-row.ts'

/** Where a reader stands in a timeline. */
export interface Cursor {
  readonly timeline: TimelineId
  readonly after: Offset
}

export interface PlacedEntry {
  readonly offset: Offset
  readonly entry: Entry
}

export interface TimelineHead {
  readonly id: TimelineId
  readonly key: number
  readonly lastOffset: Offset
  /** Entries up to here have been removed for their age; absent where a head only says how far a timeline is. */
  readonly cutOffset?: Offset
}

/** The heads of these timelines; unknown ones are absent. */
export async function readHeads(db: Queryable, ids: readonly TimelineId[]): Promise<readonly TimelineHead[]> {
  return db.query<TimelineHead>(
    `SELECT id, key, last_offset AS "lastOffset", cut_offset AS "cutOffset" FROM timeline WHERE id = ANY($1::text[])`,
    [textArray(ids)],
  )
}

/**
 * The heads of all timelines that may have moved in the last `lookbackMs`. The time is asked for once, by a query of its
 * own: asked row by row it could not be looked up in the index.
 */
export async function readMovedHeads(db: Queryable, lookbackMs: number): Promise<readonly TimelineHead[]> {
  return db.query<TimelineHead>(
    `SELECT id, key, last_offset AS "lastOffset" FROM timeline
      WHERE moved_at >= (SELECT clock_timestamp()) - make_interval(secs => $1::float8)`,
    [lookbackMs / 1000],
  )
}

/**
 * For each cursor the next entries after it, without a hole, at most `limit`. Fewer than `limit` does not mean there are
 * no more: an entry may have been committed between the two statements. Two statements, however many cursors.
 */
export async function readEntriesAfter(
  db: Queryable,
  cursors: readonly Cursor[],
  limit: number,
): Promise<ReadonlyMap<TimelineId, readonly PlacedEntry[]>> {
  if (cursors.length === 0) return new Map()
  const params = [textArray(cursors.map((cursor) => cursor.timeline)), numberArray(cursors.map((c) => c.after)), limit]
  const [messages, others] = await Promise.all([
    db.query<MessageRow & { readonly timeline: TimelineId }>(MESSAGES_AFTER, params),
    db.query<PlacedEntry & { readonly timeline: TimelineId }>(OTHERS_AFTER, params),
  ])
  const messagesOf = groupByTimeline(messages)
  const othersOf = groupByTimeline(others)
  return new Map(
    cursors.map(({ timeline, after }) => {
      const placed = [
        ...placeMessages(timeline, messagesOf.get(timeline) ?? []),
        ...placeOthers(othersOf.get(timeline) ?? []),
      ]
      return [timeline, contiguous(placed, after, limit)]
    }),
  )
}

// An entry that is not a message knows the seq at its place, so all offsets between it and the next such entry are
// messages, and the seq of any cursor follows without an index on the offsets of messages.
const MESSAGES_AFTER = `
  SELECT d.id AS timeline, page.*
    FROM unnest($1::text[], $2::bigint[]) AS d(id, after) JOIN timeline t ON t.id = d.id
    LEFT JOIN LATERAL (SELECT e.seq + d.after - e."offset" AS seq FROM entry e
                        WHERE e.timeline_key = t.key AND e."offset" <= d.after
                        ORDER BY e."offset" DESC LIMIT 1) AS place ON true
   CROSS JOIN LATERAL (SELECT ${MESSAGE_COLUMNS} FROM message m ${MESSAGE_PEOPLE}
                        WHERE m.timeline_key = t.key AND m.seq > coalesce(place.seq, d.after)
                        ORDER BY m.seq LIMIT $3) AS page`

const OTHERS_AFTER = `
  SELECT d.id AS timeline, page."offset", page.entry
    FROM unnest($1::text[], $2::bigint[]) AS d(id, after) JOIN timeline t ON t.id = d.id
   CROSS JOIN LATERAL (SELECT e."offset", e.body AS entry FROM entry e
                        WHERE e.timeline_key = t.key AND e."offset" > d.after
                        ORDER BY e."offset" LIMIT $3) AS page`

function placeMessages(timeline: TimelineId, rows: readonly MessageRow[]): readonly PlacedEntry[] {
  const conversationId = conversationOfTimeline(timeline)
  if (conversationId === undefined) return []
  return rows.map((row) => ({
    offset: row.offset,
    entry: { kind: 'message', message: messageOf(conversationId, row) },
  }))
}

function placeOthers(rows: readonly PlacedEntry[]): readonly PlacedEntry[] {
  return rows.map(({ offset, entry }) => ({ offset, entry }))
}

/** The run of entries that starts right after the cursor. What lies behind a hole is not shown: its filling is still being committed or was read too early. */
function contiguous(entries: readonly PlacedEntry[], after: Offset, limit: number): readonly PlacedEntry[] {
  const sorted = [...entries].sort((a, b) => a.offset - b.offset)
  const end = sorted.findIndex((placed, index) => placed.offset !== after + 1 + index)
  return sorted.slice(0, Math.min(limit, end === -1 ? sorted.length : end))
}

function groupByTimeline<Row extends { readonly timeline: TimelineId }>(
  rows: readonly Row[],
): ReadonlyMap<TimelineId, readonly Row[]> {
  const groups = new Map<TimelineId, Row[]>()
  for (const row of rows) {
    const group = groups.get(row.timeline)
    if (group) group.push(row)
    else groups.set(row.timeline, [row])
  }
  return groups
}
