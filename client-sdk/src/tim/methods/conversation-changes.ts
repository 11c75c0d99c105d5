import type { Chat, Result } from '../chat.ts'
import { timError } from '../errors.ts'
import { toConversationId } from '../mapping/ids.ts'
import { assertParameter, isObject, isText, isTextList } from '../validation.ts'
import { mustHaveConversation } from './conversations.ts'

/** TIM's bound on one call. */
const MAX_REMOVED = 100

export interface DeleteConversationOptions {
  conversationIDList: string[]
  clearHistoryMessage?: boolean
}

/** What a user does to his list: removing, pinning, drafting. */
export function conversationChangeMethods(chat: Chat) {
  async function remove(conversationIDList: readonly string[], clears: boolean) {
    const { userId } = chat.self()
    const asked = new Set(conversationIDList.map((conversationID) => toConversationId(conversationID, userId)))
    const ids = [...asked].filter((id) => chat.conversations.get(id) !== undefined)
    if (ids.length === 0) throw timError(2500)
    // Of a group the user is no longer in the server has nothing to hide, nor of a live room; and he stays in that.
    const known = ids.filter((id) => !chat.conversations.isLeft(id) && !chat.groups.isLiveRoom(id))
    if (known.length > 0) await chat.client.hide(known, { clears })
    chat.conversations.remove(ids)
    if (clears) for (const conversationID of conversationIDList) chat.messages.clear(conversationID)
    chat.touchConversations(conversationIDList)
  }

  function deleteConversation(conversationID: string): Promise<Result<{ conversationID: string }>>
  function deleteConversation(options: DeleteConversationOptions): Promise<Result<{ conversationIDList: string[] }>>
  function deleteConversation(target: string | DeleteConversationOptions): Promise<Result<object>> {
    const wanted = `a conversationID, or { conversationIDList (1 to ${MAX_REMOVED}), clearHistoryMessage? }`
    const list = isObject(target) ? target.conversationIDList : [target]
    const isGood = isTextList(list) && list.length > 0 && list.length <= MAX_REMOVED
    assertParameter(isGood, 'deleteConversation', wanted)
    const clears = !isObject(target) || target.clearHistoryMessage !== false
    return chat.run('conversation', async () => {
      await remove(list, clears)
      return isObject(target) ? { conversationIDList: list } : { conversationID: target }
    })
  }

  return {
    deleteConversation,
    pinConversation: (options: { conversationID: string; isPinned: boolean }) => {
      const isGood = isObject(options) && isText(options.conversationID) && typeof options.isPinned === 'boolean'
      assertParameter(isGood, 'pinConversation', '{ conversationID, isPinned }')
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
      const isGood = isObject(options) && isText(options.conversationID) && typeof options.draftText === 'string'
      assertParameter(isGood, 'setConversationDraft', wanted)
      return chat.run('conversation', async () => {
        const conversation = mustHaveConversation(chat, options.conversationID)
        // Kits set it whenever a conversation is left, mostly to what it was (ui-kits §6.19).
        if (conversation.draftText !== options.draftText) {
          conversation.draftText = options.draftText
          chat.touchConversations([options.conversationID])
        }
        return { code: 0, conversation }
      })
    },
  }
}
