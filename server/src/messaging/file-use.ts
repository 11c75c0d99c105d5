import type { Seq } from '@hongyan/protocol'
import { numberArray, textArray, type Queryable, type Tx } from '../db/db.ts'
import type { ShowableFile } from './file-facts.ts'

/**
 * Those of these files that these accounts may show: stored, and either shown already in a message that the account may
 * see, or uploaded by it and never shown yet. Held until the transaction ends: the cleaner must not take them meanwhile.
 */
export async function readShowable(db: Queryable, wanted: readonly ShowableFile[]): Promise<readonly ShowableFile[]> {
  if (wanted.length === 0) return []
  return db.query<ShowableFile>(
    `SELECT d.account_key AS "accountKey", d.file_id AS "fileId"
       FROM unnest($1::bigint[], $2::text[]) AS d(account_key, file_id) JOIN file f ON f.id = d.file_id
      WHERE f.hash IS NOT NULL
        AND ((f.owner_key = d.account_key AND NOT f.is_used)
             OR EXISTS (SELECT FROM file_use u JOIN member me ON me.timeline_key = u.timeline_key
                                                           AND me.account_key = d.account_key
                          JOIN message m ON m.timeline_key = u.timeline_key AND m.seq = u.seq
                          LEFT JOIN chat_group g ON g.timeline_key = u.timeline_key
                         WHERE u.file_id = d.file_id AND m.revoked_at_ms IS NULL AND g.dismissed_at_ms IS NULL
                           AND (m.receivers IS NULL OR m.sender_key = d.account_key OR d.account_key = ANY(m.receivers))))
        FOR KEY SHARE OF f`,
    [numberArray(wanted.map(({ accountKey }) => accountKey)), textArray(wanted.map(({ fileId }) => fileId))],
  )
}

/** A message that shows a file. */
export interface FileUse {
  readonly fileId: string
  readonly timelineKey: number
  readonly seq: Seq
}

/** From the commit on whoever may read these messages may open these files. */
export async function insertFileUses(tx: Tx, uses: readonly FileUse[]): Promise<void> {
  if (uses.length === 0) return
  const fileIds = textArray(uses.map(({ fileId }) => fileId))
  await Promise.all([
    tx.query(
      `INSERT INTO file_use (file_id, timeline_key, seq) SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])
       ON CONFLICT DO NOTHING`,
      [fileIds, numberArray(uses.map(({ timelineKey }) => timelineKey)), numberArray(uses.map(({ seq }) => seq))],
    ),
    tx.query('UPDATE file SET is_used = true WHERE id = ANY($1::text[]) AND NOT is_used', [fileIds]),
  ])
}

/** What a message showed can no longer be opened because of it. */
export async function deleteFileUses(tx: Tx, timelineKey: number, seq: Seq): Promise<void> {
  await tx.query('DELETE FROM file_use WHERE timeline_key = $1 AND seq = $2', [timelineKey, seq])
}
