import Type, { type Static } from 'typebox'
import { MessageSchema } from './message.ts'
import { ConversationIdSchema, Milliseconds, NumberFrom0, NumberFrom1, UserIdSchema } from './scalars.ts'

/** What others see of a user. */
export const ProfileSchema = Type.Object({
  userId: UserIdSchema,
  nick: Type.String(),
  avatar: Type.String(),
})
export type Profile = Static<typeof ProfileSchema>

/** Where a member's counting starts; see unread.ts. */
export const UnreadBaseSchema = Type.Object({ seq: NumberFrom0, countable: NumberFrom0, own: NumberFrom0 })

/** One conversation as one member sees it, true for `offset` of the conversation's timeline and `userOffset` of the member's. */
export const ConversationStateSchema = Type.Object({
  conversationId: ConversationIdSchema,
  /** The last entry of the conversation's timeline that this state contains. */
  offset: NumberFrom0,
  lastSeq: NumberFrom0,
  /** Countable messages so far, and of these the member's own. */
  countable: NumberFrom0,
  own: NumberFrom0,
  base: UnreadBaseSchema,
  /** Countable messages of others after the base that were revoked, or deleted by the member. */
  uncounted: Type.Array(NumberFrom1),
  /** The member has read up to here. */
  readSeq: NumberFrom0,
  /** The peer has read up to here; for one-to-one conversations. */
  peerReadSeq: NumberFrom0,
  peerReadAtMs: Milliseconds,
  /** The member has emptied his history up to here. */
  clearedSeq: NumberFrom0,
  /** The member has removed the conversation from his list; it comes back with a later message. */
  hiddenSeq: NumberFrom0,
  /** When the member pinned it; absent when he has not. */
  pinnedAtMs: Type.Optional(Milliseconds),
  /** The newest message the member may see. */
  lastMessage: Type.Optional(MessageSchema),
  /** The other member of a one-to-one conversation. */
  peer: ProfileSchema,
})
export type ConversationState = Static<typeof ConversationStateSchema>
