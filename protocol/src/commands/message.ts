import Type from 'typebox'
import { defineCommand } from '../command.ts'
import { LIMITS } from '../limits.ts'
import { draftFields, MessageSchema } from '../message.ts'
import { ClientMsgIdSchema, ConversationIdSchema, Milliseconds, NumberFrom0, NumberFrom1 } from '../scalars.ts'

export const messageCommands = {
  /** Stores a message and delivers it. The same clientMsgId with the same content any number of times stores one message and gives one answer. */
  'message.send': defineCommand({
    request: Type.Object({
      conversationId: ConversationIdSchema,
      clientMsgId: ClientMsgIdSchema,
      ...draftFields,
    }),
    reply: Type.Object({ seq: NumberFrom1, offset: NumberFrom1, sentAtMs: Milliseconds, countable: NumberFrom0 }),
  }),
  /** Delivers a message to whoever is there now and stores nothing. */
  'message.sendVolatile': defineCommand({
    request: Type.Object({
      conversationId: ConversationIdSchema,
      clientMsgId: ClientMsgIdSchema,
      ...draftFields,
    }),
    reply: Type.Object({ sentAtMs: Milliseconds }),
  }),
  /** A page of the messages the user may see, oldest first. */
  'message.history': defineCommand({
    request: Type.Object({
      conversationId: ConversationIdSchema,
      direction: Type.Union([Type.Literal('older'), Type.Literal('newer')]),
      /** Exclusive start: a number, or a time. Absent: from the newest (older) or the oldest (newer). */
      from: Type.Optional(Type.Union([Type.Object({ seq: NumberFrom0 }), Type.Object({ atMs: Milliseconds })])),
      limit: Type.Integer({ minimum: 1, maximum: LIMITS.historyPage }),
    }),
    reply: Type.Object({
      messages: Type.Array(MessageSchema),
      /** True when nothing lies beyond this page in its direction. */
      isComplete: Type.Boolean(),
    }),
  }),
  /** Takes a message back for everybody. Idempotent. */
  'message.revoke': defineCommand({
    request: Type.Object({
      conversationId: ConversationIdSchema,
      seq: NumberFrom1,
      reason: Type.Optional(Type.String({ maxLength: LIMITS.revokeReasonChars })),
    }),
    reply: Type.Object({ atMs: Milliseconds }),
  }),
  /**
   * Changes a message's content, if it is still in the version named. Refused MODIFY_CONFLICT when somebody was faster,
   * MESSAGE_REVOKED, NOT_MODIFIABLE.
   */
  'message.modify': defineCommand({
    request: Type.Object({
      conversationId: ConversationIdSchema,
      seq: NumberFrom1,
      /** 0 for one that was never changed. */
      version: NumberFrom0,
      elements: draftFields.elements,
      customData: draftFields.customData,
    }),
    reply: Type.Object({ version: NumberFrom1, atMs: Milliseconds }),
  }),
  /** Deletes messages for the user alone. Idempotent. */
  'message.delete': defineCommand({
    request: Type.Object({
      conversationId: ConversationIdSchema,
      seqs: Type.Array(NumberFrom1, { minItems: 1, maxItems: LIMITS.deletePerRequest }),
    }),
    reply: Type.Object({}),
  }),
}
