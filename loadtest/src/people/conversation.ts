import {
  c2cConversationId,
  groupConversationId,
  type ConversationId,
  type GroupId,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import type { ConversationLog } from '../ledger/conversation-log.ts'
import type { PlannedConversation } from '../plan/school.ts'

/** A file that was shown in a conversation. */
export interface ShownFile {
  readonly fileId: string
  readonly bytes: number
  /** Absent where the server stores something else than was sent, as it does with pictures. */
  readonly sha256?: string
}

/** A conversation of the run, in one process. */
export interface Conversation {
  readonly planned: PlannedConversation
  readonly conversationId: ConversationId
  readonly timeline: TimelineId
  readonly groupId: GroupId | undefined
  readonly log: ConversationLog
  /** Some of its members are clients of other processes. */
  readonly isShared: boolean
  /** What was shown last. */
  file: ShownFile | undefined
  /** In a live room: the last number of each speaker that was answered. */
  readonly said: Map<number, number>
}

/** The id that a group of the run has. */
export function groupIdOf(run: string, { set, index }: PlannedConversation): GroupId {
  return `lt-${run}-${set}-${index}` as GroupId
}

/** The conversation id, given the names of the clients. */
export function conversationIdOf(
  run: string,
  planned: PlannedConversation,
  userIdOf: (client: number) => UserId,
): ConversationId {
  if (planned.kind !== 'pair') return groupConversationId(groupIdOf(run, planned))
  const [one = 0, other = 0] = planned.members
  return c2cConversationId(userIdOf(one), userIdOf(other))
}
