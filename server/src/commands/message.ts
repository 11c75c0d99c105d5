import type { CorrectionsService } from '../messaging/corrections-service.ts'
import type { MessagingService } from '../messaging/messaging-service.ts'
import type { FamilyHandlers } from './handler.ts'

export function messageHandlers(
  messaging: MessagingService,
  corrections: CorrectionsService,
): FamilyHandlers<'message'> {
  return {
    'message.send': (caller, body) => messaging.send(caller, body),
    'message.sendVolatile': (caller, body) => messaging.sendVolatile(caller, body),
    'message.history': (caller, body) => messaging.history(caller, body),
    'message.revoke': (caller, body) => corrections.revoke(caller, body),
    'message.modify': (caller, body) => corrections.modify(caller, body),
    'message.delete': async (caller, body) => {
      await messaging.delete(caller, body.conversationId, body.seqs)
      return {}
    },
  }
}
