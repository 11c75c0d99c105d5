import type { UserId, UserProfile } from '@hongyan/protocol'
import { textArray, type Queryable } from '../db/db.ts'

/** The whole profiles of these users; unknown ones are absent. */
export async function readProfiles(db: Queryable, userIds: readonly UserId[]): Promise<readonly UserProfile[]> {
  return db.query<UserProfile>(
    `SELECT id AS "userId", nick, avatar, details, changed_at_ms AS "changedAtMs" FROM account
      WHERE id = ANY($1::text[]) AND id <> '@system'`,
    [textArray(userIds)],
  )
}
