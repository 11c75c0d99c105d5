import { TYPES, type Message } from '../im/sdk'
import { isObject, parseJson, textAt } from './fields'

/** What a reply quotes. */
export interface Quote {
  readonly id: string
  readonly sender: string
  readonly text: string
}

/** Tencent's kits number the kinds of messages in a quote; 0 for what they do not know. */
const KINDS: { readonly [type: string]: number } = {
  [TYPES.MSG_TEXT]: 1,
  [TYPES.MSG_CUSTOM]: 2,
  [TYPES.MSG_IMAGE]: 3,
  [TYPES.MSG_AUDIO]: 4,
  [TYPES.MSG_VIDEO]: 5,
  [TYPES.MSG_FILE]: 6,
  [TYPES.MSG_LOCATION]: 7,
  [TYPES.MSG_FACE]: 8,
  [TYPES.MSG_MERGER]: 10,
}

/** The quote of a message, as Tencent's kits write it; null when it quotes nothing. */
export function quoteIn(cloudCustomData: string): Quote | null {
  const data = parseJson(cloudCustomData)
  const reply = isObject(data) ? data['messageReply'] : undefined
  const id = textAt(reply, 'messageID')
  return id === '' ? null : { id, sender: textAt(reply, 'messageSender'), text: textAt(reply, 'messageAbstract') }
}

/** What goes with a reply to `message`. */
export function quoteData(message: Pick<Message, 'ID' | 'type'>, sender: string, text: string): string {
  return JSON.stringify({
    messageReply: {
      messageID: message.ID,
      messageAbstract: text,
      messageSender: sender,
      messageType: KINDS[message.type] ?? 0,
      version: 1,
    },
  })
}
