import { sql } from 'drizzle-orm'
import { bigint, boolean, index, json, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

const number = (name: string) => bigint(name, { mode: 'number' })

/** An upload: asked for, then stored. Several may have the same content, which is kept once (by hash). */
export const file = pgTable(
  'file',
  {
    /** Made by us from random bits; nobody can guess it. */
    id: text('id').primaryKey(),
    ownerKey: number('owner_key').notNull(),
    kind: text('kind').notNull(),
    /** What the uploader calls it; never a path. */
    name: text('name').notNull(),
    bytes: number('bytes').notNull(),
    /** SHA-256 of the content; null until all of it has arrived. */
    hash: text('hash'),
    format: text('format').notNull().default(''),
    /** Sizes of a picture and its smaller copies, and their hashes. */
    picture: json('picture'),
    /** A message has shown it: from then on only who may read such a message may open it, its uploader included. */
    isUsed: boolean('is_used').notNull().default(false),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    index('file_of_owner').on(table.ownerKey, table.createdAt),
    index('file_content').on(table.hash),
    index('file_unused')
      .on(table.createdAt)
      .where(sql`not ${table.isUsed}`),
  ],
)

/** Content in the store. Its row is there before the content is written, and until it is deleted. */
export const blob = pgTable(
  'blob',
  {
    hash: text('hash').primaryKey(),
    /** Since when no upload holds it; null while one does. Content that is loose for long goes. */
    looseAt: timestamp('loose_at', { withTimezone: true }).defaultNow(),
    /** It is just being deleted: until the row is gone nobody may count on it, nor write it anew. */
    isGoing: boolean('is_going').notNull().default(false),
  },
  (table) => [
    index('blob_loose')
      .on(table.looseAt)
      .where(sql`${table.looseAt} is not null`),
  ],
)

/** Which content an upload holds: its own, and that of a picture's smaller copies. */
export const fileBlob = pgTable(
  'file_blob',
  {
    fileId: text('file_id').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [primaryKey({ columns: [table.fileId, table.hash] }), index('file_blob_of_content').on(table.hash)],
)

/** A message that shows a file. Who may read such a message may open the file; a revoked message has no rows here. */
export const fileUse = pgTable(
  'file_use',
  {
    fileId: text('file_id').notNull(),
    timelineKey: number('timeline_key').notNull(),
    seq: number('seq').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.fileId, table.timelineKey, table.seq] }),
    index('file_use_of_message').on(table.timelineKey, table.seq),
  ],
)
