import type { ConversationId, GroupId, Member, Role, UserId } from '@hongyan/protocol'
import {
  GROUP_COLUMNS,
  MEMBER_COLUMNS,
  membershipOf,
  type GroupRow,
  type MemberRow,
} from '../conversations/group-row.ts'
import { roleNumber } from '../conversations/role-rules.ts'
import { numberArray, textArray, type Queryable } from '../db/db.ts'

/** The group of a timeline, dismissed or not; undefined when there is none. */
export async function readGroup(db: Queryable, timelineKey: number): Promise<GroupRow | undefined> {
  const [row] = await db.query<GroupRow>(
    `SELECT ${GROUP_COLUMNS} FROM chat_group g LEFT JOIN account o ON o.key = g.owner_key WHERE g.timeline_key = $1`,
    [timelineKey],
  )
  return row
}

/** The group that this account has founded by this very request. */
export async function readGroupMadeBy(
  db: Queryable,
  accountKey: number,
  requestId: string,
): Promise<GroupRow | undefined> {
  const [row] = await db.query<GroupRow>(
    `SELECT ${GROUP_COLUMNS} FROM chat_group g LEFT JOIN account o ON o.key = g.owner_key
      WHERE g.founder_key = $1 AND g.request_id = $2`,
    [accountKey, requestId],
  )
  return row
}

/** Those of these groups that are there, and whether the user is a member of each. */
export async function readGroupsById(
  db: Queryable,
  ids: readonly GroupId[],
  accountKey: number,
): Promise<readonly (GroupRow & { readonly isMember: boolean })[]> {
  return db.query<GroupRow & { readonly isMember: boolean }>(
    `SELECT ${GROUP_COLUMNS}, m.account_key IS NOT NULL AS "isMember"
       FROM chat_group g LEFT JOIN account o ON o.key = g.owner_key
       LEFT JOIN member m ON m.timeline_key = g.timeline_key AND m.account_key = $2
      WHERE g.id = ANY($1::text[]) AND g.dismissed_at_ms IS NULL`,
    [textArray(ids), accountKey],
  )
}

/** Those of these accounts that are members. */
export async function readMembers(
  db: Queryable,
  timelineKey: number,
  accountKeys: readonly number[],
): Promise<readonly MemberRow[]> {
  return db.query<MemberRow>(
    `SELECT ${MEMBER_COLUMNS} FROM member m JOIN account a ON a.key = m.account_key
      WHERE m.timeline_key = $1 AND m.account_key = ANY($2::bigint[]) ORDER BY m.account_key`,
    [timelineKey, numberArray(accountKeys)],
  )
}

/** As `readMembers`, by the users' ids. */
export async function readMembersById(
  db: Queryable,
  timelineKey: number,
  userIds: readonly UserId[],
): Promise<readonly MemberRow[]> {
  return db.query<MemberRow>(
    `SELECT ${MEMBER_COLUMNS} FROM account a JOIN member m ON m.account_key = a.key
      WHERE m.timeline_key = $1 AND a.id = ANY($2::text[]) ORDER BY m.account_key`,
    [timelineKey, textArray(userIds)],
  )
}

/** Where a page of members begins: after this one. */
export interface MemberPlace {
  readonly role: number
  readonly joinedOffset: number
  readonly accountKey: number
}

/** Members in the order of their rank, then of their coming; of one role, or of all. */
export async function readMemberPage(
  db: Queryable,
  timelineKey: number,
  page: { readonly after: MemberPlace; readonly role: Role | undefined; readonly limit: number },
): Promise<readonly MemberRow[]> {
  return db.query<MemberRow>(
    `SELECT ${MEMBER_COLUMNS} FROM member m JOIN account a ON a.key = m.account_key
      WHERE m.timeline_key = $1 AND (m.role, m.joined_offset, m.account_key) > ($2::smallint, $3::bigint, $4::bigint)
        AND ($5::smallint IS NULL OR m.role = $5)
      ORDER BY m.role, m.joined_offset, m.account_key LIMIT $6`,
    [
      timelineKey,
      page.after.role,
      page.after.joinedOffset,
      page.after.accountKey,
      page.role === undefined ? null : roleNumber(page.role),
      page.limit,
    ],
  )
}

