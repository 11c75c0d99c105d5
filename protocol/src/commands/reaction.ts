import Type from 'typebox'
import { defineCommand } from '../command.ts'
import { PersonSchema } from '../group-element.ts'
import { LIMITS } from '../limits.ts'
import { ConversationIdSchema, NumberFrom0, NumberFrom1 } from '../scalars.ts'

const ReactionIdSchema = Type.String({ minLength: 1, maxLength: LIMITS.reactionIdChars })
const onMessage = { conversationId: ConversationIdSchema, seq: NumberFrom1, reactionId: ReactionIdSchema }

export const reactionCommands = {
  /** Puts the caller's reaction on a message. Refused ALREADY_REACTED, TOO_MANY_REACTIONS, TOO_MANY_REACTING. */
  'reaction.add': defineCommand({ request: Type.Object(onMessage), reply: Type.Object({}) }),
  /** Takes it back. Refused NO_SUCH_REACTION, NOT_REACTED. */
  'reaction.remove': defineCommand({ request: Type.Object(onMessage), reply: Type.Object({}) }),
  /** The reactions of messages, with the first users of each; messages without any are absent. */
  'reaction.list': defineCommand({
    request: Type.Object({
      conversationId: ConversationIdSchema,
      seqs: Type.Array(NumberFrom1, { minItems: 1, maxItems: LIMITS.historyPage }),
      usersPerReaction: Type.Integer({ minimum: 0, maximum: LIMITS.reactionUsers }),
    }),
    reply: Type.Object({
      messages: Type.Array(
        Type.Object({
          seq: NumberFrom1,
          reactions: Type.Array(
            Type.Object({
              reactionId: Type.String(),
              total: NumberFrom0,
              users: Type.Array(PersonSchema),
              isMine: Type.Boolean(),
            }),
          ),
        }),
      ),
    }),
  }),
  /** Everybody who has a reaction on a message, oldest first. */
  'reaction.users': defineCommand({
    request: Type.Object({
      ...onMessage,
      after: Type.Optional(Type.String({ maxLength: 64 })),
      limit: Type.Integer({ minimum: 1, maximum: LIMITS.reactionUsers }),
    }),
    reply: Type.Object({ users: Type.Array(PersonSchema), next: Type.Optional(Type.String()) }),
  }),
}
