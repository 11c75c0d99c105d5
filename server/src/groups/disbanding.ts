import { systemConversationId, userTimeline, type UserId } from '@hongyan/protocol'
import { joinedFromTheBeginning } from '../conversations/beginning.ts'
import type { ConversationPlace } from '../conversations/conversation-directory.ts'
import type { GroupRow } from '../conversations/group-row.ts'
import { beginSystemConversations, systemTimeline } from '../conversations/notice-writer.ts'
import type { Tx } from '../db/db.ts'
import { appendAll, type Append } from '../timelines/log-writer.ts'
import { lockTimelines, type AppendedEntry, type LockedTimeline } from '../timelines/timeline-writer.ts'
import { readGroup, readSomeMembers } from './group-reader.ts'
import { deleteMembers } from './group-writer.ts'

/** Ends the memberships of some members of a dismissed group and tells them. Two that do it at once do it one after the other. */
export async function disbandSome(
  tx: Tx,
  place: ConversationPlace,
  limit: number,
  nowMs: number,
): Promise<readonly AppendedEntry[]> {
  // Read without the lock, to know which timelines to lock; who is gone by then is passed over below.
  const wanted = await readSomeMembers(tx, place.timelineKey, limit)
  if (wanted.length === 0) return []
  const accounts = wanted.map(({ accountKey, userId }) => ({ key: accountKey, id: userId }))
  const begun = await beginSystemConversations(tx, accounts)
  const [locked, group, still] = await Promise.all([
    lockTimelines(tx, [place.timeline, ...accounts.flatMap(({ id }) => [userTimeline(id), systemTimeline(id)])]),
    readGroup(tx, place.timelineKey),
    readSomeMembers(tx, place.timelineKey, limit),
  ])
  if (!group || group.dismissedAtMs === null) return []
  const left = new Set(still.map(({ accountKey }) => accountKey))
  const leaving = accounts.filter(({ key }) => left.has(key))
  await deleteMembers(
    tx,
    place.timelineKey,
    leaving.map(({ key }) => key),
    nowMs,
  )
  const appends = accounts.flatMap(({ key, id }) => {
    const own = locked.get(userTimeline(id))
    const system = locked.get(systemTimeline(id))
    if (!own || !system) return []
    return [
      ...(begun.has(system.id)
        ? [{ timeline: own, what: { entry: joinedFromTheBeginning(systemConversationId(id)) } }]
        : []),
      ...(left.has(key) ? farewell(group, place, own, system) : []),
    ]
  })
  return appendAll(tx, appends, nowMs)
}

function farewell(
  group: GroupRow,
  place: ConversationPlace,
  own: LockedTimeline,
  system: LockedTimeline,
): readonly Append[] {
  const { groupId, name, type } = group
  const element = {
    type: 'notice' as const,
    op: 'dismissed' as const,
    groupId,
    groupName: name,
    groupType: type,
    // Only an owner dismisses.
    by: { userId: group.ownerId ?? ('' as UserId) },
  }
  return [
    { timeline: own, what: { entry: { kind: 'left', conversationId: place.id } } },
    { timeline: system, what: { saying: { element, counts: true } } },
  ]
}
