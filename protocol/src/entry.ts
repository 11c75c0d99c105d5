import Type, { type Static } from 'typebox'
import { UnreadBaseSchema } from './conversation.ts'
import { MessageSchema, RevocationSchema, VolatileMessageSchema } from './message.ts'
import { ConversationIdSchema, Milliseconds, NumberFrom1, UserIdSchema } from './scalars.ts'

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
})

/** In a one-to-one conversation's timeline: a member has read up to `base.seq`. */
export const ReadEntry = Type.Object({
  kind: Type.Literal('read'),
  userId: UserIdSchema,
  base: UnreadBaseSchema,
  atMs: Milliseconds,
})

/** In a user's timeline: the user is a member of this conversation from now on; follow it from its first entry. */
export const JoinedEntry = Type.Object({ kind: Type.Literal('joined'), conversationId: ConversationIdSchema })

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
  ReadEntry,
  JoinedEntry,
  PinnedEntry,
  HiddenEntry,
  ClearedEntry,
  DeletedEntry,
])
export type Entry = Static<typeof EntrySchema>
export type EntryOf<Kind extends Entry['kind']> = Extract<Entry, { kind: Kind }>

/** What is pushed but not stored; may be lost. */
export const VolatileEntrySchema = Type.Union([
  Type.Object({ kind: Type.Literal('volatile-message'), message: VolatileMessageSchema }),
])
export type VolatileEntry = Static<typeof VolatileEntrySchema>