/** Owner and admins. */
export async function readLeaders(db: Queryable, timelineKey: number): Promise<readonly MemberRow[]> {
  return db.query<MemberRow>(
    `SELECT ${MEMBER_COLUMNS} FROM member m JOIN account a ON a.key = m.account_key
      WHERE m.timeline_key = $1 AND m.role < 2 ORDER BY m.role, m.joined_offset`,
    [timelineKey],
  )
}

/** Some members, whoever they are: for taking a dismissed group apart bit by bit. */
export async function readSomeMembers(
  db: Queryable,
  timelineKey: number,
  limit: number,
): Promise<readonly { readonly accountKey: number; readonly userId: UserId }[]> {
  return db.query<{ accountKey: number; userId: UserId }>(
    `SELECT m.account_key AS "accountKey", a.id AS "userId" FROM member m JOIN account a ON a.key = m.account_key
      WHERE m.timeline_key = $1 LIMIT $2`,
    [timelineKey, limit],
  )
}

/** Ids of members, as many as may be counted. */
export async function readMemberIds(db: Queryable, timelineKey: number, limit: number): Promise<readonly UserId[]> {
  const rows = await db.query<{ id: UserId }>(
    `SELECT a.id FROM member m JOIN account a ON a.key = m.account_key WHERE m.timeline_key = $1 LIMIT $2`,
    [timelineKey, limit],
  )
  return rows.map(({ id }) => id)
}

/** In how many groups these accounts are. */
export async function readGroupCounts(
  db: Queryable,
  accountKeys: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const rows = await db.query<{ key: number; count: number }>(
    `SELECT m.account_key AS key, count(*) AS count FROM member m JOIN chat_group g ON g.timeline_key = m.timeline_key
      WHERE m.account_key = ANY($1::bigint[]) GROUP BY m.account_key`,
    [numberArray(accountKeys)],
  )
  return new Map(rows.map(({ key, count }) => [key, count]))
}

/** Until when somebody may not come into a group, and may not speak in a live room; 0 when he may. */
export interface Restriction {
  readonly bannedUntilMs: number
  readonly mutedUntilMs: number
}

export async function readRestriction(db: Queryable, timelineKey: number, accountKey: number): Promise<Restriction> {
  const [row] = await db.query<Restriction>(
    `SELECT banned_until_ms AS "bannedUntilMs", muted_until_ms AS "mutedUntilMs" FROM group_restriction
      WHERE timeline_key = $1 AND account_key = $2`,
    [timelineKey, accountKey],
  )
  return row ?? { bannedUntilMs: 0, mutedUntilMs: 0 }
}

/** Until when those of these visitors of a live room may not speak who once might not. */
export async function readRoomMutes(
  db: Queryable,
  timelineKey: number,
  userIds: readonly UserId[],
): Promise<ReadonlyMap<UserId, number>> {
  const rows = await db.query<{ userId: UserId; mutedUntilMs: number }>(
    `SELECT a.id AS "userId", r.muted_until_ms AS "mutedUntilMs" FROM account a
       JOIN group_restriction r ON r.account_key = a.key
      WHERE r.timeline_key = $1 AND a.id = ANY($2::text[])`,
    [timelineKey, textArray(userIds)],
  )
  return new Map(rows.map(({ userId, mutedUntilMs }) => [userId, mutedUntilMs]))
}

/** Dismissed groups that still have members. */
export async function readDisbanding(
  db: Queryable,
  limit: number,
): Promise<readonly { readonly conversationId: ConversationId }[]> {
  return db.query<{ conversationId: ConversationId }>(
    `SELECT substr(t.id, 3) AS "conversationId" FROM chat_group g JOIN timeline t ON t.key = g.timeline_key
      WHERE g.dismissed_at_ms IS NOT NULL AND g.member_count > 0 LIMIT $1`,
    [limit],
  )
}

/** The member as the others see him. */
export function memberOf(row: MemberRow): Member {
  return { userId: row.userId, nick: row.nick, avatar: row.avatar, ...membershipOf(row) }
}
