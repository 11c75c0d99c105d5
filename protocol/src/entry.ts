import Type, { type Static } from 'typebox'
import { UnreadBaseSchema } from './conversation.ts'
import { PersonSchema } from './group-element.ts'
import { MembershipSchema, RemindSchema } from './group.ts'
import { ElementSchema, MessageSchema, RevocationSchema, VolatileMessageSchema } from './message.ts'
import { UserProfileSchema } from './profile.ts'
import { ConversationIdSchema, Milliseconds, NumberFrom0, NumberFrom1, UserIdSchema } from './scalars.ts'

/** In a conversation's timeline: a message was stored. */
export const MessageEntry = Type.Object({ kind: Type.Literal('message'), message: MessageSchema })

/** In a conversation's timeline: a message was revoked; its content is gone from the store. */
export const RevokedEntry = Type.Object({
  kind: Type.Literal('revoked'),
  seq: NumberFrom1,
  senderId: UserIdSchema,
  /** True when the message counted as unread for those who had not read it. */
  counted: Type.Boolean(),
  revocation: RevocationSchema,
  /** Those of the message: who may see it. */
  receiverIds: Type.Optional(Type.Array(UserIdSchema)),
})

/** In a conversation's timeline: a message's content was changed. */
export const ModifiedEntry = Type.Object({
  kind: Type.Literal('modified'),
  seq: NumberFrom1,
  version: NumberFrom1,
  elements: Type.Array(ElementSchema),
  customData: Type.Optional(Type.String()),
  by: UserIdSchema,
  atMs: Milliseconds,
  /** Those of the message: who may see it. */
  senderId: UserIdSchema,
  receiverIds: Type.Optional(Type.Array(UserIdSchema)),
})

/** In place of an entry that is not for the one who follows: it moves his cursor, and the last seq to `seq`. */
export const SkippedEntry = Type.Object({ kind: Type.Literal('skipped'), seq: NumberFrom0 })

/** In a one-to-one conversation's timeline: a member has read up to `base.seq`. */
export const ReadEntry = Type.Object({
  kind: Type.Literal('read'),
  userId: UserIdSchema,
  base: UnreadBaseSchema,
  atMs: Milliseconds,
})

/** In a one-to-one conversation's timeline: a member sends receipts for these messages. */
export const ReceiptedEntry = Type.Object({
  kind: Type.Literal('receipted'),
  userId: UserIdSchema,
  seqs: Type.Array(NumberFrom1),
  atMs: Milliseconds,
})

/** About a message that is not for everybody: who may see it, its sender too. */
const AudienceSchema = Type.Optional(Type.Array(UserIdSchema))

/** In a conversation's timeline: a reaction was put on a message, or taken back. */
export const ReactionEntry = Type.Object({
  kind: Type.Literal('reaction'),
  seq: NumberFrom1,
  messageId: Type.String(),
  reactionId: Type.String(),
  userId: UserIdSchema,
  added: Type.Boolean(),
  /** Users who have it on the message now, and the first of them. */
  total: NumberFrom0,
  users: Type.Array(PersonSchema),
  receiverIds: AudienceSchema,
})

/** In a conversation's timeline: extensions of a message were set, or deleted. */
export const ExtensionsEntry = Type.Object({
  kind: Type.Literal('extensions'),
  seq: NumberFrom1,
  messageId: Type.String(),
  set: Type.Array(Type.Object({ key: Type.String(), value: Type.String() })),
  deleted: Type.Array(Type.String()),
  receiverIds: AudienceSchema,
})

/** In a group's timeline: a message was pinned for everybody, or is no longer. Holds nothing of its content. */
export const MessagePinnedEntry = Type.Object({
  kind: Type.Literal('message-pinned'),
  seq: NumberFrom1,
  pinned: Type.Boolean(),
  by: PersonSchema,
})

/** In a group's timeline: attributes were changed, or deleted. */
export const AttributesEntry = Type.Object({
  kind: Type.Literal('attributes'),
  set: Type.Record(Type.String(), Type.String()),
  deleted: Type.Array(Type.String()),
})

/** In a group's timeline: counters have these values now. */
export const CountersEntry = Type.Object({
  kind: Type.Literal('counters'),
  counters: Type.Record(Type.String(), Type.Number()),
})

/** In a group's timeline: the group is no more. The last entry its members get. */
export const DismissedEntry = Type.Object({ kind: Type.Literal('dismissed'), by: PersonSchema })

