import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import type { Conversation } from '../mapping/conversation.ts'
import { toConversationId } from '../mapping/ids.ts'
import { RateLimit } from '../rate-limit.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject, isText, isTextList } from '../validation.ts'

export interface ConversationFilter {
  type?: string
  markType?: number
  groupName?: string
  hasUnreadCount?: boolean
  hasGroupAtInfo?: boolean
}

export interface DeleteConversationOptions {
  conversationIDList: string[]
  clearHistoryMessage?: boolean
}

/** The list of conversations and what a user does with it (tim-semantics §2.3 CONV and READ). */
export function conversationMethods(chat: Chat) {
  const allReadLimit = new RateLimit(chat.platform.clock, 1, 1_000)

  function mustHave(conversationID: string): Conversation {
    const conversation = chat.conversations.get(toConversationId(conversationID, chat.self().userId))
    if (!conversation) throw timError(2500)
    return conversation
  }

  async function profile(conversationID: string) {
    const conversationId = toConversationId(conversationID, chat.self().userId)
    if (!chat.conversations.get(conversationId)) {
      await chat.client.fetchConversation(conversationId)
      chat.conversations.show(conversationId)
      chat.touchConversations([conversationID])
    }
    return { conversation: mustHave(conversationID) }
  }

  async function remove(conversationIDList: readonly string[], clears: boolean) {
    const { userId } = chat.self()
    const ids = conversationIDList.map((conversationID) => toConversationId(conversationID, userId))
    if (conversationIDList.length === 1 && ids[0] && !chat.conversations.get(ids[0])) throw timError(2500)
    await chat.client.hide(ids, { clears })
    chat.conversations.remove(ids)
    if (clears) for (const conversationID of conversationIDList) chat.messages.clear(conversationID)
    chat.touchConversations(conversationIDList)
  }

  async function readAll(scope: string) {
    allReadLimit.take()
    if (scope === TYPES.READ_ALL_GROUP_MSG) return {}
    if (scope !== TYPES.READ_ALL_C2C_MSG && scope !== TYPES.READ_ALL_MSG) throw timError(2112)
    const unread = chat.client.conversations().filter((conversation) => conversation.unread > 0)
    await Promise.all(unread.map(({ conversationId }) => chat.client.read(conversationId)))
    return {}
  }

  return {
    getConversationList: (filter?: string[] | ConversationFilter) =>
      chat.run('conversation', async () => {
        await chat.client.whenSynced()
        return {
          conversationList: chat.conversations.all().filter(matcherOf(filter)),
          isSyncCompleted: chat.client.isSyncComplete,
        }
      }),
    getConversationProfile: (conversationID: string) => {
      assertParameter(isText(conversationID), 'getConversationProfile', 'a conversationID')
      return chat.run('conversation', () => profile(conversationID))
    },
    deleteConversation: (target: string | DeleteConversationOptions) => {
      const wanted = 'a conversationID, or { conversationIDList, clearHistoryMessage? }'
      const list = isObject(target) ? target.conversationIDList : [target]
      assertParameter(isTextList(list), 'deleteConversation', wanted)
      const clears = !isObject(target) || target.clearHistoryMessage !== false
      return chat.run('conversation', async () => {
        await remove(list, clears)
        return isObject(target) ? { conversationIDList: list } : { conversationID: target }
      })
    },
    pinConversation: (options: { conversationID: string; isPinned: boolean }) => {
      assertParameter(isObject(options) && isText(options.conversationID), 'pinConversation', '{ conversationID, isPinned }')
      return chat.run('conversation', async () => {
        const { conversationID, isPinned } = options
        mustHave(conversationID)
        await chat.client.pin(toConversationId(conversationID, chat.self().userId), isPinned)
        return { conversationID }
      })
    },
    /** Kept on this device only, as TIM does. */
    setConversationDraft: (options: { conversationID: string; draftText: string }) => {
      const wanted = '{ conversationID, draftText }'
      assertParameter(isObject(options) && isText(options.conversationID), 'setConversationDraft', wanted)
      return chat.run('conversation', async () => {
        const conversation = mustHave(options.conversationID)
        conversation.draftText = options.draftText
        chat.touchConversations([options.conversationID])
        return { code: 0, conversation }
      })
    },
    getTotalUnreadMessageCount: () => chat.conversations.totalUnread(),
    /** Cheap, local and silent when nothing is unread: kits call it all the time (ui-kits §6.9). */
    setMessageRead: (options: { conversationID: string }) =>
      chat.run('conversation', async () => {
        const conversationId = toConversationId(options?.conversationID, chat.self().userId)
        if ((chat.client.conversation(conversationId)?.unread ?? 0) === 0) return {}
        await chat.client.read(conversationId)
        return {}
      }),
    setAllMessageRead: (options: { scope?: string } = {}) =>
      chat.run('conversation', () => readAll(options.scope ?? TYPES.READ_ALL_MSG)),
  }
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
