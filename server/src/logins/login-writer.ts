import { Refused } from '@hongyan/protocol'
import { numberArray, textArray, type Tx } from '../db/db.ts'

/**
 * Makes what one account does with its lock happen one after the other, on all nodes. Refuses BUSY when the account is not
 * there any more: the store was put back since its key was read, and the next attempt finds the new one.
 */
export async function lockAccount(tx: Tx, accountKey: number): Promise<void> {
  const [row] = await tx.query('SELECT key FROM account WHERE key = $1 FOR NO KEY UPDATE', [accountKey])
  if (!row) throw new Refused('BUSY')
}

/** The same for many, of whom those are left out whom another transaction holds, or who are not there; those who are locked. */
export async function lockFreeAccounts(tx: Tx, accountKeys: readonly number[]): Promise<ReadonlySet<number>> {
  const rows = await tx.query<{ key: number }>(
    'SELECT key FROM account WHERE key = ANY($1::bigint[]) ORDER BY key FOR NO KEY UPDATE SKIP LOCKED',
    [numberArray(accountKeys)],
  )
  return new Set(rows.map(({ key }) => key))
}

export interface NewLogin {
  readonly accountKey: number
  readonly device: string
  readonly instanceId: string
}

/** The keys of the new logins by account; one of each account. */
export async function insertLogins(tx: Tx, logins: readonly NewLogin[]): Promise<ReadonlyMap<number, number>> {
  const rows = await tx.query<{ key: number; accountKey: number }>(
    `INSERT INTO login (account_key, device, instance_id)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])
     RETURNING key, account_key AS "accountKey"`,
    [
      numberArray(logins.map(({ accountKey }) => accountKey)),
      textArray(logins.map(({ device }) => device)),
      textArray(logins.map(({ instanceId }) => instanceId)),
    ],
  )
  return new Map(rows.map(({ key, accountKey }) => [accountKey, key]))
}

/** Those of these logins that are there, and that no writer holds at this moment; they are locked. */
export async function lockFreeLogins(tx: Tx, loginKeys: readonly number[]): Promise<ReadonlySet<number>> {
  const rows = await tx.query<{ key: number }>(
    'SELECT key FROM login WHERE key = ANY($1::bigint[]) ORDER BY key FOR UPDATE SKIP LOCKED',
    [numberArray(loginKeys)],
  )
  return new Set(rows.map(({ key }) => key))
}

/** Waits for writers that hold these logins, then takes their place from them. */
export async function deleteLogins(tx: Tx, loginKeys: readonly number[]): Promise<void> {
  await tx.query('DELETE FROM login WHERE key = ANY($1::bigint[])', [numberArray(loginKeys)])
}
