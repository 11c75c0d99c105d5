import { LIMITS } from '@hongyan/protocol/constants'
import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { contextOf } from '../mapping/ids.ts'
import type { Message } from '../mapping/message.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { someOf } from './pages.ts'
import { byConversation, isStored, placeOfMessage, type MessagePlace } from './stored-message.ts'

export interface ReadMembersOptions {
  message: Message
  /** 0: who has read it; 1: who has not. */
  filter?: number
  cursor?: string
  count?: number
}

/** Who has read what (tim-semantics §4.4). */
export function receiptMethods(chat: Chat) {
  /** Of the conversation of the first one; leaves the unread numbers alone. */
  async function send(messages: readonly Message[]) {
    const conversationID = messages[0]?.conversationID
    const wanted = messages
      .filter(isStored)
      .filter((one) => one.flow === 'in' && one.needReadReceipt && one.conversationID === conversationID)
    if (wanted.length === 0) throw timError(2114)
    for (const body of requestsFor(chat, wanted)) await chat.client.ask('receipt.send', body)
    return {}
  }

  /** Fills `readReceiptInfo` of the user's own messages in groups; one-to-one it is told as it comes. */
  async function list(messageList: Message[]) {
    const mine = messageList
      .filter(isStored)
      .filter((one) => one.flow === 'out' && one.needReadReceipt && one.conversationType === TYPES.CONV_GROUP)
    for (const messages of byConversation(mine).values()) {
      for (const body of requestsFor(chat, messages)) {
        const { counts } = await chat.client.ask('receipt.counts', body)
        for (const { seq, read, unread } of counts) fill(chat, messages, seq, { readCount: read, unreadCount: unread })
      }
    }
    return { messageList }
  }

  async function readers({ message, filter = 0, cursor, count }: ReadMembersOptions) {
    if (!isStored(message) || !message.needReadReceipt) throw timError(2114)
    if (message.flow !== 'out') throw timError(10007)
    const { userIds, next } = await chat.client.ask('receipt.readers', {
      ...placeOfMessage(chat, message),
      filter: filter === 1 ? 'unread' : 'read',
      ...(isText(cursor) ? { after: cursor } : {}),
      limit: someOf(count, LIMITS.readersPage),
    })
    return {
      cursor: next ?? '',
      isCompleted: next === undefined,
      messageID: message.ID,
      readUserIDList: filter === 1 ? [] : (userIds as string[]),
      unreadUserIDList: filter === 1 ? (userIds as string[]) : [],
    }
  }

  return {
    sendMessageReadReceipt: (messageList: Message[]) => {
      assertParameter(isMessageList(messageList), 'sendMessageReadReceipt', 'a list of messages')
      return chat.run(contextOf(messageList[0]?.conversationID, 'any'), () => send(messageList))
    },
    getMessageReadReceiptList: (messageList: Message[]) => {
      assertParameter(isMessageList(messageList), 'getMessageReadReceiptList', 'a list of messages')
      return chat.run('group', () => list(messageList))
    },
    getGroupMessageReadMemberList: (options: ReadMembersOptions) => {
      const isGood = isObject(options) && isObject(options.message)
      assertParameter(isGood, 'getGroupMessageReadMemberList', '{ message, filter, cursor?, count? }')
      return chat.run('group', () => readers(options))
    },
  }
}

/** On what the application gave, and on what is kept here. */
function fill(
  chat: Chat,
  messages: readonly Message[],
  seq: number,
  counts: { readCount: number; unreadCount: number },
): void {
  for (const message of messages.filter(({ sequence }) => sequence === seq)) {
    Object.assign(message.readReceiptInfo, counts)
    const kept = chat.messages.find(message.ID)
    if (kept) Object.assign(kept.readReceiptInfo, counts)
  }
}

function requestsFor(chat: Chat, messages: readonly Message[]) {
  const places = messages.map((message) => placeOfMessage(chat, message))
  const requests: { conversationId: MessagePlace['conversationId']; seqs: number[] }[] = []
  for (let from = 0; from < places.length; from += LIMITS.receiptsPerRequest) {
    const some = places.slice(from, from + LIMITS.receiptsPerRequest)
    const [first] = some
    if (first) requests.push({ conversationId: first.conversationId, seqs: some.map(({ seq }) => seq) })
  }
  return requests
}

function isMessageList(list: unknown): boolean {
  return Array.isArray(list) && list.every(isObject)
}