/**
 * In a user's timeline: the user is a member of this conversation from now on. Follow it from `offset`; `seq` and
 * `countable` are the conversation's there.
 */
export const JoinedEntry = Type.Object({
  kind: Type.Literal('joined'),
  conversationId: ConversationIdSchema,
  offset: NumberFrom0,
  seq: NumberFrom0,
  countable: NumberFrom0,
})

/** In a user's timeline: the user is no longer a member of this conversation: drop what you have of it. */
export const LeftEntry = Type.Object({ kind: Type.Literal('left'), conversationId: ConversationIdSchema })

/** In a user's timeline: he has read a group's messages, or the server's notices, up to `base.seq`. */
export const ReadHereEntry = Type.Object({
  kind: Type.Literal('read-here'),
  conversationId: ConversationIdSchema,
  base: UnreadBaseSchema,
})

/** In a user's timeline: what he wants to hear of these conversations. */
export const RemindEntry = Type.Object({
  kind: Type.Literal('remind'),
  conversationIds: Type.Array(ConversationIdSchema),
  remind: RemindSchema,
})

/** In a user's timeline: his place in a group has changed. */
export const MembershipEntry = Type.Object({
  kind: Type.Literal('membership'),
  conversationId: ConversationIdSchema,
  self: MembershipSchema,
})

/** In a user's timeline: his profile is this now. */
export const ProfileEntry = Type.Object({ kind: Type.Literal('profile'), profile: UserProfileSchema })

/** In a user's timeline: pinned, or no longer. */
export const PinnedEntry = Type.Object({
  kind: Type.Literal('pinned'),
  conversationId: ConversationIdSchema,
  pinnedAtMs: Type.Union([Milliseconds, Type.Null()]),
})

/** In a user's timeline: removed from the user's list, up to `base.seq`; what is newer shows it again. */
export const HiddenEntry = Type.Object({
  kind: Type.Literal('hidden'),
  conversationId: ConversationIdSchema,
  base: UnreadBaseSchema,
  /** True when the history up to there was emptied too. */
  cleared: Type.Boolean(),
})

/** In a user's timeline: the user emptied his history up to `base.seq`. */
export const ClearedEntry = Type.Object({
  kind: Type.Literal('cleared'),
  conversationId: ConversationIdSchema,
  base: UnreadBaseSchema,
})

/** In a user's timeline: the user deleted these messages for himself. */
export const DeletedEntry = Type.Object({
  kind: Type.Literal('deleted'),
  conversationId: ConversationIdSchema,
  seqs: Type.Array(NumberFrom1),
  /** Those of them that counted as unread for the user if he had not read them. */
  counted: Type.Array(NumberFrom1),
})

/**
 * What a timeline can hold. A reader that meets a kind it does not know advances its cursor and changes nothing
 * ([FWD-1]).
 */
export const EntrySchema = Type.Union([
  MessageEntry,
  RevokedEntry,
  ModifiedEntry,
  SkippedEntry,
  ReadEntry,
  ReceiptedEntry,
  ReactionEntry,
  ExtensionsEntry,
  MessagePinnedEntry,
  AttributesEntry,
  CountersEntry,
  DismissedEntry,
  JoinedEntry,
  LeftEntry,
  ReadHereEntry,
  RemindEntry,
  MembershipEntry,
  ProfileEntry,
  PinnedEntry,
  HiddenEntry,
  ClearedEntry,
  DeletedEntry,
])
export type Entry = Static<typeof EntrySchema>
export type EntryOf<Kind extends Entry['kind']> = Extract<Entry, { kind: Kind }>

/** How many have sent a receipt for a message, of those who were members when it was sent. */
export const ReceiptCountSchema = Type.Object({ seq: NumberFrom1, read: NumberFrom0, unread: NumberFrom0 })
export type ReceiptCount = Static<typeof ReceiptCountSchema>

/** What is pushed but not stored; may be lost. */
export const VolatileEntrySchema = Type.Union([
  Type.Object({ kind: Type.Literal('volatile-message'), message: VolatileMessageSchema }),
  /** To a sender: so many have sent their receipts by now. Absolute numbers; a later one says it again. */
  Type.Object({
    kind: Type.Literal('receipt-counts'),
    conversationId: ConversationIdSchema,
    counts: Type.Array(ReceiptCountSchema),
  }),
])
export type VolatileEntry = Static<typeof VolatileEntrySchema>
