import { bigint, index, jsonb, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core'

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
    remind: text('remind').notNull().default('notify'),
    /** In a group: 0 owner · 1 admin · 2 member. */
    role: smallint('role').notNull().default(2),
    nameCard: text('name_card').notNull().default(''),
    /** Where the conversation stood when he came: nothing up to there was for him. */
    joinedSeq: bigint('joined_seq', { mode: 'number' }).notNull().default(0),
    joinedOffset: bigint('joined_offset', { mode: 'number' }).notNull().default(0),
    joinedAtMs: bigint('joined_at_ms', { mode: 'number' }).notNull().default(0),
    mutedUntilMs: bigint('muted_until_ms', { mode: 'number' }).notNull().default(0),
    custom: jsonb('custom').notNull().default([]),
  },
  (table) => [
    primaryKey({ columns: [table.timelineKey, table.accountKey] }),
    index('member_of').on(table.accountKey),
    index('member_in_order').on(table.timelineKey, table.role, table.joinedOffset, table.accountKey),
  ],
)
