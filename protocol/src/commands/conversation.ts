import Type from 'typebox'
import { defineCommand } from '../command.ts'
import { ConversationStateSchema } from '../conversation.ts'
import { RemindSchema } from '../group.ts'
import { LIMITS } from '../limits.ts'
import { ConversationIdSchema } from '../scalars.ts'

export const conversationCommands = {
  /** One conversation as the user sees it; also one that has no message yet, if the other user exists. */
  'conversation.get': defineCommand({
    request: Type.Object({ conversationId: ConversationIdSchema }),
    reply: Type.Object({ conversation: ConversationStateSchema }),
  }),
  /** Pins it to the top of the user's list, or no longer. Idempotent. */
  'conversation.pin': defineCommand({
    request: Type.Object({ conversationId: ConversationIdSchema, pinned: Type.Boolean() }),
    reply: Type.Object({}),
  }),
  /** Removes conversations from the user's list until a newer message brings them back. Idempotent. */
  'conversation.hide': defineCommand({
    request: Type.Object({
      conversationIds: Type.Array(ConversationIdSchema, { minItems: 1, maxItems: LIMITS.conversationsPerRequest }),
      /** Empties the user's history of them too. */
      clears: Type.Boolean(),
    }),
    reply: Type.Object({}),
  }),
  /** Empties the user's history of a conversation. Idempotent. */
  'conversation.clear': defineCommand({
    request: Type.Object({ conversationId: ConversationIdSchema }),
    reply: Type.Object({}),
  }),
  /** What the user wants to hear of these conversations. Those he is not in are passed over. Idempotent. */
  'conversation.remind': defineCommand({
    request: Type.Object({
      conversationIds: Type.Array(ConversationIdSchema, { minItems: 1, maxItems: LIMITS.conversationsPerRequest }),
      remind: RemindSchema,
    }),
    reply: Type.Object({ conversationIds: Type.Array(ConversationIdSchema) }),
  }),
}
