import type { UserProfile } from '@hongyan/protocol'
import type { Tx } from '../db/db.ts'

/** Under the lock of the user's own timeline, which orders the changes of a profile. */
export async function updateProfile(tx: Tx, profile: UserProfile): Promise<void> {
  await tx.query('UPDATE account SET nick = $2, avatar = $3, details = $4::jsonb, changed_at_ms = $5 WHERE id = $1', [
    profile.userId,
    profile.nick,
    profile.avatar,
    JSON.stringify(profile.details),
    profile.changedAtMs,
  ])
}
