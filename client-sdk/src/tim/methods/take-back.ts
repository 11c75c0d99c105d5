import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { contextOf, toConversationId } from '../mapping/ids.ts'
import { markRevoked, Message } from '../mapping/message.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject } from '../validation.ts'
import { isStored } from './stored-message.ts'

/** TIM drops what is over this many without a word (tim-semantics §4.12). */
const MAX_DELETED = 30

/** Taking a message back for everybody, deleting it for oneself. */
export function takeBackMethods(chat: Chat) {
  async function revoke(message: Message, reason?: string) {
    if (!mayBeRevoked(message)) throw timError(2110)
    const { userId, nick, avatar } = chat.self()
    await chat.client.revoke(toConversationId(message.conversationID, userId), message.sequence, reason)
    // Somebody else may have been faster: then it stays his.
    if (!message.isRevoked) markRevoked(message, { userID: userId, nick, avatar }, reason ?? '')
    return { message }
  }

  async function remove(list: readonly Message[]) {
    const messageList = list.slice(0, MAX_DELETED)
    const [first] = messageList
    if (!first || messageList.some(({ conversationID }) => conversationID !== first.conversationID))
      throw timError(2111)
    if (first.conversationID === TYPES.CONV_SYSTEM) throw timError(2116)
    if (first.conversationSubType === TYPES.GRP_AVCHATROOM) throw timError(10035)
    // What a framework hands back may be a copy; ours knows whether it was sent in the meantime.
    const ours = messageList.map((message) => chat.messages.find(message.ID) ?? message)
    // What was never stored, or failed, is on this device alone.
    const stored = ours.filter(isStored)
    if (stored.length > 0) {
      const conversationId = toConversationId(first.conversationID, chat.self().userId)
      await chat.client.deleteMessages(
        conversationId,
        stored.map(({ sequence }) => sequence),
      )
    }
    for (const message of ours) chat.messages.remove(message)
    for (const message of [...messageList, ...ours]) message.isDeleted = true
    return { messageList }
  }

  return {
    revokeMessage: (message: Message, options?: { reason?: string }) =>
      chat.run(contextOf(message?.conversationID, 'revoke'), () => revoke(message, options?.reason)),
    deleteMessage: (messageList: Message[]) => {
      const list = Array.isArray(messageList) ? messageList : [messageList]
      assertParameter(list.every(isObject), 'deleteMessage', 'a list of messages')
      return chat.run('delete', () => remove(list))
    },
  }
}

/** One's own, or in a group whatever the server lets its owner and admins take back. */
function mayBeRevoked(message: unknown): message is Message {
  if (!(message instanceof Message) || !isStored(message)) return false
  return message.flow === 'out' || message.conversationType === TYPES.CONV_GROUP
}
