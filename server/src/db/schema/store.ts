import { sql } from 'drizzle-orm'
import { check, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/** One row. The epoch is the identity of this store; restoring a backup must change it (promise I12). */
export const store = pgTable(
  'store',
  {
    id: integer('id').primaryKey().default(1),
    epoch: text('epoch').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [check('store_has_one_row', sql`${table.id} = 1`)],
)
