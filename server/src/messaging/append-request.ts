import type { ConversationId, TimelineId, UserId } from '@hongyan/protocol'
import type { PreparedDraft } from './draft.ts'

/** One message on its way into the store. */
export interface AppendRequest {
  readonly conversationId: ConversationId
  readonly timeline: TimelineId
  readonly timelineKey: number
  readonly senderKey: number
  readonly senderId: UserId
  /** The login that sends; it must still hold its place when the transaction commits (promise I7). */
  readonly loginKey: number
  /** Said in a group: by members alone, and by those who may speak. */
  readonly isInGroup: boolean
  readonly draft: PreparedDraft
}
