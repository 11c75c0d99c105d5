import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { toConversationId } from '../mapping/ids.ts'
import { markRevoked, Message } from '../mapping/message.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject } from '../validation.ts'

/** TIM drops what is over this many without a word (tim-semantics §4.12). */
const MAX_DELETED = 30

/** Taking a message back for everybody, deleting it for oneself. */
export function takeBackMethods(chat: Chat) {
  async function revoke(message: Message, reason?: string) {
    const isMine = message instanceof Message && message.status === 'success' && message.flow === 'out'
    if (!isMine) throw timError(2110)
    const { userId } = chat.self()
    await chat.client.revoke(toConversationId(message.conversationID, userId), message.sequence, reason)
    markRevoked(message, userId, reason ?? '')
    chat.touchConversations([message.conversationID])
    return { message }
  }

  async function remove(list: readonly Message[]) {
    const messageList = list.slice(0, MAX_DELETED)
    const [first] = messageList
    if (!first || messageList.some(({ conversationID }) => conversationID !== first.conversationID))
      throw timError(2111)
    if (first.conversationID === TYPES.CONV_SYSTEM) throw timError(2116)
    const stored = messageList.filter(({ status }) => status === 'success')
    if (stored.length > 0) {
      const conversationId = toConversationId(first.conversationID, chat.self().userId)
      await chat.client.deleteMessages(
        conversationId,
        stored.map(({ sequence }) => sequence),
      )
    }
    for (const message of messageList) {
      message.isDeleted = true
      chat.messages.remove(chat.messages.find(message.ID) ?? message)
    }
    chat.touchConversations([first.conversationID])
    return { messageList }
  }

  return {
    revokeMessage: (message: Message, options: { reason?: string } = {}) =>
      chat.run('revoke', () => revoke(message, options.reason)),
    deleteMessage: (messageList: Message[]) => {
      const list = Array.isArray(messageList) ? messageList : [messageList]
      assertParameter(list.every(isObject), 'deleteMessage', 'a list of messages')
      return chat.run('delete', () => remove(list))
    },
  }
}
