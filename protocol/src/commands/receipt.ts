import Type from 'typebox'
import { defineCommand } from '../command.ts'
import { ReceiptCountSchema } from '../entry.ts'
import { LIMITS } from '../limits.ts'
import { ConversationIdSchema, NumberFrom0, NumberFrom1, UserIdSchema } from '../scalars.ts'

const someMessages = {
  conversationId: ConversationIdSchema,
  seqs: Type.Array(NumberFrom1, { minItems: 1, maxItems: LIMITS.receiptsPerRequest }),
}

export const receiptCommands = {
  /** "I have read up to here". Only ever upward, never beyond the last message; idempotent. */
  'receipt.read': defineCommand({
    request: Type.Object({ conversationId: ConversationIdSchema, seq: NumberFrom1 }),
    reply: Type.Object({ readSeq: NumberFrom0 }),
  }),
  /**
   * "I have read these": for messages whose senders asked for it. Those that need no receipt, are the caller's own, were
   * not for him or were sent before he came are passed over. Does not move the read mark. Idempotent.
   */
  'receipt.send': defineCommand({ request: Type.Object(someMessages), reply: Type.Object({}) }),
  /** How many have sent receipts; for the caller's own messages that asked for them, others are absent. */
  'receipt.counts': defineCommand({
    request: Type.Object(someMessages),
    reply: Type.Object({ counts: Type.Array(ReceiptCountSchema) }),
  }),
  /** Who has sent a receipt for a message of the caller's, or who has not; in an order of ours. */
  'receipt.readers': defineCommand({
    request: Type.Object({
      conversationId: ConversationIdSchema,
      seq: NumberFrom1,
      filter: Type.Union([Type.Literal('read'), Type.Literal('unread')]),
      /** From the last page's `next`. */
      after: Type.Optional(Type.String({ maxLength: 64 })),
      limit: Type.Integer({ minimum: 1, maximum: LIMITS.readersPage }),
    }),
    reply: Type.Object({ userIds: Type.Array(UserIdSchema), next: Type.Optional(Type.String()) }),
  }),
}
