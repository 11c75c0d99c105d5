import type { Conversation as OurConversation } from '../../core/client-api.ts'
import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { contextOf, toConversationId } from '../mapping/ids.ts'
import { RateLimit } from '../rate-limit.ts'
import { TYPES } from '../types.ts'

/** Unread numbers and read marks (tim-semantics §2.3 READ). */
export function readingMethods(chat: Chat) {
  const allReadLimit = new RateLimit(chat.platform.clock, 1, 1_000)

  async function read(conversationID: string | undefined) {
    const conversationId = toConversationId(conversationID, chat.self().userId)
    if ((chat.client.conversation(conversationId)?.unread ?? 0) > 0) await chat.client.read(conversationId)
    // Also where nothing counts as unread: what calls the user may be among it (tim-semantics §8.11).
    else if (chat.conversations.clearMentions(conversationId)) chat.touchConversations([conversationID ?? ''])
    return {}
  }

  async function readAll(scope: string) {
    allReadLimit.take()
    const types = SCOPES[scope]
    if (types === undefined) throw timError(2112)
    const unread = chat.client.conversations().filter(({ about, unread }) => unread > 0 && types.includes(about.type))
    await Promise.all(unread.map(({ conversationId }) => chat.client.read(conversationId)))
    return {}
  }

  return {
    getTotalUnreadMessageCount: () => chat.conversations.totalUnread(),
    /** Cheap, local and silent when nothing is unread: kits call it all the time (ui-kits §6.9). */
    setMessageRead: (options: { conversationID: string }) =>
      chat.run(contextOf(options?.conversationID, 'conversation'), () => read(options?.conversationID)),
    setAllMessageRead: (options: { scope?: string } = {}) =>
      chat.run('conversation', () => readAll(options.scope ?? TYPES.READ_ALL_MSG)),
  }
}

const SCOPES: { readonly [scope: string]: readonly OurConversation['about']['type'][] } = {
  [TYPES.READ_ALL_C2C_MSG]: ['c2c'],
  [TYPES.READ_ALL_GROUP_MSG]: ['group'],
  [TYPES.READ_ALL_MSG]: ['c2c', 'group'],
}
