import { AccountsService } from './accounts/accounts-service.ts'
import { AuditService } from './audit/audit-service.ts'
import { Auditor } from './audit/auditor.ts'
import type { GroupServices } from './commands/group.ts'
import type { Services } from './commands/index.ts'
import type { Config } from './config/config.ts'
import type { Db } from './db/db.ts'
import type { Foundations } from './foundations.ts'
import type { Clock } from './kit/clock.ts'
import type { Random } from './kit/random.ts'
import type { Presence } from './presence/presence.ts'
import { ConversationDirectory } from './conversations/conversation-directory.ts'
import { ConversationsService } from './conversations/conversations-service.ts'
import { RemindService } from './conversations/remind-service.ts'
import { ExtensionsService } from './extensions/extensions-service.ts'
import { GroupDataService } from './group-data/group-data-service.ts'
import { ApplicationsService } from './groups/applications-service.ts'
import { GroupChanges } from './groups/group-change.ts'
import { GroupDisbander } from './groups/group-disbander.ts'
import { FoundingService } from './groups/founding-service.ts'
import { GroupsService } from './groups/groups-service.ts'
import { MembersService } from './groups/members-service.ts'
import { MembershipService } from './groups/membership-service.ts'
import { CorrectionsService } from './messaging/corrections-service.ts'
import type { MediaService } from './media/media-service.ts'
import { MessageCommitter } from './messaging/message-committer.ts'
import { MessagingService } from './messaging/messaging-service.ts'
import { ProfilesService } from './profiles/profiles-service.ts'
import type { Rates } from './rates/rates.ts'
import { GroupSends } from './rates/group-sends.ts'
import { ReactionsService } from './reactions/reactions-service.ts'
import { ReceiptNotices } from './receipts/receipt-notices.ts'
import { ReceiptsService } from './receipts/receipts-service.ts'
import { RoomsService } from './rooms/rooms-service.ts'
import { SearchService } from './search/search-service.ts'
import { SyncService } from './sync/sync-service.ts'
import type { Announcer } from './timelines/announcer.ts'
import type { Commit } from './timelines/group-commit.ts'
import type { LogReader } from './timelines/log-reader.ts'

/** The services, and those of their parts that others need. */
export interface BuiltServices {
  readonly services: Services
  readonly directory: ConversationDirectory
  readonly committer: MessageCommitter
  readonly disbander: GroupDisbander
  readonly rooms: RoomsService
  readonly receiptNotices: ReceiptNotices
  readonly auditor: Auditor
}

/** Builds the services in the order in which they stand on each other. */
export function buildServices(
  foundations: Foundations,
  announcer: Announcer,
  parts: {
    readonly log: LogReader
    readonly media: MediaService
    readonly rates: Rates
    readonly onCommit: (commit: Commit) => void
  },
): BuiltServices {
  const { log, media, rates, onCommit } = parts
  const { config, pools, presence, clock, random, logger } = foundations
  const db = pools.sync
  const accounts = new AccountsService({ db, clock, isAutoRegister: config.accounts.registration === 'automatic' })
  const directory = new ConversationDirectory({ db, accounts, announcer })
  const committer = new MessageCommitter({ db: pools.send, announcer, clock, onCommit })
  const shared = { db, accounts, directory, announcer, clock }
  const disbander = new GroupDisbander({ db, directory, announcer, clock, logger })
  const { live: maxVisitors } = config.groups.maxMembers
  const rooms = new RoomsService({ db, log, directory, announcer, clock, random, logger, maxVisitors })
  const receiptNotices = new ReceiptNotices({ db, announcer, clock, logger })
  const auditor = new Auditor({ audit: new AuditService({ db: pools.admin, random }), clock, logger })
  const services: Services = {
    accounts,
    conversations: new ConversationsService({ db, directory, accounts, announcer, clock }),
    reminds: new RemindService({ db, announcer }),
    groups: buildGroups({ ...shared, presence, rooms, disbander, random }, config.groups),
    messaging: new MessagingService({
      db,
      directory,
      committer,
      announcer,
      clock,
      groupSends: new GroupSends(rates),
      assertMaySpeakInRoom: (actor, groupId, priority) => rooms.assertMaySpeak(actor, groupId, priority),
    }),
    corrections: new CorrectionsService({ db, directory, announcer, clock, revokeWindowMs: config.revokeWindowMs }),
    receipts: new ReceiptsService({ db, announcer, notices: receiptNotices, clock }),
    reactions: new ReactionsService({ db, announcer }),
    extensions: new ExtensionsService({ db, announcer }),
    media,
    groupData: new GroupDataService({
      db,
      announcer,
      clock,
      standingInRoom: (actor, groupId) => rooms.standingOf(actor, groupId),
    }),
    profiles: new ProfilesService({ db, announcer, clock }),
    search: new SearchService({
      db: pools.search,
      clock,
      people: config.search.people,
      adminUserIds: config.accounts.adminUserIds,
    }),
    sync: new SyncService({ db, log, clock }),
  }
  return { services, directory, committer, disbander, rooms, receiptNotices, auditor }
}

/** The services of groups share one way of changing a group. */
function buildGroups(
  parts: {
    readonly db: Db
    readonly accounts: AccountsService
    readonly directory: ConversationDirectory
    readonly announcer: Announcer
    readonly clock: Clock
    readonly presence: Presence
    readonly rooms: RoomsService
    readonly disbander: GroupDisbander
    readonly random: Random
  },
  { countsTips, ...sizes }: Config['groups'],
): GroupServices {
  const { db, accounts, directory, presence, rooms } = parts
  const changes = new GroupChanges({ ...parts, countsTips })
  return {
    founding: new FoundingService({ ...parts, sizes, countsTips }),
    groups: new GroupsService({ ...parts, changes }),
    membership: new MembershipService({
      db,
      accounts,
      changes,
      sizes,
      expelFromRoom: (timeline, userId) => rooms.expel(timeline, userId),
    }),
    members: new MembersService({
      db,
      accounts,
      directory,
      presence,
      changes,
      tellRoom: (timeline, tip) => rooms.tell(timeline, tip),
    }),
    applications: new ApplicationsService({ db, changes }),
    rooms,
  }
}
