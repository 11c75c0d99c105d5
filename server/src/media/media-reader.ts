import type { FileKind, TimelineId } from '@hongyan/protocol'
import type { Queryable } from '../db/db.ts'
import type { StoredPicture } from './picture-rules.ts'

/** An upload's row. */
export interface FileRow {
  readonly id: string
  readonly ownerKey: number
  readonly kind: FileKind
  readonly name: string
  /** As was said; as it is served, once it is there. */
  readonly bytes: number
  /** Null until all of it has arrived. */
  readonly hash: string | null
  readonly format: string
  readonly picture: StoredPicture | null
}

/** A file that is there. */
export interface StoredRow extends FileRow {
  readonly hash: string
}

const COLUMNS = `f.id, f.owner_key AS "ownerKey", f.kind, f.name, f.bytes, f.hash, f.format, f.picture`

export async function readFile(db: Queryable, fileId: string): Promise<FileRow | undefined> {
  const [row] = await db.query<FileRow>(`SELECT ${COLUMNS} FROM file f WHERE f.id = $1`, [fileId])
  return row
}

/**
 * The file, if this login may open it now: it holds its place, and the file is shown by a message that is not revoked, in a
 * conversation of which he is a member, and that is for him; or it is his own and no message has shown it yet. One
 * statement, so all of it is of one moment.
 */
export async function readOpenable(
  db: Queryable,
  fileId: string,
  opener: { readonly accountKey: number; readonly loginKey: number },
): Promise<StoredRow | undefined> {
  const [row] = await db.query<StoredRow>(
    `SELECT ${COLUMNS}
       FROM file f
       JOIN login l ON l.key = $3 AND l.account_key = $2
       JOIN account a ON a.key = l.account_key AND NOT a.is_disabled
      WHERE f.id = $1 AND f.hash IS NOT NULL
        AND (f.owner_key = $2 AND NOT f.is_used
             OR EXISTS (
               SELECT FROM file_use u
                 JOIN message m ON m.timeline_key = u.timeline_key AND m.seq = u.seq
                 JOIN member me ON me.timeline_key = u.timeline_key AND me.account_key = $2
                 LEFT JOIN chat_group g ON g.timeline_key = u.timeline_key
                WHERE u.file_id = f.id AND m.revoked_at_ms IS NULL AND g.dismissed_at_ms IS NULL
                  AND (m.receivers IS NULL OR m.sender_key = $2 OR $2 = ANY(m.receivers))))`,
    [fileId, opener.accountKey, opener.loginKey],
  )
  return row
}

/** What a user has uploaded, or may still upload, since a day ago. */
export interface Usage {
  readonly bytes: number
  /** Tickets that are not used yet. */
  readonly openTickets: number
}

/** Counts what has arrived within 24 hours, and tickets that are still good. */
export async function readUsage(db: Queryable, ownerKey: number, ticketMs: number): Promise<Usage> {
  const [row] = await db.query<Usage>(
    `SELECT coalesce(sum(bytes), 0)::bigint AS bytes, count(*) FILTER (WHERE hash IS NULL)::bigint AS "openTickets"
       FROM file
      WHERE owner_key = $1 AND created_at > now() - interval '24 hours'
        AND (hash IS NOT NULL OR created_at > now() - $2 * interval '1 millisecond')`,
    [ownerKey, ticketMs],
  )
  return row ?? { bytes: 0, openTickets: 0 }
}

/** True when he is a member of this conversation, and it is no dismissed group. */
export async function isMember(db: Queryable, timeline: TimelineId, accountKey: number): Promise<boolean> {
  const rows = await db.query(
    `SELECT 1 FROM timeline t JOIN member m ON m.timeline_key = t.key AND m.account_key = $2
       LEFT JOIN chat_group g ON g.timeline_key = t.key
      WHERE t.id = $1 AND g.dismissed_at_ms IS NULL`,
    [timeline, accountKey],
  )
  return rows.length > 0
}
