import { LIMITS, utf8Length } from '@hongyan/protocol/constants'
import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { isFileId } from '../mapping/file-element.ts'
import { toConversationId } from '../mapping/ids.ts'
import { copyOfPayload } from '../mapping/media-element.ts'
import { isTooLong, parseEntries, setStoredList, toMergerElement, type MergerEntry } from '../mapping/merger-element.ts'
import type { Message } from '../mapping/message.ts'
import { isPayload, textAt } from '../mapping/payload.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { mediaError, uploadTrouble, withMessage } from './media-errors.ts'
import type { CreateOptions, MakeMessage } from './new-message.ts'

export interface MergerPayload {
  messageList: Message[]
  title?: string
  abstractList?: string[]
  compatibleText: string
}

/** Messages handed on as one. */
export function mergerMethods(chat: Chat, create: MakeMessage) {
  /** A long list goes into a file of its own. */
  async function storeList(message: Message): Promise<void> {
    const { list, fileIds } = toMergerElement(message.payload)
    if ('fileId' in list) return
    if (fileIds.length > LIMITS.filesPerMessage) throw timError(80002, '', { message })
    const source = { name: 'merger.json', bytes: utf8Length(list.json), content: { text: list.json } }
    const conversationId = toConversationId(message.conversationID, chat.self().userId)
    try {
      const { fileId } = await chat.client.upload(conversationId, 'merger', source, {})
      setStoredList(message.payload, fileId, fileIds)
    } catch (error) {
      throw withMessage(uploadTrouble('merger', error), message)
    }
  }

  return {
    createMergerMessage: (options: CreateOptions<MergerPayload>): Message => {
      const wanted = '{ to, conversationType, payload: { messageList, title, abstractList, compatibleText } }'
      assertParameter(isObject(options) && isObject(options.payload), 'createMergerMessage', wanted)
      const { messageList, title = '', abstractList = [], compatibleText } = options.payload
      assertParameter(isMergeable(messageList), 'createMergerMessage', 'messageList: messages that were sent, 1 to 300')
      assertParameter(isText(compatibleText), 'createMergerMessage', 'compatibleText')
      assertParameter(
        typeof title === 'string' && Array.isArray(abstractList),
        'createMergerMessage',
        'title as a string, abstractList as a list of strings',
      )
      const content = {
        title,
        abstractList: abstractList.map(String),
        compatibleText,
        messageList: inOrder(messageList).map(toEntry),
        downloadKey: '',
        pbDownloadKey: '',
        version: 1,
        layersOverLimit: false,
      }
      const message = create('createMergerMessage', options, [{ type: TYPES.MSG_MERGER, content }])
      if (isTooLong(toMergerElement(content)))
        chat.preparations.set(message.ID, (sent) => chat.sendingLine.pass(sent.conversationID, storeList(sent)))
      return message
    },
    /** Resolves with the message itself, its list filled in. */
    downloadMergerMessage: async (message: Message): Promise<Message> => {
      if (!isObject(message) || message.type !== TYPES.MSG_MERGER || !isPayload(message.payload)) throw mediaError(2450)
      const { payload } = message
      const key = textAt(payload, 'downloadKey')
      if (!isFileId(key)) throw mediaError(2451)
      const json = await chat.client.fetchText(key).catch(() => '')
      const entries = parseEntries(json, (fileId, variant) => chat.client.mediaUrl(fileId, variant))
      if (entries === undefined) throw mediaError(2452)
      payload['messageList'] = entries
      payload['downloadKey'] = ''
      return message
    },
  }
}

function isMergeable(list: unknown): list is readonly Message[] {
  if (!Array.isArray(list) || list.length > LIMITS.mergedMessages) return false
  const isSent = (item: unknown): boolean =>
    isObject(item) && item['status'] === 'success' && isPayload(item['payload']) && typeof item['type'] === 'string'
  return list.every(isSent) && list.some((item) => !isTakenBack(item))
}

/** What was revoked is gone for everybody, even where this client still has it (promise I6). */
function isTakenBack(item: unknown): boolean {
  return isObject(item) && item['isRevoked'] === true
}

/** By time; within a second and a conversation by their numbers. */
function inOrder(messages: readonly Message[]): readonly Message[] {
  return messages
    .filter((message) => !isTakenBack(message))
    .sort((a, b) => a.time - b.time || (a.conversationID === b.conversationID ? a.sequence - b.sequence : 0))
}

function toEntry(message: Message): MergerEntry {
  const { from, to, type, payload, _elements } = message
  const others = Array.isArray(_elements) ? _elements.slice(1) : []
  return {
    ID: message.ID,
    from,
    nick: message.nick,
    avatar: message.avatar,
    time: message.time,
    clientTime: message.clientTime,
    messageSequence: message.sequence,
    messageRandom: message.random,
    messageSender: from,
    ...(message.conversationType === TYPES.CONV_GROUP ? { receiverGroupID: to } : { receiverUserID: to }),
    cloudCustomData: message.cloudCustomData,
    messageBody: [{ type, payload: copyOfPayload(payload) }].concat(
      others.map((element) => ({ type: element.type, payload: copyOfPayload(element.content) })),
    ),
  }
}
