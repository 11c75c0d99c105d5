import Type from 'typebox'
import { defineCommand } from '../command.ts'
import { LIMITS } from '../limits.ts'
import { ConversationIdSchema, NumberFrom1 } from '../scalars.ts'

const onMessage = { conversationId: ConversationIdSchema, seq: NumberFrom1 }
const Keys = Type.Array(Type.String({ minLength: 1 }), { maxItems: LIMITS.extensionsPerRequest })
const Extensions = Type.Array(Type.Object({ key: Type.String({ minLength: 1 }), value: Type.String() }), {
  minItems: 1,
  maxItems: LIMITS.extensionsPerRequest,
})
const All = Type.Array(Type.Object({ key: Type.String(), value: Type.String() }))

/** Key-value extensions: small data that anybody in the conversation may put on a message that allows it. */
export const extensionCommands = {
  /** Sets these; the last writer of a key wins. Refused NOT_EXTENSIBLE, TOO_MANY_EXTENSIONS. */
  'extension.set': defineCommand({
    request: Type.Object({ ...onMessage, extensions: Extensions }),
    reply: Type.Object({}),
  }),
  'extension.list': defineCommand({ request: Type.Object(onMessage), reply: Type.Object({ extensions: All }) }),
  /** Deletes these keys, or all when none is named. Refused NO_SUCH_EXTENSION when none of them is there. */
  'extension.delete': defineCommand({
    request: Type.Object({ ...onMessage, keys: Keys }),
    reply: Type.Object({ keys: Type.Array(Type.String()) }),
  }),
}
