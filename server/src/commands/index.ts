import type { AccountsService } from '../accounts/accounts-service.ts'
import type { ConversationsService } from '../conversations/conversations-service.ts'
import type { MessagingService } from '../messaging/messaging-service.ts'
import type { ReceiptsService } from '../receipts/receipts-service.ts'
import type { SyncService } from '../sync/sync-service.ts'
import { conversationHandlers } from './conversation.ts'
import type { Handlers } from './handler.ts'
import { messageHandlers } from './message.ts'
import { profileHandlers } from './profile.ts'
import { receiptHandlers } from './receipt.ts'
import { syncHandlers } from './sync.ts'

export interface Services {
  readonly accounts: AccountsService
  readonly conversations: ConversationsService
  readonly messaging: MessagingService
  readonly receipts: ReceiptsService
  readonly sync: SyncService
}

/** Every command's handler: a missing or misspelled one does not compile. */
export function allHandlers(services: Services): Handlers {
  return {
    ...syncHandlers(services.sync),
    ...messageHandlers(services.messaging),
    ...receiptHandlers(services.receipts),
    ...conversationHandlers(services.conversations),
    ...profileHandlers(services.accounts),
  } satisfies Handlers
}
