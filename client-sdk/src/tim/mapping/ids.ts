import {
  c2cConversationId,
  groupConversationId,
  parseConversationId,
  parseGroupId,
  parseUserId,
  peerOf,
  SYSTEM_USER_ID,
  systemConversationId,
  type GroupId,
  type UserId,
} from '@hongyan/protocol/constants'
import type { ConversationId } from '@hongyan/protocol'
import { timError, type ErrorContext } from '../errors.ts'
import { TYPES } from '../types.ts'

/** The number in the ids of messages that the system sends (tim-semantics §3.1). */
const SYSTEM_TINY_ID = '144115198244471703'

/** Our id for a conversation that TIM names by the other party, the group or the system. Rejects malformed ones. */
export function toConversationId(conversationID: unknown, me: UserId): ConversationId {
  if (typeof conversationID !== 'string') throw timError(2503)
  if (conversationID === TYPES.CONV_SYSTEM) return systemConversationId(me)
  const groupId = isGroupID(conversationID) ? parseGroupId(groupIDOf(conversationID)) : undefined
  if (groupId !== undefined) return groupConversationId(groupId)
  const peer = conversationID.startsWith(TYPES.CONV_C2C) ? parseUserId(conversationID.slice(3)) : undefined
  if (peer === undefined) throw timError(2503)
  return c2cConversationId(me, peer)
}

export function toTimConversationID(conversationId: ConversationId, me: UserId): string {
  const parts = parseConversationId(conversationId)
  if (parts?.type === 'group') return TYPES.CONV_GROUP + parts.groupId
  if (parts?.type === 'system') return TYPES.CONV_SYSTEM
  return TYPES.CONV_C2C + ((parts && peerOf(parts, me)) ?? '')
}

/** Whether this is TIM's name of a group's conversation. */
export function isGroupID(conversationID: unknown): boolean {
  return typeof conversationID === 'string' && conversationID.startsWith(TYPES.CONV_GROUP)
}

/** The group of a group's conversation. */
export function groupIDOf(conversationID: string): string {
  return conversationID.slice(TYPES.CONV_GROUP.length)
}

/** The other party of a one-to-one conversation, or the group; nobody for the system's. */
export function partyOf(conversationID: string): string {
  if (isGroupID(conversationID)) return groupIDOf(conversationID)
  return conversationID === TYPES.CONV_SYSTEM ? '' : conversationID.slice(TYPES.CONV_C2C.length)
}

/** A group id for a request; rejects 10015. */
export function toGroupId(groupID: string): GroupId {
  const groupId = parseGroupId(groupID)
  if (groupId === undefined) throw timError(10015)
  return groupId
}

/** A user id for a request about a group; rejects 10019. */
export function toMemberId(userID: string): UserId {
  const userId = parseUserId(userID)
  if (userId === undefined) throw timError(10019, userID)
  return userId
}

/** The kind of call for what is done in a conversation: groups have numbers of their own. */
export function contextOf(conversationID: unknown, otherwise: ErrorContext): ErrorContext {
  return isGroupID(conversationID) ? 'group' : otherwise
}

/** TIM's name for a user, or for the system. */
export function toTimUserID(userId: UserId | ''): string {
  return userId === SYSTEM_USER_ID ? TYPES.CONV_SYSTEM : userId
}

/** A message's ID: the same as on the wire, but for what the system says. */
export function toTimMessageID(id: string, senderId: UserId): string {
  return senderId === SYSTEM_USER_ID ? SYSTEM_TINY_ID + id.slice(Math.max(0, id.indexOf('-'))) : id
}
