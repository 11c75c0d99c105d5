import type { Message as WireMessage } from '@hongyan/protocol'
import type { Chat } from '../chat.ts'
import { toConversationId } from '../mapping/ids.ts'
import type { RateLimit } from '../rate-limit.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { objectsOf, pageSize } from './pages.ts'

export interface HoppingOptions {
  conversationID: string
  sequence?: number | string
  time?: number
  direction?: 0 | 1
  count?: number
}

/** Opening a conversation's past at some point, both ways (tim-semantics §4.6). */
export function hoppingMethods(chat: Chat, limit: RateLimit) {
  async function hop({ conversationID, sequence, time, direction = 0, count }: HoppingOptions) {
    limit.take()
    const conversationId = toConversationId(conversationID, chat.self().userId)
    const seq = Number(sequence)
    const hasSeq = sequence !== undefined && sequence !== '' && Number.isSafeInteger(seq) && seq >= 0
    const hasTime = typeof time === 'number'
    const page = await chat.client.history(conversationId, {
      direction: direction === 1 ? 'newer' : 'older',
      ...(hasSeq ? { from: { seq } } : hasTime ? { from: { atMs: Math.round(time * 1000) } } : {}),
      limit: pageSize(count),
    })
    const messageList = objectsOf(chat, conversationID, page.messages)
    chat.messages.keepAside(messageList)
    const edge = direction === 1 ? page.messages[page.messages.length - 1] : page.messages[0]
    const next: WireMessage | undefined = page.isComplete ? undefined : edge
    // With the milliseconds as a fraction, so that messages of the same second are not passed over.
    const nextMessageTime: number | '' = next ? next.sentAtMs / 1000 : ''
    const nextMessageSeq: number | '' = next ? next.seq : ''
    return { messageList, isCompleted: page.isComplete, nextMessageTime, nextMessageSeq }
  }

  return {
    getMessageListHopping: (options: HoppingOptions) => {
      const isGood = isObject(options) && isText(options.conversationID) && isTime(options.time)
      assertParameter(isGood, 'getMessageListHopping', '{ conversationID, sequence?, time?, direction }')
      return chat.run('conversation', () => hop(options))
    },
  }
}

/** Seconds, perhaps with a fraction. Kits pass both kinds of place and leave one of them empty. */
function isTime(time: unknown): boolean {
  return time === undefined || time === null || time === '' || (typeof time === 'number' && time >= 0)
}
