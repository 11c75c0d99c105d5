import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { isOfAnotherKind, toConversationId } from '../mapping/ids.ts'
import { RateLimit } from '../rate-limit.ts'
import { TYPES } from '../types.ts'

/** Unread numbers and read marks (tim-semantics §2.3 READ). */
export function readingMethods(chat: Chat) {
  const allReadLimit = new RateLimit(chat.platform.clock, 1, 1_000)

  async function readAll(scope: string) {
    allReadLimit.take()
    if (scope === TYPES.READ_ALL_GROUP_MSG) return {}
    if (scope !== TYPES.READ_ALL_C2C_MSG && scope !== TYPES.READ_ALL_MSG) throw timError(2112)
    const unread = chat.client.conversations().filter((conversation) => conversation.unread > 0)
    await Promise.all(unread.map(({ conversationId }) => chat.client.read(conversationId)))
    return {}
  }

  return {
    getTotalUnreadMessageCount: () => chat.conversations.totalUnread(),
    /** Cheap, local and silent when nothing is unread: kits call it all the time (ui-kits §6.9). */
    setMessageRead: (options: { conversationID: string }) =>
      chat.run('conversation', async () => {
        // Of groups and the system there is nothing here, so nothing of theirs is unread.
        if (isOfAnotherKind(options?.conversationID)) return {}
        const conversationId = toConversationId(options?.conversationID, chat.self().userId)
        if ((chat.client.conversation(conversationId)?.unread ?? 0) === 0) return {}
        await chat.client.read(conversationId)
        return {}
      }),
    setAllMessageRead: (options: { scope?: string } = {}) =>
      chat.run('conversation', () => readAll(options.scope ?? TYPES.READ_ALL_MSG)),
  }
}
