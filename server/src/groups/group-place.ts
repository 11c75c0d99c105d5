import { conversationTimeline, groupConversationId, type GroupId } from '@hongyan/protocol'
import type { Queryable } from '../db/db.ts'
import { readHeads } from '../timelines/timeline-reader.ts'

/** The key of a group's timeline; undefined when there is no such group. */
export async function readPlaceOfGroup(db: Queryable, groupId: GroupId): Promise<number | undefined> {
  const [head] = await readHeads(db, [conversationTimeline(groupConversationId(groupId))])
  return head?.key
}
