import type { Db } from '../db/db.ts'
import { BackupRefused } from './backup-refused.ts'
import { readSchema, readSequences, readStore } from './store-reader.ts'
import { leaveOutKeys, rotateEpoch } from './store-writer.ts'

/** The store's epoch; where it is asked for, another one from now on. For stores that were put back by PostgreSQL's own means. */
export async function rotateEpochOf(
  db: Db,
  { isAsked }: { readonly isAsked: boolean },
): Promise<{ readonly before: string; readonly epoch: string }> {
  return db.transaction(async (tx) => {
    const store = await readStore(tx)
    if (!store) throw new BackupRefused('there is no store in this database')
    const before = store.epoch
    if (!isAsked) return { before, epoch: before }
    const schema = await readSchema(tx)
    await leaveOutKeys(tx, schema, await readSequences(tx, schema))
    return { before, epoch: await rotateEpoch(tx, schema) }
  })
}
