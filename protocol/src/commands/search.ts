import Type from 'typebox'
import { defineCommand } from '../command.ts'
import { GroupSchema, GroupTypeSchema, MemberSchema } from '../group.ts'
import { LIMITS } from '../limits.ts'
import { MessageSchema } from '../message.ts'
import { UserProfileSchema } from '../profile.ts'
import {
  ConversationIdSchema,
  GroupIdSchema,
  Milliseconds,
  NumberFrom0,
  NumberFrom1,
  UserIdSchema,
} from '../scalars.ts'

const Keyword = Type.String({ minLength: 1, maxLength: LIMITS.searchKeywordChars })

/** What every search is asked. Upper and lower case are the same; a keyword is found anywhere in a text. */
const asked = {
  /** Whether all keywords must be found, or one of them. */
  match: Type.Union([Type.Literal('all'), Type.Literal('any')]),
  limit: Type.Integer({ minimum: 1, maximum: LIMITS.searchPage }),
  /** `next` of the page before, of the same search. */
  after: Type.Optional(Type.String({ maxLength: LIMITS.searchCursorChars })),
}
const Keywords = Type.Array(Keyword, { minItems: 1, maxItems: LIMITS.searchKeywords })

/**
 * What every search answers. A request looks through so much at most, so a page may be short, or empty, though there is
 * more: `next` alone says whether there is.
 */
const answered = {
  next: Type.Optional(Type.String()),
  /** Results of this search so far, those of this page and of the pages before it with what else is known; all, without `next`. */
  total: NumberFrom0,
}

const SoughtElementSchema = Type.Union([
  Type.Literal('text'),
  Type.Literal('custom'),
  Type.Literal('face'),
  Type.Literal('location'),
  Type.Literal('image'),
  Type.Literal('audio'),
  Type.Literal('video'),
  Type.Literal('file'),
  Type.Literal('merger'),
])

/** The hits of one conversation. */
const MessageHitsSchema = Type.Object({
  conversationId: ConversationIdSchema,
  count: NumberFrom1,
  /** Newest first. Of several in a search through all conversations none: look into that one. */
  messages: Type.Array(MessageSchema),
})

export const searchCommands = {
  /**
   * Messages the user may see, by what is said in texts and by the names of files, titles of merged messages and
   * descriptions of custom messages and places. In one conversation (NOT_A_MEMBER as for its history) or in all of them,
   * where a result is a conversation; those in which something was said last come first.
   */
  'search.messages': defineCommand({
    request: Type.Object({
      ...asked,
      keywords: Type.Array(Keyword, { maxItems: LIMITS.searchKeywords }),
      conversationId: Type.Optional(ConversationIdSchema),
      /** Said by one of these; by anybody where there is none. */
      senderIds: Type.Optional(Type.Array(UserIdSchema, { maxItems: LIMITS.searchSenders })),
      /** Whose first element is of one of these types; of any where there is none. */
      types: Type.Optional(Type.Array(SoughtElementSchema, { maxItems: 9 })),
      /** Said before this; now, if absent. */
      beforeMs: Type.Optional(Milliseconds),
      /** Said within so long before that; ever, if absent. */
      periodMs: Type.Optional(Milliseconds),
    }),
    reply: Type.Object({ ...answered, results: Type.Array(MessageHitsSchema) }),
  }),
  /** Users by a part of their nick or their id. Whom one may find is the operator's to say; by the whole id anybody. */
  'search.users': defineCommand({
    request: Type.Object({
      ...asked,
      keywords: Keywords,
      gender: Type.Optional(Type.Union([Type.Literal('female'), Type.Literal('male'), Type.Literal('unknown')])),
      /** As numbers yyyymmdd; who has said none is not found. */
      bornFrom: Type.Optional(NumberFrom0),
      bornTo: Type.Optional(NumberFrom0),
    }),
    reply: Type.Object({ ...answered, users: Type.Array(UserProfileSchema) }),
  }),
  /** Groups by a part of their name or their id: the user's own, and those that anybody may find. */
  'search.groups': defineCommand({
    request: Type.Object({
      ...asked,
      keywords: Keywords,
      types: Type.Optional(Type.Array(GroupTypeSchema, { maxItems: 5 })),
    }),
    reply: Type.Object({ ...answered, groups: Type.Array(GroupSchema) }),
  }),
  /**
   * Members of the user's own groups, by a part of their name there, their nick or their id. A group that is not his is
   * passed over. `total` counts members.
   */
  'search.members': defineCommand({
    request: Type.Object({
      ...asked,
      keywords: Keywords,
      groupIds: Type.Optional(Type.Array(GroupIdSchema, { maxItems: LIMITS.groupsPerRequest })),
      types: Type.Optional(Type.Array(GroupTypeSchema, { maxItems: 5 })),
    }),
    reply: Type.Object({
      ...answered,
      results: Type.Array(Type.Object({ group: GroupSchema, members: Type.Array(MemberSchema) })),
    }),
  }),
}
