import { bigint, index, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

/**
 * The head of every timeline, of conversations (`c:…`) and of users (`u:…`). Offsets and seqs are taken from this row
 * under its lock (Decision B), so commit order is offset order.
 */
export const timeline = pgTable(
  'timeline',
  {
    key: bigint('key', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    id: text('id').notNull().unique(),
    lastOffset: bigint('last_offset', { mode: 'number' }).notNull().default(0),
    lastSeq: bigint('last_seq', { mode: 'number' }).notNull().default(0),
    lastCountable: bigint('last_countable', { mode: 'number' }).notNull().default(0),
    lastSentAtMs: bigint('last_sent_at_ms', { mode: 'number' }).notNull().default(0),
    /** Messages and entries up to here have been removed for their age; 0 and 0 while all are there. */
    cutSeq: bigint('cut_seq', { mode: 'number' }).notNull().default(0),
    cutOffset: bigint('cut_offset', { mode: 'number' }).notNull().default(0),
    /**
     * Rounded down to two seconds: most updates then leave the indexed value alone and stay heap-only (HOT). The
     * sweeper looks back further than the rounding.
     */
    movedAt: timestamp('moved_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [index('timeline_moved').on(table.movedAt)],
)

/** Entries that are not messages. A message's entry is its row in `message`: stored once (Decision E). */
export const entry = pgTable(
  'entry',
  {
    timelineKey: bigint('timeline_key', { mode: 'number' }).notNull(),
    offset: bigint('offset', { mode: 'number' }).notNull(),
    /** The timeline's last seq when the entry was written: from it the seq of any cursor follows without an index on offsets of messages. */
    seq: bigint('seq', { mode: 'number' }).notNull(),
    body: jsonb('body').notNull(),
    storedAt: timestamp('stored_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.timelineKey, table.offset] })],
)
