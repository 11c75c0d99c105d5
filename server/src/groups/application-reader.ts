import type { GroupId, GroupType, UserId } from '@hongyan/protocol'
import type { Queryable } from '../db/db.ts'

/** Somebody's wish to be in a group, with the people in it. */
export interface ApplicationRow {
  readonly key: number
  readonly timelineKey: number
  readonly groupId: GroupId
  readonly groupName: string
  readonly groupType: GroupType
  readonly applicantKey: number
  readonly applicantId: UserId
  readonly applicantNick: string
  readonly applicantAvatar: string
  readonly inviterKey: number | null
  readonly inviterId: UserId | null
  readonly inviterNick: string | null
  readonly inviterAvatar: string | null
  readonly text: string
  readonly atMs: number
}

const APPLICATION_COLUMNS = `p.key, p.timeline_key AS "timelineKey", g.id AS "groupId", g.name AS "groupName",
  g.type AS "groupType", p.applicant_key AS "applicantKey", a.id AS "applicantId", a.nick AS "applicantNick",
  a.avatar AS "applicantAvatar", p.inviter_key AS "inviterKey", i.id AS "inviterId", i.nick AS "inviterNick",
  i.avatar AS "inviterAvatar", p.text, p.at_ms AS "atMs"`

const APPLICATION_PEOPLE = `JOIN chat_group g ON g.timeline_key = p.timeline_key
  JOIN account a ON a.key = p.applicant_key LEFT JOIN account i ON i.key = p.inviter_key`

/** Those that this account may decide, as owner or admin of their groups; the newest first. */
export async function readApplicationsFor(
  db: Queryable,
  accountKey: number,
  limit: number,
): Promise<readonly ApplicationRow[]> {
  return db.query<ApplicationRow>(
    `SELECT ${APPLICATION_COLUMNS} FROM member m JOIN group_application p ON p.timeline_key = m.timeline_key
      ${APPLICATION_PEOPLE}
      WHERE m.account_key = $1 AND m.role < 2 AND g.dismissed_at_ms IS NULL ORDER BY p.key DESC LIMIT $2`,
    [accountKey, limit],
  )
}

export async function readApplication(db: Queryable, key: number): Promise<ApplicationRow | undefined> {
  const [row] = await db.query<ApplicationRow>(
    `SELECT ${APPLICATION_COLUMNS} FROM group_application p ${APPLICATION_PEOPLE} WHERE p.key = $1`,
    [key],
  )
  return row
}
