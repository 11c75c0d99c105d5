import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { toConversationId } from '../mapping/ids.ts'
import { assertParameter, isObject, isText, isTextList } from '../validation.ts'
import { mustHaveConversation } from './conversations.ts'

export interface DeleteConversationOptions {
  conversationIDList: string[]
  clearHistoryMessage?: boolean
}

/** What a user does to his list: removing, pinning, drafting. */
export function conversationChangeMethods(chat: Chat) {
  async function remove(conversationIDList: readonly string[], clears: boolean) {
    const { userId } = chat.self()
    const ids = conversationIDList.map((conversationID) => toConversationId(conversationID, userId))
    if (conversationIDList.length === 1 && ids[0] && !chat.conversations.get(ids[0])) throw timError(2500)
    await chat.client.hide(ids, { clears })
    chat.conversations.remove(ids)
    if (clears) for (const conversationID of conversationIDList) chat.messages.clear(conversationID)
    chat.touchConversations(conversationIDList)
  }

  return {
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
      assertParameter(
        isObject(options) && isText(options.conversationID),
        'pinConversation',
        '{ conversationID, isPinned }',
      )
      return chat.run('conversation', async () => {
        const { conversationID, isPinned } = options
        mustHaveConversation(chat, conversationID)
        await chat.client.pin(toConversationId(conversationID, chat.self().userId), isPinned)
        return { conversationID }
      })
    },
    /** Kept on this device only, as TIM does. */
    setConversationDraft: (options: { conversationID: string; draftText: string }) => {
      const wanted = '{ conversationID, draftText }'
      assertParameter(isObject(options) && isText(options.conversationID), 'setConversationDraft', wanted)
      return chat.run('conversation', async () => {
        const conversation = mustHaveConversation(chat, options.conversationID)
        conversation.draftText = options.draftText
        chat.touchConversations([options.conversationID])
        return { code: 0, conversation }
      })
    },
  }
}
