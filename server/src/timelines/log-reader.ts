import type { TimelineId } from '@hongyan/protocol'
import type { Db } from '../db/db.ts'
import {
  readEntriesAfter,
  readHeads,
  readMovedHeads,
  type Cursor,
  type PlacedEntry,
  type TimelineHead,
} from './timeline-reader.ts'

/** The log as the hub reads it. */
export interface LogReader {
  /** For each cursor the next entries after it, without a hole, at most `limit`; empty when there are none. */
  entriesAfter(cursors: readonly Cursor[], limit: number): Promise<ReadonlyMap<TimelineId, readonly PlacedEntry[]>>
  heads(timelines: readonly TimelineId[]): Promise<readonly TimelineHead[]>
  /** The heads of all timelines that may have moved in the last `lookbackMs`. */
  movedHeads(lookbackMs: number): Promise<readonly TimelineHead[]>
  /** The identity of the store (promise I12). */
  epoch(): Promise<string>
}

export function createLogReader(db: Db): LogReader {
  return {
    entriesAfter: (cursors, limit) => readEntriesAfter(db, cursors, limit),
    heads: (timelines) => readHeads(db, timelines),
    movedHeads: (lookbackMs) => readMovedHeads(db, lookbackMs),
    epoch: async () => {
      const [row] = await db.query<{ epoch: string }>('SELECT epoch FROM store')
      if (!row) throw new Error('the store has no epoch')
      return row.epoch
    },
  }
}
