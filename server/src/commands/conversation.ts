import type { ConversationsService } from '../conversations/conversations-service.ts'
import type { RemindService } from '../conversations/remind-service.ts'
import type { FamilyHandlers } from './handler.ts'

export function conversationHandlers(
  conversations: ConversationsService,
  reminds: RemindService,
): FamilyHandlers<'conversation'> {
  return {
    'conversation.get': async (caller, body) => ({
      conversation: await conversations.get(caller, body.conversationId),
    }),
    'conversation.pin': async (caller, body) => {
      await conversations.pin(caller, body.conversationId, body.pinned)
      return {}
    },
    'conversation.hide': async (caller, body) => {
      await conversations.hide(caller, body.conversationIds, body.clears)
      return {}
    },
    'conversation.clear': async (caller, body) => {
      await conversations.clear(caller, body.conversationId)
      return {}
    },
    'conversation.remind': async (caller, body) => ({
      conversationIds: [...(await reminds.remind(caller, body.conversationIds, body.remind))],
    }),
  }
}
