import { Refused } from '@hongyan/protocol'
import { numberArray, type Tx } from '../db/db.ts'

/**
 * Makes logins of one account happen one after the other, on all nodes. Refuses BUSY when the account is not there any
 * more: the store was put back since its key was read, and the next attempt finds the new one.
 */
export async function lockAccount(tx: Tx, accountKey: number): Promise<void> {
  const [row] = await tx.query('SELECT key FROM account WHERE key = $1 FOR NO KEY UPDATE', [accountKey])
  if (!row) throw new Refused('BUSY')
}

export async function insertLogin(
  tx: Tx,
  login: { readonly accountKey: number; readonly device: string; readonly instanceId: string },
): Promise<number> {
  const [row] = await tx.query<{ key: number }>(
    'INSERT INTO login (account_key, device, instance_id) VALUES ($1, $2, $3) RETURNING key',
    [login.accountKey, login.device, login.instanceId],
  )
  if (!row) throw new Error('INSERT … RETURNING gave no row')
  return row.key
}

/** Waits for writers that hold these logins, then takes their place from them. */
export async function deleteLogins(tx: Tx, loginKeys: readonly number[]): Promise<void> {
  await tx.query('DELETE FROM login WHERE key = ANY($1::bigint[])', [numberArray(loginKeys)])
}
