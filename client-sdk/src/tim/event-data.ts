import type { Conversation } from './mapping/conversation.ts'
import type { Group } from './mapping/group.ts'
import type { Message } from './mapping/message.ts'
import type { TimPerson } from './mapping/person.ts'
import type { Profile } from './mapping/profile.ts'
import type { Reaction } from './mapping/reaction.ts'

/** What a listener gets. */
export interface TimEvent<Data = unknown> {
  readonly name: string
  readonly data: Data
  /** With CONVERSATION_LIST_UPDATED: false while the lists are still arriving. */
  readonly isSyncCompleted?: boolean
}

/** What the events carry, by their values in EVENT; live objects, not copies (tim-semantics §2.2). */
export interface EventData {
  sdkStateReady: undefined
  sdkStateNotReady: undefined
  sdkDestroy: { SDKAppID: number }
  error: { code: number; message: string }
  kickedOut: { type: string }
  netStateChange: { state: 'connected' | 'connecting' | 'disconnected' }
  onMessageReceived: Message[]
  /** A message that is not kept here is told as `{ conversationID, sequence, isRevoked, revoker, revokerInfo, revokeReason }`. */
  onMessageRevoked: Message[]
  onMessageReadByPeer: Message[]
  onMessageModified: Message[]
  onMessageReadReceiptReceived: ReceiptNews[]
  onMessageReactionsUpdated: { messageID: string; reactionList: Reaction[] }
  onMessageExtensionsUpdated: { messageID: string; extensions: { key: string; value: string }[] }
  onMessageExtensionsDeleted: { messageID: string; keyList: string[] }
  onGroupListUpdated: Group[]
  groupAttributesUpdated: {
    groupID: string
    groupAttributes: Record<string, string>
    updatedKeyList: string[]
    deletedKeyList: string[]
  }
  onGroupCounterUpdated: { groupID: string; key: string; value: number }
  onPinnedGroupMessageUpdated: { groupID: string; message: Message; isPinned: boolean; operatorInfo: TimPerson }
  onProfileUpdated: Profile[]
  onConversationListUpdated: Conversation[]
  onTotalUnreadMessageCountUpdated: number
}

/** In a group so many have sent receipts for a message; one-to-one the peer has. */
export interface ReceiptNews {
  messageID: string
  groupID?: string
  readCount?: number
  unreadCount?: number
  userID?: string
  isPeerRead?: boolean
  timestamp?: number
}

/** A listener of whatever event; one that looks into the data says by its own types what it expects there. */
export type TimListener = (event: TimEvent<never>) => void

/** `on` and `once`: `context` becomes the listener's `this`. */
export interface Subscribe {
  <Name extends keyof EventData>(
    name: Name,
    handler: (event: TimEvent<EventData[Name]>) => void,
    context?: unknown,
  ): void
  (name: string, handler: (event: TimEvent) => void, context?: unknown): void
}
