import { Refused } from '@hongyan/protocol'
import { numberArray, type Queryable, type Tx } from '../db/db.ts'

export interface Login {
  /** The login's generation. */
  readonly key: number
  readonly device: string
  readonly instanceId: string
}

export async function readLogins(db: Queryable, accountKey: number): Promise<readonly Login[]> {
  return db.query<Login>(
    `SELECT key, device, instance_id AS "instanceId" FROM login WHERE account_key = $1 ORDER BY key`,
    [accountKey],
  )
}

/** Those of the logins that still hold their place. */
export async function readAliveLogins(db: Queryable, loginKeys: readonly number[]): Promise<ReadonlySet<number>> {
  const rows = await db.query<{ key: number }>('SELECT key FROM login WHERE key = ANY($1::bigint[])', [
    numberArray(loginKeys),
  ])
  return new Set(rows.map((row) => row.key))
}

/** Holds the login's place until the transaction ends, so that nothing of a displaced session is stored (promise I7). Refuses DISPLACED. */
export async function holdLogin(tx: Tx, loginKey: number): Promise<void> {
  const [row] = await tx.query('SELECT key FROM login WHERE key = $1 FOR KEY SHARE', [loginKey])
  if (!row) throw new Refused('DISPLACED')
}
