import type { Message } from '@hongyan/client-sdk'
import { TYPES } from '../im/chat.ts'

/** What a message says of the one that it answers: as Tencent's UI kits write it into `cloudCustomData`. */
export interface Quote {
  readonly messageID: string
  /** What stood there, for whom the message itself is not at hand. */
  readonly abstract: string
  /** The sender's name. */
  readonly sender: string
  /** 0 where the writing kit does not say it. */
  readonly sequence: number
}

const ABSTRACT_CHARS = 100

/** The kits' numbers for types, and what they write for a message without text. */
const KINDS: Readonly<Record<string, readonly [number: number, abstract: string]>> = {
  [TYPES.MSG_TEXT]: [1, ''],
  [TYPES.MSG_CUSTOM]: [2, '[自定义消息]'],
  [TYPES.MSG_IMAGE]: [3, '[图片]'],
  [TYPES.MSG_AUDIO]: [4, '[语音]'],
  [TYPES.MSG_VIDEO]: [5, '[视频]'],
  [TYPES.MSG_FILE]: [6, '[文件]'],
  [TYPES.MSG_LOCATION]: [7, '[位置]'],
  [TYPES.MSG_FACE]: [8, '[表情]'],
  [TYPES.MSG_GRP_TIP]: [9, '[群提示消息]'],
  [TYPES.MSG_MERGER]: [10, '[聊天记录]'],
}

/** One line that stands for the message, in the kits' words. */
export function abstractOf({ type, payload }: Pick<Message, 'type' | 'payload'>): string {
  const { text, description, fileName, title } = payload
  const word = KINDS[type]?.[1] ?? '[消息]'
  const detail = [text, type === TYPES.MSG_FILE ? fileName : undefined, description, title].find(isFilled) ?? ''
  const line = `${word}${word === '' || detail === '' ? '' : ' '}${detail}`.replaceAll(/\s+/g, ' ').trim()
  const chars = Array.from(line)
  return chars.length > ABSTRACT_CHARS ? `${chars.slice(0, ABSTRACT_CHARS).join('')}…` : line
}

/** What `cloudCustomData` of the answer holds. */
export function quoteData(message: Message): { readonly messageReply: object } {
  return {
    messageReply: {
      messageID: message.ID,
      messageAbstract: abstractOf(message),
      messageSender: message.nameCard || message.nick || message.from,
      messageType: KINDS[message.type]?.[0] ?? 0,
      messageTime: message.time,
      messageSequence: message.sequence,
      version: 1,
    },
  }
}

/** Undefined for a message that answers none, and for what cannot be read: anybody can write anything there. */
export function quoteIn(cloudCustomData: string): Quote | undefined {
  const { messageReply } = parse(cloudCustomData)
  if (!isFields(messageReply) || !isFilled(messageReply['messageID'])) return undefined
  const { messageID, messageAbstract, messageSender, messageSequence } = messageReply
  return {
    messageID,
    abstract: isFilled(messageAbstract)
      ? Array.from(messageAbstract)
          .slice(0, ABSTRACT_CHARS + 1)
          .join('')
      : '',
    sender: isFilled(messageSender) ? messageSender : '',
    sequence: Number.isSafeInteger(messageSequence) ? Number(messageSequence) : 0,
  }
}

type Fields = Readonly<Record<string, unknown>>

function parse(json: string): Fields {
  if (!json.includes('messageReply')) return {}
  try {
    const value: unknown = JSON.parse(json)
    return isFields(value) ? value : {}
  } catch {
    return {}
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
