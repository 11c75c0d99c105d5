import { bigint, boolean, jsonb, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'

/** Our record of a user. The key is the user's number in message ids (TIM: tinyID). */
export const account = pgTable('account', {
  key: bigint('key', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity({ startWith: 100001 }),
  id: text('id').notNull().unique(),
  nick: text('nick').notNull().default(''),
  avatar: text('avatar').notNull().default(''),
  /** What he says about himself besides: ProfileDetails of the protocol. */
  details: jsonb('details').notNull().default({}),
  /** When he changed his profile last; 0 for never. */
  changedAtMs: bigint('changed_at_ms', { mode: 'number' }).notNull().default(0),
  isDisabled: boolean('is_disabled').notNull().default(false),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})

/**
 * A login that may act. The key is its generation: a newer login of the same user has a greater one. A displaced login's
 * row is deleted, and whoever writes locks his row first, so nothing of a displaced session is stored after that (promise I7).
 */
export const login = pgTable(
  'login',
  {
    key: bigint('key', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    accountKey: bigint('account_key', { mode: 'number' }).notNull(),
    device: text('device').notNull(),
    instanceId: text('instance_id').notNull(),
    openedAt: timestamp('opened_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [uniqueIndex('login_instance').on(table.accountKey, table.instanceId)],
)
