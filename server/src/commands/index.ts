import type { AccountsService } from '../accounts/accounts-service.ts'
import type { ConversationsService } from '../conversations/conversations-service.ts'
import type { RemindService } from '../conversations/remind-service.ts'
import type { ExtensionsService } from '../extensions/extensions-service.ts'
import type { GroupDataService } from '../group-data/group-data-service.ts'
import type { MediaService } from '../media/media-service.ts'
import type { CorrectionsService } from '../messaging/corrections-service.ts'
import type { MessagingService } from '../messaging/messaging-service.ts'
import type { ProfilesService } from '../profiles/profiles-service.ts'
import type { ReactionsService } from '../reactions/reactions-service.ts'
import type { ReceiptsService } from '../receipts/receipts-service.ts'
import type { SearchService } from '../search/search-service.ts'
import type { SyncService } from '../sync/sync-service.ts'
import { conversationHandlers } from './conversation.ts'
import { extensionHandlers } from './extension.ts'
import { groupDataHandlers } from './group-data.ts'
import type { Handlers } from './handler.ts'
import { groupHandlers, type GroupServices } from './group.ts'
import { mediaHandlers } from './media.ts'
import { messageHandlers } from './message.ts'
import { profileHandlers } from './profile.ts'
import { reactionHandlers } from './reaction.ts'
import { receiptHandlers } from './receipt.ts'
import { searchHandlers } from './search.ts'
import { syncHandlers } from './sync.ts'

export interface Services {
  readonly accounts: AccountsService
  readonly conversations: ConversationsService
  readonly reminds: RemindService
  readonly groups: GroupServices
  readonly messaging: MessagingService
  readonly corrections: CorrectionsService
  readonly receipts: ReceiptsService
  readonly reactions: ReactionsService
  readonly extensions: ExtensionsService
  readonly media: MediaService
  readonly groupData: GroupDataService
  readonly profiles: ProfilesService
  readonly search: SearchService
  readonly sync: SyncService
}

/** Every command's handler: a missing or misspelled one does not compile. */
export function allHandlers(services: Services): Handlers {
  return {
    ...syncHandlers(services.sync),
    ...groupHandlers(services.groups),
    ...messageHandlers(services.messaging, services.corrections),
    ...receiptHandlers(services.receipts),
    ...conversationHandlers(services.conversations, services.reminds),
    ...reactionHandlers(services.reactions),
    ...extensionHandlers(services.extensions),
    ...mediaHandlers(services.media),
    ...groupDataHandlers(services.groupData),
    ...profileHandlers(services.profiles),
    ...searchHandlers(services.search, services.groups.rooms),
  } satisfies Handlers
}
