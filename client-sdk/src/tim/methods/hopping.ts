import type { Message as WireMessage } from '@hongyan/protocol'
import type { Chat } from '../chat.ts'
import { contextOf, isGroupID, toConversationId } from '../mapping/ids.ts'
import type { Message } from '../mapping/message.ts'
import type { RateLimit } from '../rate-limit.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { isLive } from './history.ts'
import { objectsOf, pageSize } from './pages.ts'

export interface HoppingOptions {
  conversationID: string
  sequence?: number | string
  time?: number
  direction?: 0 | 1
  count?: number
}

export interface HoppingPage {
  messageList: Message[]
  isCompleted: boolean
  nextMessageTime: number | ''
  nextMessageSeq: number | ''
}

/** Nothing lies behind no message. */
const NOTHING: HoppingPage = { messageList: [], isCompleted: true, nextMessageTime: '', nextMessageSeq: '' }

/** Opening a conversation's past at some point, both ways (tim-semantics §4.6). */
export function hoppingMethods(chat: Chat, limit: RateLimit) {
  async function hop({ conversationID, sequence, time, direction = 0, count }: HoppingOptions): Promise<HoppingPage> {
    limit.take()
    const conversationId = toConversationId(conversationID, chat.self().userId)
    if (isLive(chat.client.conversation(conversationId))) return { ...NOTHING, messageList: [] }
    const isGroup = isGroupID(conversationID)
    const isOlder = direction !== 1
    // In a group the older half holds the message itself, so that both halves together have it once.
    const seq = Number(sequence) + (isGroup && isOlder ? 1 : 0)
    const hasSeq = sequence !== undefined && sequence !== '' && Number.isSafeInteger(seq) && seq >= 0
    if (isGroup && !isOlder && !hasSeq) return { ...NOTHING, messageList: [] }
    const hasTime = typeof time === 'number'
    const page = await chat.client.history(conversationId, {
      direction: isOlder ? 'older' : 'newer',
      ...(hasSeq ? { from: { seq } } : hasTime ? { from: { atMs: Math.round(time * 1000) } } : {}),
      limit: pageSize(count),
    })
    const messageList = objectsOf(chat, page.messages)
    chat.messages.keepAside(messageList)
    const edge = isOlder ? page.messages[0] : page.messages[page.messages.length - 1]
    const next: WireMessage | undefined = page.isComplete ? undefined : edge
    // With the milliseconds as a fraction, so that messages of the same second are not passed over.
    const nextMessageTime: number | '' = next ? next.sentAtMs / 1000 : ''
    const nextMessageSeq: number | '' = next ? next.seq - (isGroup && isOlder ? 1 : 0) : ''
    return { messageList, isCompleted: page.isComplete, nextMessageTime, nextMessageSeq }
  }

  return {
    getMessageListHopping: (options: HoppingOptions) => {
      const isGood = isObject(options) && isText(options.conversationID) && isTime(options.time)
      assertParameter(isGood, 'getMessageListHopping', '{ conversationID, sequence?, time?, direction }')
      return chat.run(contextOf(options.conversationID, 'conversation'), () => hop(options))
    },
  }
}

/** Seconds, perhaps with a fraction. Kits pass both kinds of place and leave one of them empty. */
function isTime(time: unknown): boolean {
  return time === undefined || time === null || time === '' || (typeof time === 'number' && time >= 0)
}
