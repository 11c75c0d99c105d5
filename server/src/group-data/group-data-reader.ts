import { groupConversationId, type GroupId, type Message, type Person, type Seq } from '@hongyan/protocol'
import type { Access } from '../annotations/access-reader.ts'
import type { Queryable } from '../db/db.ts'
import { GROUP_TYPES } from '../groups/group-types.ts'
import { MESSAGE_COLUMNS, MESSAGE_PEOPLE, messageOf, type MessageRow } from '../timelines/message-row.ts'

/** True when there is such a group. */
export async function isGroup(db: Queryable, groupId: GroupId): Promise<boolean> {
  const rows = await db.query('SELECT FROM chat_group WHERE id = $1 AND dismissed_at_ms IS NULL', [groupId])
  return rows.length > 0
}

export async function readAttributes(db: Queryable, timelineKey: number): Promise<ReadonlyMap<string, string>> {
  const [row] = await db.query<{ attributes: Record<string, string> }>(
    'SELECT attributes FROM chat_group WHERE timeline_key = $1',
    [timelineKey],
  )
  return new Map(Object.entries(row?.attributes ?? {}))
}

export async function readCounters(db: Queryable, timelineKey: number): Promise<ReadonlyMap<string, number>> {
  const [row] = await db.query<{ counters: Record<string, number> }>(
    'SELECT counters FROM chat_group WHERE timeline_key = $1',
    [timelineKey],
  )
  return new Map(Object.entries(row?.counters ?? {}))
}

/** How many messages are pinned, and whether this one is. Pins of revoked messages do not count. */
export async function findPins(
  db: Queryable,
  timelineKey: number,
  seq: Seq,
): Promise<{ readonly total: number; readonly isPinned: boolean }> {
  const [row] = await db.query<{ total: number; isPinned: boolean }>(
    `SELECT count(*) FILTER (WHERE m.revoked_at_ms IS NULL) AS total,
            coalesce(bool_or(p.seq = $2), false) AS "isPinned"
       FROM pinned_message p JOIN message m ON m.timeline_key = p.timeline_key AND m.seq = p.seq
      WHERE p.timeline_key = $1`,
    [timelineKey, seq],
  )
  return row ?? { total: 0, isPinned: false }
}

export interface PinnedMessage {
  readonly message: Message
  readonly by: Person
  readonly atMs: number
}

/**
 * The pinned messages as they are now, newest pin first: what was revoked is gone from here too. Emptying one's own history
 * hides none, since they are pinned for everybody; but where newcomers see no history, they see no older pin either.
 */
export async function readPinned(
  db: Queryable,
  group: { readonly groupId: GroupId; readonly access: Access; readonly accountKey: number },
): Promise<readonly PinnedMessage[]> {
  const { groupId, access, accountKey } = group
  const showsHistory = access.groupType === null || GROUP_TYPES[access.groupType].showsHistory
  const rows = await db.query<MessageRow & { readonly by: Person; readonly pinnedAtMs: number }>(
    `SELECT ${MESSAGE_COLUMNS}, json_build_object('userId', b.id, 'nick', b.nick, 'avatar', b.avatar) AS by,
            p.at_ms AS "pinnedAtMs"
       FROM pinned_message p JOIN message m ON m.timeline_key = p.timeline_key AND m.seq = p.seq
       ${MESSAGE_PEOPLE} JOIN account b ON b.key = p.by_key
      WHERE p.timeline_key = $1 AND m.revoked_at_ms IS NULL AND m.receivers IS NULL AND m.seq > $2
        AND NOT EXISTS (SELECT FROM deleted_message x
                         WHERE x.account_key = $3 AND x.timeline_key = m.timeline_key AND x.seq = m.seq)
      ORDER BY p.at_ms DESC, p.seq DESC`,
    [access.timelineKey, showsHistory ? 0 : access.joinedSeq, accountKey],
  )
  const conversationId = groupConversationId(groupId)
  return rows.map(({ by, pinnedAtMs, ...row }) => ({ message: messageOf(conversationId, row), by, atMs: pinnedAtMs }))
}
