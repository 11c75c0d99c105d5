import { Refused } from '@hongyan/protocol'
import { numberArray, type Queryable, type Tx } from '../db/db.ts'

export interface Login {
  /** The login's generation. */
  readonly key: number
  readonly device: string
  readonly instanceId: string
}

export interface AccountLogin extends Login {
  readonly accountKey: number
}

/** The logins of these accounts, the oldest first. */
export async function readLogins(db: Queryable, accountKeys: readonly number[]): Promise<readonly AccountLogin[]> {
  return db.query<AccountLogin>(
    `SELECT account_key AS "accountKey", key, device, instance_id AS "instanceId"
       FROM login WHERE account_key = ANY($1::bigint[]) ORDER BY key`,
    [numberArray(accountKeys)],
  )
}

/** A login with whose it is. */
export interface HeldLogin {
  readonly key: number
  readonly accountKey: number
  readonly instanceId: string
}

/** Those of these logins that still hold their place, and who holds it. */
export async function readHeldLogins(db: Queryable, loginKeys: readonly number[]): Promise<readonly HeldLogin[]> {
  return db.query<HeldLogin>(
    `SELECT key, account_key AS "accountKey", instance_id AS "instanceId" FROM login WHERE key = ANY($1::bigint[])`,
    [numberArray(loginKeys)],
  )
}

/** Those of the logins that still hold their place. */
export async function readAliveLogins(db: Queryable, loginKeys: readonly number[]): Promise<ReadonlySet<number>> {
  const rows = await db.query<{ key: number }>('SELECT key FROM login WHERE key = ANY($1::bigint[])', [
    numberArray(loginKeys),
  ])
  return new Set(rows.map((row) => row.key))
}

/** Who asks, and in which state of the store he was told what he asks about. */
export interface Acting {
  readonly loginKey: number
  readonly epoch?: string | undefined
}

/**
 * Holds the login's place until the transaction ends, so that nothing of a displaced session is stored (promise I7).
 * Refuses DISPLACED, and EPOCH_CHANGED when the store was put back since: the numbers named are of another state
 * (promise I12).
 */
export async function holdLogin(tx: Tx, { loginKey, epoch }: Acting): Promise<void> {
  const [[login], [store]] = await Promise.all([
    tx.query('SELECT key FROM login WHERE key = $1 FOR KEY SHARE', [loginKey]),
    tx.query<{ epoch: string }>('SELECT epoch FROM store'),
  ])
  if (epoch !== undefined && store?.epoch !== epoch) throw new Refused('EPOCH_CHANGED')
  if (!login) throw new Refused('DISPLACED')
}
