import { Refused } from '@hongyan/protocol'
import { textArray, type Tx } from '../db/db.ts'
import type { FileRow } from './media-reader.ts'

export async function insertFile(
  tx: Tx,
  file: Pick<FileRow, 'id' | 'ownerKey' | 'kind' | 'name' | 'bytes'>,
): Promise<void> {
  await tx.query('INSERT INTO file (id, owner_key, kind, name, bytes) VALUES ($1, $2, $3, $4, $5)', [
    file.id,
    file.ownerKey,
    file.kind,
    file.name,
    file.bytes,
  ])
}

/**
 * Says that content is going to be written under these hashes, which keeps the clean-up off it for a while. False when
 * some of it is just being deleted: it can be claimed in a moment.
 */
export async function claimBlobs(tx: Tx, hashes: readonly string[]): Promise<boolean> {
  await tx.query(
    `INSERT INTO blob (hash) SELECT h FROM unnest($1::text[]) AS h ORDER BY h
     ON CONFLICT (hash) DO UPDATE SET loose_at = now() WHERE blob.loose_at IS NOT NULL AND NOT blob.is_going`,
    [textArray(hashes)],
  )
  const going = await tx.query('SELECT hash FROM blob WHERE hash = ANY($1::text[]) AND is_going', [textArray(hashes)])
  return going.length === 0
}

/** Of an upload whose content is in the store: from now on it is there. False when another was faster, or its row is gone. */
export async function finishFile(
  tx: Tx,
  file: Pick<FileRow, 'id' | 'bytes' | 'hash' | 'format' | 'picture'>,
  hashes: readonly string[],
): Promise<boolean> {
  const done = await tx.query(
    `UPDATE file SET bytes = $2, hash = $3, format = $4, picture = $5::json
      WHERE id = $1 AND hash IS NULL RETURNING id`,
    [file.id, file.bytes, file.hash, file.format, file.picture === null ? null : JSON.stringify(file.picture)],
  )
  if (done.length === 0) return false
  await tx.query('INSERT INTO file_blob (file_id, hash) SELECT $1, h FROM unnest($2::text[]) AS h', [
    file.id,
    textArray(hashes),
  ])
  // In order, as everybody locks them.
  const held = await tx.query(
    `UPDATE blob SET loose_at = NULL
      WHERE hash IN (SELECT hash FROM blob WHERE hash = ANY($1::text[]) ORDER BY hash FOR UPDATE) AND NOT is_going
      RETURNING hash`,
    [textArray(hashes)],
  )
  // It took so long that the clean-up has begun to take the content away.
  if (held.length < hashes.length) throw new Refused('BUSY')
  return true
}

/**
 * Deletes uploads of more than `olderThanMs` ago that never arrived, or that no message has ever shown, and lets go of
 * their content. Whoever is just putting one of them into a message is not waited for. Returns how many.
 */
export async function deleteUnusedFiles(tx: Tx, olderThanMs: number, limit: number): Promise<number> {
  const rows = await tx.query<{ id: string }>(
    `SELECT f.id FROM file f WHERE NOT f.is_used AND f.created_at < now() - $1 * interval '1 millisecond'
        AND NOT EXISTS (SELECT FROM file_use u WHERE u.file_id = f.id)
      ORDER BY f.created_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [olderThanMs, limit],
  )
  await deleteFiles(
    tx,
    rows.map(({ id }) => id),
  )
  return rows.length
}

/**
 * Goes through the files that messages have shown, from an id on, and deletes those that none shows any more: they were
 * revoked, and nobody can open them. Returns where to go on; undefined at the end.
 */
export async function deleteRevokedFiles(
  tx: Tx,
  after: string,
  { olderThanMs, limit }: { readonly olderThanMs: number; readonly limit: number },
): Promise<{ readonly deleted: number; readonly next: string | undefined }> {
  const rows = await tx.query<{ id: string; isGone: boolean }>(
    `SELECT id, is_used AND created_at < now() - $2 * interval '1 millisecond'
              AND NOT EXISTS (SELECT FROM file_use u WHERE u.file_id = f.id) AS "isGone"
       FROM file f WHERE id > $1 ORDER BY id LIMIT $3`,
    [after, olderThanMs, limit],
  )
  const gone = rows.filter(({ isGone }) => isGone).map(({ id }) => id)
  // Looked at once more under the lock.
  const locked = await tx.query<{ id: string }>(
    `SELECT id FROM file f WHERE id = ANY($1::text[]) AND NOT EXISTS (SELECT FROM file_use u WHERE u.file_id = f.id)
      ORDER BY id FOR UPDATE SKIP LOCKED`,
    [textArray(gone)],
  )
  await deleteFiles(
    tx,
    locked.map(({ id }) => id),
  )
  return { deleted: locked.length, next: rows.length < limit ? undefined : rows.at(-1)?.id }
}

async function deleteFiles(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const freed = await tx.query<{ hash: string }>(
    'DELETE FROM file_blob WHERE file_id = ANY($1::text[]) RETURNING hash',
    [textArray(ids)],
  )
  await tx.query('DELETE FROM file WHERE id = ANY($1::text[])', [textArray(ids)])
  await tx.query(
    `UPDATE blob SET loose_at = now()
      WHERE hash IN (SELECT hash FROM blob WHERE hash = ANY($1::text[]) ORDER BY hash FOR UPDATE)`,
    [textArray([...new Set(freed.map(({ hash }) => hash))])],
  )
}

/**
 * Picks content that has been loose for so long and marks it as going: from then on nobody claims it. What is used after
 * all is loose no more. Also picks what somebody else marked so long ago that he must have died over it.
 */
export async function takeLooseBlobs(tx: Tx, looseForMs: number, limit: number): Promise<readonly string[]> {
  const rows = await tx.query<{ hash: string }>(
    `WITH old AS (
       SELECT b.hash, EXISTS (SELECT FROM file_blob u WHERE u.hash = b.hash) AS is_used
         FROM blob b WHERE b.loose_at < now() - $1 * interval '1 millisecond'
        ORDER BY b.loose_at LIMIT $2 FOR UPDATE SKIP LOCKED
     ), held AS (
       UPDATE blob SET loose_at = NULL WHERE hash IN (SELECT hash FROM old WHERE is_used) AND NOT is_going
     )
     UPDATE blob SET loose_at = now(), is_going = true WHERE hash IN (SELECT hash FROM old WHERE NOT is_used)
     RETURNING hash`,
    [looseForMs, limit],
  )
  return rows.map(({ hash }) => hash)
}

/** Of content that was taken and is not in the store any more. */
export async function forgetBlobs(tx: Tx, hashes: readonly string[]): Promise<void> {
  await tx.query('DELETE FROM blob WHERE hash = ANY($1::text[]) AND is_going', [textArray(hashes)])
}
