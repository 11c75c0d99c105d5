import type { Profile, UserId } from '@hongyan/protocol'
import { textArray, type Queryable } from '../db/db.ts'

/** Our record of a user. */
export interface Account {
  /** The user's number in message ids. */
  readonly key: number
  readonly id: UserId
  readonly nick: string
  readonly avatar: string
  readonly isDisabled: boolean
}

export async function readAccounts(db: Queryable, userIds: readonly UserId[]): Promise<readonly Account[]> {
  return db.query<Account>(
    `SELECT key, id, nick, avatar, is_disabled AS "isDisabled" FROM account WHERE id = ANY($1::text[])`,
    [textArray(userIds)],
  )
}

export function profileOf(account: Account): Profile {
  return { userId: account.id, nick: account.nick, avatar: account.avatar }
}
