import { bigint, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'

const number = (name: string) => bigint(name, { mode: 'number' })

/** A user's reaction to a message. */
export const reaction = pgTable(
  'reaction',
  {
    timelineKey: number('timeline_key').notNull(),
    seq: number('seq').notNull(),
    reactionId: text('reaction_id').notNull(),
    accountKey: number('account_key').notNull(),
    /** The order in which they came. */
    order: number('order').generatedAlwaysAsIdentity(),
  },
  (table) => [primaryKey({ columns: [table.timelineKey, table.seq, table.reactionId, table.accountKey] })],
)

/** A key-value extension of a message. */
export const messageExtension = pgTable(
  'message_extension',
  {
    timelineKey: number('timeline_key').notNull(),
    seq: number('seq').notNull(),
    key: text('key').notNull(),
    value: text('value').notNull(),
  },
  (table) => [primaryKey({ columns: [table.timelineKey, table.seq, table.key] })],
)
