import { bigint, index, pgTable, primaryKey } from 'drizzle-orm/pg-core'

/** A user inside a conversation, with his own marks. Marks only grow (promise I5). */
export const member = pgTable(
  'member',
  {
    timelineKey: bigint('timeline_key', { mode: 'number' }).notNull(),
    accountKey: bigint('account_key', { mode: 'number' }).notNull(),
    /** His own countable messages so far. */
    own: bigint('own', { mode: 'number' }).notNull().default(0),
    /** Where his unread counting starts; see protocol/unread.ts. */
    baseSeq: bigint('base_seq', { mode: 'number' }).notNull().default(0),
    baseCountable: bigint('base_countable', { mode: 'number' }).notNull().default(0),
    baseOwn: bigint('base_own', { mode: 'number' }).notNull().default(0),
    readSeq: bigint('read_seq', { mode: 'number' }).notNull().default(0),
    readAtMs: bigint('read_at_ms', { mode: 'number' }).notNull().default(0),
    clearedSeq: bigint('cleared_seq', { mode: 'number' }).notNull().default(0),
    hiddenSeq: bigint('hidden_seq', { mode: 'number' }).notNull().default(0),
    pinnedAtMs: bigint('pinned_at_ms', { mode: 'number' }),
  },
  (table) => [primaryKey({ columns: [table.timelineKey, table.accountKey] }), index('member_of').on(table.accountKey)],
)
