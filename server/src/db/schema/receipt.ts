import { bigint, customType, pgTable, primaryKey } from 'drizzle-orm/pg-core'

const seqRanges = customType<{ data: string }>({ dataType: () => 'int8multirange' })

/**
 * The messages of one conversation that one member has sent receipts for: one row a reader, however many messages. Stays
 * when he leaves: that he has read them remains true.
 */
export const receipt = pgTable(
  'receipt',
  {
    timelineKey: bigint('timeline_key', { mode: 'number' }).notNull(),
    accountKey: bigint('account_key', { mode: 'number' }).notNull(),
    /** Ranges reach over messages that want no receipt, so that whoever reads everything has one range. */
    seqs: seqRanges('seqs').notNull(),
  },
  (table) => [primaryKey({ columns: [table.timelineKey, table.accountKey] })],
)
