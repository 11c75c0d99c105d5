import type { Tx } from '../db/db.ts'

/**
 * Keeps the clean-up off all content that nothing holds any more, for as long as it waits with fresh ones: what a backup's
 * snapshot names must still be there when its files are copied.
 */
export async function postponeCleanUp(tx: Tx): Promise<void> {
  await tx.query('UPDATE blob SET loose_at = now() WHERE loose_at IS NOT NULL AND NOT is_going')
}
