import Type from 'typebox'
import { defineCommand } from '../command.ts'
import { ConversationStateSchema } from '../conversation.ts'
import { EntrySchema } from '../entry.ts'
import { LIMITS } from '../limits.ts'
import { ConversationIdSchema, NumberFrom0, NumberFrom1, TimelineIdSchema } from '../scalars.ts'

export const syncCommands = {
  /**
   * The state of the user's conversations, the youngest conversation first, with the offsets it is true for. From its
   * reply on the session follows the user's timeline and those of the conversations in it. With `conversationIds`: only
   * of these. A client takes `userOffset` as its cursor of the user's timeline only when it has none: on later pages it
   * follows that timeline already, and what lies between concerns the pages before.
   */
  'sync.snapshot': defineCommand({
    request: Type.Object({
      /** From the last page's `next`. */
      after: Type.Optional(Type.String({ maxLength: 64 })),
      conversationIds: Type.Optional(
        Type.Array(ConversationIdSchema, { minItems: 1, maxItems: LIMITS.conversationsPerRequest }),
      ),
    }),
    reply: Type.Object({
      epoch: Type.String(),
      /** The last entry of the user's timeline that this page contains. */
      userOffset: NumberFrom0,
      conversations: Type.Array(ConversationStateSchema),
      /** Present when there are more pages. */
      next: Type.Optional(Type.String()),
    }),
  }),
  /**
   * Goes on from cursors after a lost connection: everything missed is pushed before the reply, and the session follows
   * these timelines from then on. May be sent several times with a part of the cursors each; the user's own timeline
   * must be in the last one, because it tells of conversations the client does not know.
   */
  'sync.resume': defineCommand({
    request: Type.Object({
      epoch: Type.String({ maxLength: 64 }),
      cursors: Type.Array(Type.Object({ timeline: TimelineIdSchema, offset: NumberFrom0 }), {
        minItems: 1,
        maxItems: LIMITS.cursorsPerResume,
      }),
    }),
    reply: Type.Object({
      /** Too far behind: drop what you have of them and take their snapshot; of everything when the user's own timeline is among them. */
      resets: Type.Array(TimelineIdSchema),
      /** No longer the user's: drop them. */
      gone: Type.Array(TimelineIdSchema),
    }),
  }),
  /** The entries after a cursor, to close a gap ([PUSH-3]). */
  'sync.pull': defineCommand({
    request: Type.Object({
      timeline: TimelineIdSchema,
      after: NumberFrom0,
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.entriesPerPage })),
    }),
    reply: Type.Object({
      entries: Type.Array(Type.Object({ offset: NumberFrom1, entry: EntrySchema })),
      more: Type.Boolean(),
    }),
  }),
}
