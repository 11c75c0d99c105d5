import type { Conversation as OurConversation } from '../../core/client-api.ts'
import type { Chat } from '../chat.ts'
import { contextOf, toConversationId } from '../mapping/ids.ts'
import type { Message } from '../mapping/message.ts'
import type { RateLimit } from '../rate-limit.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { mustHaveConversation } from './conversations.ts'
import { PageEdges } from './page-edges.ts'
import { objectsOf, pageSize } from './pages.ts'

export interface MessageListOptions {
  conversationID: string
  nextReqMessageID?: string
  count?: number
}

/** Paging through a conversation's past (tim-semantics §4.5). */
export function historyMethods(chat: Chat, limit: RateLimit) {
  const edges = new PageEdges(chat)

  async function list({ conversationID, nextReqMessageID, count }: MessageListOptions) {
    limit.take()
    const conversationId = toConversationId(conversationID, chat.self().userId)
    if (isLive(chat.client.conversation(conversationId)))
      return { messageList: [], nextReqMessageID: '', isCompleted: true }
    const from = edges.sequenceOf(conversationID, String(nextReqMessageID ?? ''))
    const page = await chat.client.history(conversationId, {
      direction: 'older',
      ...(from === undefined ? {} : { from: { seq: from } }),
      limit: pageSize(count),
    })
    // The first page starts afresh, as version 3 does; the objects the application holds stay the same.
    const kept = from === undefined ? chat.messages.clear(conversationID) : []
    const messageList = objectsOf(chat, page.messages, kept)
    chat.messages.prepend(conversationID, messageList)
    const later = laterThan(messageList, kept)
    for (const message of later) chat.messages.append(message)
    // An application may still show what a refetched page no longer holds.
    chat.messages.keepAside(kept)
    const oldest = messageList[0]
    if (oldest) edges.remember(oldest)
    return {
      messageList: [...messageList, ...later],
      nextReqMessageID: page.isComplete || !oldest ? '' : edges.nameOf(oldest),
      isCompleted: page.isComplete,
    }
  }

  return {
    getMessageList: (options: MessageListOptions) => {
      const isGood = isObject(options) && isText(options.conversationID)
      assertParameter(isGood, 'getMessageList', '{ conversationID, nextReqMessageID?, count? }')
      return chat.run(contextOf(options.conversationID, 'conversation'), () => list(options))
    },
    /** Local, at once; null when it is not kept. */
    findMessage: (ID: string): Message | null => chat.messages.find(ID) ?? null,
    clearHistoryMessage: (conversationID: string) => {
      assertParameter(isText(conversationID), 'clearHistoryMessage', 'a conversationID')
      return chat.run(contextOf(conversationID, 'conversation'), async () => {
        mustHaveConversation(chat, conversationID)
        const conversationId = toConversationId(conversationID, chat.self().userId)
        await chat.client.read(conversationId)
        await chat.client.clear(conversationId)
        chat.messages.clear(conversationID)
        return { conversationID }
      })
    },
  }
}

/** Live rooms have no past. */
export function isLive(ours: OurConversation | undefined): boolean {
  return ours?.about.type === 'group' && ours.about.group.type === 'live'
}

/** What arrived, or failed to leave, after the page was made: it stays at the end of the list. */
function laterThan(page: readonly Message[], kept: readonly Message[]): readonly Message[] {
  const newest = page[page.length - 1]?.sequence ?? 0
  return kept.filter(
    (message) => !page.includes(message) && (message.status !== 'success' || message.sequence > newest),
  )
}
