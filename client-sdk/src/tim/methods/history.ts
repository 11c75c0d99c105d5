import type { Message as WireMessage } from '@hongyan/protocol'
import type { Chat } from '../chat.ts'
import { toConversationId } from '../mapping/ids.ts'
import { toTimMessage, type Message } from '../mapping/message.ts'
import { RateLimit } from '../rate-limit.ts'
import { assertParameter, isObject } from '../validation.ts'

const PAGE = 15

export interface MessageListOptions {
  conversationID: string
  nextReqMessageID?: string
  count?: number
}

export interface HoppingOptions {
  conversationID: string
  sequence?: number | string
  time?: number
  direction?: 0 | 1
  count?: number
}

/** Paging through a conversation's past (tim-semantics §4.5, §4.6). */
export function historyMethods(chat: Chat) {
  const limit = new RateLimit(chat.platform.clock, 20, 1_000)

  /** The same object for a message the application has already. */
  function objectsOf(conversationID: string, wires: readonly WireMessage[], kept: readonly Message[] = []): Message[] {
    const self = chat.self()
    const marks = chat.client.conversation(toConversationId(conversationID, self.userId)) ?? NO_MARKS
    const byID = new Map(kept.map((message) => [message.ID, message]))
    return wires.map((wire) => byID.get(wire.id) ?? chat.messages.find(wire.id) ?? toTimMessage(wire, self, marks))
  }

  async function list({ conversationID, nextReqMessageID = '', count }: MessageListOptions) {
    limit.take()
    const conversationId = toConversationId(conversationID, chat.self().userId)
    const from = seqOf(chat, nextReqMessageID)
    const page = await chat.client.history(conversationId, {
      direction: 'older',
      ...(from === undefined ? {} : { from: { seq: from } }),
      limit: pageSize(count),
    })
    // The first page starts afresh, as version 3 does; the objects the application holds stay the same.
    const kept = from === undefined ? chat.messages.clear(conversationID) : []
    const messageList = objectsOf(conversationID, page.messages, kept)
    chat.messages.prepend(conversationID, messageList)
    const later = laterThan(messageList, kept)
    for (const message of later) chat.messages.append(message)
    const oldest = messageList[0]
    return {
      messageList: [...messageList, ...later],
      nextReqMessageID: page.isComplete || !oldest ? '' : oldest.ID,
      isCompleted: page.isComplete,
    }
  }

  async function hop({ conversationID, sequence, time, direction = 0, count }: HoppingOptions) {
    limit.take()
    const conversationId = toConversationId(conversationID, chat.self().userId)
    const seq = Number(sequence)
    const hasSeq = sequence !== undefined && sequence !== '' && Number.isSafeInteger(seq) && seq >= 0
    const page = await chat.client.history(conversationId, {
      direction: direction === 1 ? 'newer' : 'older',
      ...(hasSeq ? { from: { seq } } : time === undefined ? {} : { from: { atMs: Math.round(time * 1000) } }),
      limit: pageSize(count),
    })
    const messageList = objectsOf(conversationID, page.messages)
    chat.messages.keepAside(messageList)
    const edge = direction === 1 ? page.messages[page.messages.length - 1] : page.messages[0]
    const next: WireMessage | undefined = page.isComplete ? undefined : edge
    // With the milliseconds as a fraction, so that messages of the same second are not passed over.
    const nextMessageTime: number | '' = next ? next.sentAtMs / 1000 : ''
    const nextMessageSeq: number | '' = next ? next.seq : ''
    return { messageList, isCompleted: page.isComplete, nextMessageTime, nextMessageSeq }
  }

  return {
    getMessageList: (options: MessageListOptions) => {
      assertParameter(isObject(options), 'getMessageList', '{ conversationID, nextReqMessageID?, count? }')
      return chat.run('conversation', () => list(options))
    },
    getMessageListHopping: (options: HoppingOptions) => {
      assertParameter(isObject(options), 'getMessageListHopping', '{ conversationID, sequence?, time?, direction }')
      return chat.run('conversation', () => hop(options))
    },
    /** Local, at once; null when it is not kept. */
    findMessage: (ID: string): Message | null => chat.messages.find(ID) ?? null,
    clearHistoryMessage: (conversationID: string) =>
      chat.run('conversation', async () => {
        const conversationId = toConversationId(conversationID, chat.self().userId)
        await chat.client.read(conversationId)
        await chat.client.clear(conversationId)
        chat.messages.clear(conversationID)
        chat.touchConversations([conversationID])
        return { conversationID }
      }),
  }
}

const NO_MARKS = { readSeq: 0, peerReadSeq: 0 }

function pageSize(count: number | undefined): number {
  return count === undefined || !(count >= 1 && count <= PAGE) ? PAGE : Math.floor(count)
}

/** From a message's ID, or from the decimal number that TIM gives for groups. */
function seqOf(chat: Chat, nextReqMessageID: string): number | undefined {
  if (nextReqMessageID === '') return undefined
  const message = chat.messages.find(nextReqMessageID)
  if (message) return message.sequence
  return /^\d+$/.test(nextReqMessageID) ? Number(nextReqMessageID) : undefined
}

/** What arrived, or failed to leave, after the page was made: it stays at the end of the list. */
function laterThan(page: readonly Message[], kept: readonly Message[]): readonly Message[] {
  const newest = page[page.length - 1]?.sequence ?? 0
  return kept.filter((message) => !page.includes(message) && (message.status !== 'success' || message.sequence > newest))
}
