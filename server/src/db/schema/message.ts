import {
  bigint,
  boolean,
  index,
  integer,
  json,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'

/** A message, stored once whoever reads it. No foreign keys: the writer holds the timeline's lock, and checks cost per row. */
export const message = pgTable(
  'message',
  {
    timelineKey: bigint('timeline_key', { mode: 'number' }).notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    offset: bigint('offset', { mode: 'number' }).notNull(),
    senderKey: bigint('sender_key', { mode: 'number' }).notNull(),
    clientMsgId: text('client_msg_id').notNull(),
    /** Hash of the draft: tells a resend from another message under the same id. */
    fingerprint: bigint('fingerprint', { mode: 'number' }).notNull(),
    sentAtMs: bigint('sent_at_ms', { mode: 'number' }).notNull(),
    /** Countable messages of the conversation up to and including this one. */
    countable: bigint('countable', { mode: 'number' }).notNull(),
    /** Bits: 1 does not count as unread · 2 is not shown as the last message · 4 wants receipts · 8 mentions somebody. */
    flags: smallint('flags').notNull(),
    /** Elements and what else travels with the message; emptied by a revocation. Kept as it was written: never searched. */
    body: json('body').notNull(),
    revokedByKey: bigint('revoked_by_key', { mode: 'number' }),
    revokedAtMs: bigint('revoked_at_ms', { mode: 'number' }),
    revokeReason: text('revoke_reason'),
    /** How often its content was changed. */
    version: integer('version').notNull().default(0),
    /** The members it is for, besides its sender; null for everybody. */
    receivers: bigint('receivers', { mode: 'number' }).array(),
    /** One-to-one: when the peer sent his receipt. */
    receiptAtMs: bigint('receipt_at_ms', { mode: 'number' }),
  },
  (table) => [
    primaryKey({ columns: [table.timelineKey, table.seq] }),
    uniqueIndex('message_sent_once').on(table.senderKey, table.clientMsgId),
    index('message_revoked')
      .on(table.timelineKey, table.seq)
      .where(sql`${table.revokedAtMs} is not null`),
    index('message_wants_receipts')
      .on(table.timelineKey, table.seq)
      .where(sql`${table.flags} & 4 <> 0`),
    index('message_mentions')
      .on(table.timelineKey, table.seq)
      .where(sql`${table.flags} & 8 <> 0`),
  ],
)

/** A message one member deleted for himself. */
export const deletedMessage = pgTable(
  'deleted_message',
  {
    accountKey: bigint('account_key', { mode: 'number' }).notNull(),
    timelineKey: bigint('timeline_key', { mode: 'number' }).notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    /** True when it counted as unread for him. */
    counted: boolean('counted').notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountKey, table.timelineKey, table.seq] })],
)
