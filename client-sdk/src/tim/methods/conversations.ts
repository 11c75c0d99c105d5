import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { synced } from '../first-lists.ts'
import type { Conversation } from '../mapping/conversation.ts'
import { contextOf, toConversationId } from '../mapping/ids.ts'
import { assertParameter, isText } from '../validation.ts'

export interface ConversationFilter {
  type?: string
  markType?: number
  groupName?: string
  hasUnreadCount?: boolean
  hasGroupAtInfo?: boolean
}

/** The list of conversations (tim-semantics §2.3 CONV). */
export function conversationMethods(chat: Chat) {
  async function profile(conversationID: string) {
    const conversationId = toConversationId(conversationID, chat.self().userId)
    if (!chat.conversations.get(conversationId)) {
      // Before the fetch, whose event shows the list with it.
      chat.conversations.open(conversationId)
      await chat.client.fetchConversation(conversationId)
    }
    return { conversation: mustHaveConversation(chat, conversationID) }
  }

  return {
    getConversationList: (filter?: string[] | ConversationFilter) =>
      chat.run('conversation', async () => {
        await synced(chat)
        return {
          conversationList: chat.conversations.all().filter(matcherOf(filter)),
          isSyncCompleted: chat.client.isSyncComplete,
        }
      }),
    getConversationProfile: (conversationID: string) => {
      assertParameter(isText(conversationID), 'getConversationProfile', 'a conversationID')
      return chat.run(contextOf(conversationID, 'conversation'), () => profile(conversationID))
    },
  }
}

/** The application's object of a conversation that must be in the list; rejects 2500. */
export function mustHaveConversation(chat: Chat, conversationID: string): Conversation {
  const conversation = chat.conversations.get(toConversationId(conversationID, chat.self().userId))
  if (!conversation) throw timError(2500)
  return conversation
}

function matcherOf(filter: string[] | ConversationFilter | undefined): (conversation: Conversation) => boolean {
  if (filter === undefined) return () => true
  if (Array.isArray(filter)) return ({ conversationID }) => filter.includes(conversationID)
  const { type, markType, groupName, hasUnreadCount, hasGroupAtInfo } = filter
  return (conversation) =>
    (type === undefined || conversation.type === type) &&
    (markType === undefined || conversation.markList.includes(markType)) &&
    (groupName === undefined || conversation.conversationGroupList.includes(groupName)) &&
    (hasUnreadCount !== true || conversation.unreadCount > 0) &&
    (hasGroupAtInfo !== true || conversation.groupAtInfoList.length > 0)
}
