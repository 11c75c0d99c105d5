import type { UserId } from '@hongyan/protocol'
import type { Change, Self } from '../core/client-api.ts'
import { EVENT } from './events.ts'
import { placeOf } from './mapping/element.ts'
import { toTimConversationID, toTimUserID } from './mapping/ids.ts'
import { markRevoked, modifyMessage, type Revoker } from './mapping/message.ts'
import type { Telling } from './telling.ts'

type ChangeOf<Kind extends Change['kind']> = Extract<Change, { kind: Kind }>

/** A message was revoked; what is not kept here is told by its place. */
export function tellRevoked(chat: Telling, change: ChangeOf<'revoked'>, self: Self): void {
  const conversationID = toTimConversationID(change.conversationId, self.userId)
  const message = chat.messages.withSequence(conversationID, change.seq)
  const revoker = revokerOf(chat, conversationID, change, self)
  if (message) markRevoked(message, revoker, change.reason)
  // The revoking instance has its promise (tim-semantics §8.7).
  if (change.byThisInstance && !chat.tellsOwnRevokes) return
  const partial = {
    conversationID,
    sequence: change.seq,
    isRevoked: true,
    revoker: revoker.userID,
    revokeReason: change.reason,
    revokerInfo: revoker,
  }
  chat.emitter.emit(EVENT.MESSAGE_REVOKED, [message ?? partial])
}

/** A message says something else now. Told of those that are kept here. */
export function tellModified(chat: Telling, { conversationId, entry }: ChangeOf<'modified'>, self: Self): void {
  const message = chat.messages.withSequence(toTimConversationID(conversationId, self.userId), entry.seq)
  if (!message || message.isRevoked || entry.version < message.version) return
  modifyMessage(message, entry, placeOf(conversationId, chat.client.conversation(conversationId)?.about, chat.urlOf))
  chat.emitter.emit(EVENT.MESSAGE_MODIFIED, [message])
}

/** With the name he was last seen with here. */
function revokerOf(
  chat: Telling,
  conversationID: string,
  { conversationId, by }: ChangeOf<'revoked'>,
  self: Self,
): Revoker {
  const userID = toTimUserID(by)
  const about = chat.client.conversation(conversationId)?.about
  const said = chat.messages.list(conversationID).find(({ from }) => from === userID)
  const { nick, avatar } = faceIn(by, self, about?.type === 'c2c' ? about.peer : undefined) ??
    said ?? { nick: '', avatar: '' }
  return { userID, nick, avatar }
}

function faceIn(by: UserId, self: Self, peer: { readonly userId: UserId; nick: string; avatar: string } | undefined) {
  if (by === self.userId) return self
  return peer?.userId === by ? peer : undefined
}
