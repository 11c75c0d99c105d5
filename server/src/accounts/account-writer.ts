import { userTimeline, type UserId } from '@hongyan/protocol'
import { textArray, type Tx } from '../db/db.ts'

export interface NewAccount {
  readonly userId: UserId
  readonly nick?: string
  readonly avatar?: string
}

/** Creates the accounts that do not exist, each with its timeline. In order of id, so that two nodes never wait for each other crosswise. */
export async function createAccounts(tx: Tx, accounts: readonly NewAccount[]): Promise<void> {
  const sorted = [...accounts].sort((a, b) => (a.userId < b.userId ? -1 : 1))
  await Promise.all([
    tx.query(
      `INSERT INTO account (id, nick, avatar)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT (id) DO NOTHING`,
      [
        textArray(sorted.map(({ userId }) => userId)),
        textArray(sorted.map(({ nick }) => nick ?? '')),
        textArray(sorted.map(({ avatar }) => avatar ?? '')),
      ],
    ),
    tx.query(`INSERT INTO timeline (id) SELECT * FROM unnest($1::text[]) ON CONFLICT (id) DO NOTHING`, [
      textArray(sorted.map(({ userId }) => userTimeline(userId))),
    ]),
  ])
}
