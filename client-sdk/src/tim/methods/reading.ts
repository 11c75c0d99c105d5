import type { Conversation as OurConversation } from '../../core/client-api.ts'
import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { synced } from '../first-lists.ts'
import { contextOf, toConversationId } from '../mapping/ids.ts'
import { RateLimit } from '../rate-limit.ts'
import { TYPES } from '../types.ts'
import { isLive } from './history.ts'

/** Unread numbers and read marks (tim-semantics §2.3 READ). */
export function readingMethods(chat: Chat) {
  const allReadLimit = new RateLimit(chat.platform.clock, 1, 1_000)

  async function read(conversationID: string | undefined) {
    const conversationId = toConversationId(conversationID, chat.self().userId)
    // What has not arrived yet may be unread.
    if (!chat.client.isSyncComplete) await synced(chat)
    if (isWorthReading(chat.client.conversation(conversationId))) await chat.client.read(conversationId)
    return {}
  }

  async function readAll(scope: string) {
    allReadLimit.take()
    const types = SCOPES[scope]
    if (types === undefined) throw timError(2112)
    if (!chat.client.isSyncComplete) await synced(chat)
    const meant = chat.client.conversations().filter((ours) => types.includes(ours.about.type) && isWorthReading(ours))
    await Promise.all(meant.map(({ conversationId }) => chat.client.read(conversationId)))
    return {}
  }

  return {
    getTotalUnreadMessageCount: () => chat.conversations.totalUnread(),
    /** Cheap, local and silent when nothing is unread: kits call it all the time (ui-kits §6.9). */
    setMessageRead: (options: { conversationID: string }) =>
      chat.run(contextOf(options?.conversationID, 'conversation'), () => read(options?.conversationID)),
    setAllMessageRead: (options?: { scope?: string }) =>
      chat.run('conversation', () => readAll(options?.scope ?? TYPES.READ_ALL_MSG)),
  }
}

/**
 * Also where no number is shown: what calls the user may be among what does not count (tim-semantics §8.11), or he wants
 * to hear of nothing for a time. In live rooms nothing is ever unread.
 */
function isWorthReading(ours: OurConversation | undefined): boolean {
  if (ours === undefined || isLive(ours)) return false
  const isSilenced = ours.remind === 'discard' || ours.remind === 'discard-except-at'
  return ours.unread > 0 || ours.mentions.length > 0 || (isSilenced && ours.lastSeq > ours.base.seq)
}

const SCOPES: { readonly [scope: string]: readonly OurConversation['about']['type'][] } = {
  [TYPES.READ_ALL_C2C_MSG]: ['c2c'],
  [TYPES.READ_ALL_GROUP_MSG]: ['group'],
  [TYPES.READ_ALL_MSG]: ['c2c', 'group'],
}
