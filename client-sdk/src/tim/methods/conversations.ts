import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import type { Conversation } from '../mapping/conversation.ts'
import { contextOf, toConversationId } from '../mapping/ids.ts'
import { assertParameter, isText } from '../validation.ts'

const SYNC_WAIT_MS = 15_000

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

/** The first whole lists; what there is of them after a while, so that no application waits for a network that is away. */
export function synced(chat: Chat): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = chat.platform.clock.after(SYNC_WAIT_MS, resolve)
    chat.client.whenSynced().then(resolve, reject).finally(cancel).catch(reject)
  })
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
