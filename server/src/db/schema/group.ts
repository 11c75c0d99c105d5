import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'

const number = (name: string) => bigint(name, { mode: 'number' })

/** A group, beside the timeline of its conversation. Changed only under that timeline's lock. */
export const chatGroup = pgTable(
  'chat_group',
  {
    timelineKey: number('timeline_key').primaryKey(),
    id: text('id').notNull().unique(),
    type: text('type').notNull(),
    name: text('name').notNull(),
    avatar: text('avatar').notNull().default(''),
    introduction: text('introduction').notNull().default(''),
    notice: text('notice').notNull().default(''),
    founderKey: number('founder_key').notNull(),
    /** The founder's own name of his request: asked again, it gives the same group. */
    requestId: text('request_id').notNull(),
    /** Null for a work group whose owner has left. */
    ownerKey: number('owner_key'),
    maxMembers: integer('max_members').notNull(),
    /** As many as there are rows in `member`; kept here so that nobody has to count. */
    memberCount: integer('member_count').notNull().default(0),
    joinOption: text('join_option').notNull(),
    inviteOption: text('invite_option').notNull(),
    isMuted: boolean('is_muted').notNull().default(false),
    custom: jsonb('custom').notNull().default([]),
    attributes: jsonb('attributes').notNull().default({}),
    counters: jsonb('counters').notNull().default({}),
    createdAtMs: number('created_at_ms').notNull(),
    changedAtMs: number('changed_at_ms').notNull(),
    /** When it was dismissed; its members and messages go later, bit by bit. */
    dismissedAtMs: number('dismissed_at_ms'),
  },
  (table) => [
    index('group_owner').on(table.ownerKey),
    uniqueIndex('group_founded_once').on(table.founderKey, table.requestId),
    index('group_disbanding')
      .on(table.timelineKey)
      .where(sql`${table.dismissedAtMs} is not null and ${table.memberCount} > 0`),
  ],
)

/** Somebody's wish to be in a group, until it is decided. */
export const groupApplication = pgTable(
  'group_application',
  {
    key: number('key').primaryKey().generatedAlwaysAsIdentity(),
    timelineKey: number('timeline_key').notNull(),
    applicantKey: number('applicant_key').notNull(),
    /** Who invited him; null when he asks himself. */
    inviterKey: number('inviter_key'),
    text: text('text').notNull().default(''),
    atMs: number('at_ms').notNull(),
  },
  (table) => [
    uniqueIndex('application_of_one').on(table.timelineKey, table.applicantKey),
    index('application_of_applicant').on(table.applicantKey),
  ],
)

/** What somebody may not do in a group for some time, though he is no member (any more): come back, or speak in a live room. */
export const groupRestriction = pgTable(
  'group_restriction',
  {
    timelineKey: number('timeline_key').notNull(),
    accountKey: number('account_key').notNull(),
    bannedUntilMs: number('banned_until_ms').notNull().default(0),
    mutedUntilMs: number('muted_until_ms').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.timelineKey, table.accountKey] })],
)

/** Messages pinned for everybody in a group. */
export const pinnedMessage = pgTable(
  'pinned_message',
  {
    timelineKey: number('timeline_key').notNull(),
    seq: number('seq').notNull(),
    byKey: number('by_key').notNull(),
    atMs: number('at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.timelineKey, table.seq] })],
)
