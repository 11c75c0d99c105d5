import Type, { type Static } from 'typebox'
import { GroupSchema, MembershipSchema, RemindSchema } from './group.ts'
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

/** What a conversation is with. */
export const AboutSchema = Type.Union([
  /** The other member of a one-to-one conversation. */
  Type.Object({ type: Type.Literal('c2c'), peer: ProfileSchema }),
  Type.Object({ type: Type.Literal('group'), group: GroupSchema, self: MembershipSchema }),
  Type.Object({ type: Type.Literal('system') }),
])
export type About = Static<typeof AboutSchema>

/** A message after the read mark that calls the member. */
export const MentionSchema = Type.Object({
  seq: NumberFrom1,
  senderId: UserIdSchema,
  /** By name, with everybody, or both. */
  who: Type.Union([Type.Literal('me'), Type.Literal('all'), Type.Literal('both')]),
})
export type Mention = Static<typeof MentionSchema>

/** One conversation as one member sees it, true for `offset` of the conversation's timeline and `userOffset` of the member's. */
export const ConversationStateSchema = Type.Object({
  conversationId: ConversationIdSchema,
  about: AboutSchema,
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
  /** The member sees nothing up to here: he has emptied his history, or was not there yet. */
  clearedSeq: NumberFrom0,
  /** The member has removed the conversation from his list; it comes back with a later message. */
  hiddenSeq: NumberFrom0,
  /** When the member pinned it; absent when he has not. */
  pinnedAtMs: Type.Optional(Milliseconds),
  remind: RemindSchema,
  /** Oldest first; those after `readSeq`. */
  mentions: Type.Array(MentionSchema),
  /** The newest message the member may see. */
  lastMessage: Type.Optional(MessageSchema),
})
export type ConversationState = Static<typeof ConversationStateSchema>
