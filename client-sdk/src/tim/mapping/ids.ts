import { c2cConversationId, parseConversationId, parseUserId, peerOf, type UserId } from '@hongyan/protocol/constants'
import type { ConversationId } from '@hongyan/protocol'
import { timError } from '../errors.ts'
import { TYPES } from '../types.ts'

/** Conversations that TIM has and Hongyan has not yet. */
export function isOfAnotherKind(conversationID: unknown): boolean {
  if (typeof conversationID !== 'string') return false
  return conversationID.startsWith(TYPES.CONV_GROUP) || conversationID === TYPES.CONV_SYSTEM
}

/** TIM names a one-to-one conversation by the other party; ours has one id for both. Rejects malformed ids and other kinds. */
export function toConversationId(conversationID: unknown, me: UserId): ConversationId {
  if (typeof conversationID !== 'string') throw timError(2503)
  if (isOfAnotherKind(conversationID)) throw timError(3122)
  const peer = conversationID.startsWith('C2C') ? parseUserId(conversationID.slice(3)) : undefined
  if (peer === undefined) throw timError(2503)
  return c2cConversationId(me, peer)
}

export function toTimConversationID(conversationId: ConversationId, me: UserId): string {
  return `C2C${peerOfConversation(conversationId, me)}`
}

/** The other party; the user himself where he talks to himself. */
export function peerOfConversation(conversationId: ConversationId, me: UserId): string {
  const parts = parseConversationId(conversationId)
  return (parts && peerOf(parts, me)) ?? ''
}
