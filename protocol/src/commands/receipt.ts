import Type from 'typebox'
import { defineCommand } from '../command.ts'
import { ConversationIdSchema, NumberFrom0, NumberFrom1 } from '../scalars.ts'

export const receiptCommands = {
  /** "I have read up to here". Only ever upward, never beyond the last message; idempotent. */
  'receipt.read': defineCommand({
    request: Type.Object({ conversationId: ConversationIdSchema, seq: NumberFrom1 }),
    reply: Type.Object({ readSeq: NumberFrom0 }),
  }),
}
