import type { Conversation } from './mapping/conversation.ts'
import type { Message } from './mapping/message.ts'

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
  onConversationListUpdated: Conversation[]
  onTotalUnreadMessageCountUpdated: number
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
