import type { ConversationId, Seq } from '@hongyan/protocol'
import type { Chat } from '../chat.ts'
import { toConversationId } from '../mapping/ids.ts'
import type { Message } from '../mapping/message.ts'

/** Where a message stands for the server. */
export interface MessagePlace {
  readonly conversationId: ConversationId
  readonly seq: Seq
}

/** The place of a message that was sent; of the object kept here where a framework hands back a copy. */
export function placeOfMessage(chat: Chat, message: Message): MessagePlace {
  const { conversationID, sequence } = chat.messages.find(message.ID) ?? message
  return { conversationId: toConversationId(conversationID, chat.self().userId), seq: sequence }
}

/** Has a place in its conversation's order. */
export function isStored(message: unknown): message is Message {
  if (typeof message !== 'object' || message === null) return false
  const { status, sequence, conversationID, _onlineOnlyFlag }: Partial<Message> = message
  return status === 'success' && typeof conversationID === 'string' && Number(sequence) > 0 && _onlineOnlyFlag !== true
}

/** Messages by their conversations, in the order in which those come. */
export function byConversation(messages: readonly Message[]): Map<string, Message[]> {
  const lists = new Map<string, Message[]>()
  for (const message of messages) {
    const list = lists.get(message.conversationID) ?? []
    list.push(message)
    lists.set(message.conversationID, list)
  }
  return lists
}
