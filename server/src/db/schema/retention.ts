import { bigint, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/** How long one conversation is kept, where that is not what the settings say. */
export const retentionRule = pgTable('retention_rule', {
  timelineKey: bigint('timeline_key', { mode: 'number' }).primaryKey(),
  /** 0 keeps it for ever; null leaves it to the settings. */
  days: integer('days'),
  /** Why nothing of it may be removed, whatever else is set; null when it may. */
  heldBecause: text('held_because'),
  changedAt: timestamp('changed_at', { withTimezone: true }).notNull().defaultNow(),
})
