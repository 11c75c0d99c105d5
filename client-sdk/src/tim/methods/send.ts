import type { ConversationId } from '@hongyan/protocol'
import { parseUserId } from '@hongyan/protocol/constants'
import type { Draft } from '../../core/client-api.ts'
import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { toElement } from '../mapping/element.ts'
import { contextOf, toConversationId, toMemberId } from '../mapping/ids.ts'
import { Message, toPriority } from '../mapping/message.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject } from '../validation.ts'
import { withMessage } from './media-errors.ts'

export interface SendOptions {
  onlineUserOnly?: boolean
  messageControlInfo?: {
    excludedFromUnreadCount?: boolean
    excludedFromLastMessage?: boolean
    excludedFromContentModeration?: boolean
  }
  offlinePushInfo?: object
  webhookInfo?: object
}

/** Sending, and sending again. */
export function sendMethods(chat: Chat) {
  /** Resolves with the very object it was given, changed: that is what applications rely on. */
  async function send(message: Message, options: SendOptions) {
    if (!isOwnMessage(chat, message)) throw timError(2105, '', { message })
    const wasStored = message.status === 'success'
    try {
      applyOptions(message, options)
      // Before anything is uploaded for nobody.
      const conversationId = destinationOf(chat, message)
      await chat.preparations.run(message)
      const draft = draftOf(chat, message, conversationId)
      if (message._onlineOnlyFlag) {
        const { sentAtMs } = await chat.client.sendVolatile(draft)
        settle(message, sentAtMs)
        return { code: 0 as const, data: { message } }
      }
      const { seq, sentAtMs } = await chat.client.send(draft)
      message.sequence = seq
      message.isPeerRead = seq > 0 && seq <= (chat.client.conversation(draft.conversationId)?.peerReadSeq ?? 0)
      settle(message, sentAtMs)
      chat.messages.append(message)
      if (message.conversationType === TYPES.CONV_GROUP) chat.touchGroups()
      return { code: 0 as const, data: { message } }
    } catch (error) {
      // One that is sent a second time is not undone by that.
      if (!wasStored) message.status = 'fail'
      if (!message._onlineOnlyFlag && chat.isReady) chat.messages.append(message)
      throw withMessage(chat.errorOf(error, contextOf(message.conversationID, 'send'), { message }), message)
    }
  }

  return {
    sendMessage: (message: Message, options?: SendOptions) => {
      assertOptions('sendMessage', options)
      return send(message, options ?? {})
    },
    /** Sends a failed message again, with the same ID: if it had arrived after all, it is not stored twice. */
    resendMessage: (message: Message, options?: SendOptions) => {
      assertOptions('resendMessage', options)
      if (isOwnMessage(chat, message)) {
        chat.messages.remove(chat.messages.find(message.ID) ?? message)
        message.status = 'unSend'
        message.isResend = true
      }
      return send(message, options ?? {})
    },
  }
}

function assertOptions(method: string, options: unknown): void {
  assertParameter(options === undefined || options === null || isObject(options), method, '(message, options?)')
}

/** Made by this SDK for whoever is logged in now: no plain copy, nobody else's, none of an earlier login's. */
function isOwnMessage(chat: Chat, message: unknown): message is Message {
  return message instanceof Message && message.senderTinyID === chat.self().tinyId
}

/** What is not said stays: a message that is sent again must be the same one, or the server takes it for another. */
function applyOptions(message: Message, { onlineUserOnly, messageControlInfo }: SendOptions): void {
  const { excludedFromUnreadCount, excludedFromLastMessage } = messageControlInfo ?? {}
  message._onlineOnlyFlag = onlineUserOnly ?? message._onlineOnlyFlag
  message._isExcludedFromUnreadCount = excludedFromUnreadCount ?? message._isExcludedFromUnreadCount
  message._isExcludedFromLastMessage = excludedFromLastMessage ?? message._isExcludedFromLastMessage
}

/** Rejects 2106, and for an id that is none what TIM's server says of it: 20003, in groups 10015. */
function destinationOf(chat: Chat, { conversationID, conversationType }: Message): ConversationId {
  const isGroup = conversationType === TYPES.CONV_GROUP
  if (!isGroup && conversationType !== TYPES.CONV_C2C) throw timError(2106)
  try {
    return toConversationId(conversationID, chat.self().userId)
  } catch {
    throw timError(isGroup ? 10015 : 20003)
  }
}

/** Reads the application's own `payload`: a kit may have replaced it (tim-semantics §8.17). */
function draftOf(chat: Chat, message: Message, conversationId: ConversationId): Draft {
  const { tinyId } = chat.self()
  const priority = toPriority(message.priority)
  return {
    conversationId,
    clientMsgId: message.ID.slice(tinyId.length + 1),
    elements: [
      toElement({ type: message.type, content: message.payload }),
      ...message._elements.slice(1).map(toElement),
    ],
    ...(message.cloudCustomData === '' ? {} : { customData: message.cloudCustomData }),
    ...(priority === undefined ? {} : { priority }),
    ...(message.needReadReceipt ? { needsReceipt: true } : {}),
    ...(message._isExcludedFromUnreadCount ? { uncounted: true } : {}),
    ...(message._isExcludedFromLastMessage ? { notLast: true } : {}),
    ...(message.isSupportExtension ? { extensible: true } : {}),
    ...(message.atUserList.length > 0 ? { mentions: mentionsOf(message.atUserList) } : {}),
    ...(message._receiverList.length > 0 ? { receiverIds: message._receiverList.map(toMemberId) } : {}),
  }
}

/** Who is no user cannot be called. */
function mentionsOf(atUserList: readonly string[]): NonNullable<Draft['mentions']> {
  const userIds = atUserList
    .filter((userID) => userID !== TYPES.MSG_AT_ALL)
    .flatMap((userID) => parseUserId(userID) ?? [])
  return { userIds: [...new Set(userIds)], all: atUserList.includes(TYPES.MSG_AT_ALL) }
}

function settle(message: Message, sentAtMs: number): void {
  message.status = 'success'
  message.time = Math.floor(sentAtMs / 1000)
}
