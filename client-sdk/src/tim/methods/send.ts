import type { Draft } from '../../core/client-api.ts'
import type { Chat } from '../chat.ts'
import { timError, timErrorOf } from '../errors.ts'
import { toElement } from '../mapping/element.ts'
import { toConversationId } from '../mapping/ids.ts'
import { Message, toPriority } from '../mapping/message.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject } from '../validation.ts'

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
    assertParameter(isObject(options), 'sendMessage', '(message, options?)')
    if (!(message instanceof Message)) throw timError(2105)
    try {
      applyOptions(message, options)
      const draft = draftOf(chat, message)
      if (message._onlineOnlyFlag) {
        const { sentAtMs } = await chat.client.sendVolatile(draft)
        settle(message, sentAtMs)
        return { code: 0 as const, data: { message } }
      }
      const { seq, sentAtMs } = await chat.client.send(draft)
      message.sequence = seq
      message.isPeerRead = seq <= (chat.client.conversation(draft.conversationId)?.peerReadSeq ?? 0)
      settle(message, sentAtMs)
      chat.messages.append(message)
      chat.touchConversations([message.conversationID])
      return { code: 0 as const, data: { message } }
    } catch (error) {
      message.status = 'fail'
      if (!message._onlineOnlyFlag && chat.isReady) chat.messages.append(message)
      throw timErrorOf(error, 'send', { message })
    }
  }

  return {
    sendMessage: (message: Message, options: SendOptions = {}) => send(message, options),
    /** Sends a failed message again, with the same ID: if it had arrived after all, it is not stored twice. */
    resendMessage: (message: Message, options: SendOptions = {}) => {
      if (message instanceof Message) {
        chat.messages.remove(chat.messages.find(message.ID) ?? message)
        message.status = 'unSend'
        message.isResend = true
      }
      return send(message, options)
    },
  }
}

function applyOptions(message: Message, { onlineUserOnly, messageControlInfo }: SendOptions): void {
  message._onlineOnlyFlag = onlineUserOnly === true
  message._isExcludedFromUnreadCount = messageControlInfo?.excludedFromUnreadCount === true
  message._isExcludedFromLastMessage = messageControlInfo?.excludedFromLastMessage === true
}

/** Reads the application's own `payload`: a kit may have replaced it (tim-semantics §8.17). */
function draftOf(chat: Chat, message: Message): Draft {
  if (message.conversationType === TYPES.CONV_GROUP) throw timError(3122)
  if (message.conversationType !== TYPES.CONV_C2C) throw timError(2106)
  const { userId, tinyId } = chat.self()
  const priority = toPriority(message.priority)
  return {
    conversationId: toConversationId(message.conversationID, userId),
    clientMsgId: message.ID.slice(tinyId.length + 1),
    elements: [toElement({ type: message.type, content: message.payload })],
    ...(message.cloudCustomData === '' ? {} : { customData: message.cloudCustomData }),
    ...(priority === undefined ? {} : { priority }),
    ...(message.needReadReceipt ? { needsReceipt: true } : {}),
    ...(message._isExcludedFromUnreadCount ? { uncounted: true } : {}),
    ...(message._isExcludedFromLastMessage ? { notLast: true } : {}),
  }
}

function settle(message: Message, sentAtMs: number): void {
  message.status = 'success'
  message.time = Math.floor(sentAtMs / 1000)
}
