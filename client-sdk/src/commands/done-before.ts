import type { ErrorName, ReplyOf, RequestOf } from '@hongyan/protocol'
import type { AskedCommand } from '../core/client-api.ts'
import type { Failure } from '../core/failure.ts'

/** Refusals that say of a wish: it is so already. And the answer that was lost, as far as it can still be told. */
interface Granted<Name extends AskedCommand> {
  readonly refusals: readonly ErrorName[]
  readonly reply: (body: RequestOf<Name>) => ReplyOf<Name>
}

const nothing = (): Record<string, never> => ({})
const keysOf = ({ keys }: { readonly keys: readonly string[] }): { keys: string[] } => ({ keys: [...keys] })

/**
 * Commands that refuse what is done already. All others answer again what they answered first. `group.decide` is not among
 * these: that an application is decided does not say by whom, nor how.
 */
const GRANTED: { readonly [Name in AskedCommand]?: Granted<Name> } = {
  'reaction.add': { refusals: ['ALREADY_REACTED'], reply: nothing },
  'reaction.remove': { refusals: ['NOT_REACTED', 'NO_SUCH_REACTION'], reply: nothing },
  // Which keys were there cannot be told any more: those that were named.
  'extension.delete': { refusals: ['NO_SUCH_EXTENSION'], reply: keysOf },
  'group.deleteAttributes': { refusals: ['NO_SUCH_ATTRIBUTE'], reply: keysOf },
  'group.pinMessage': { refusals: ['ALREADY_PINNED', 'NOT_PINNED'], reply: nothing },
  // Left, or dismissed, and gone since.
  'group.quit': { refusals: ['NO_SUCH_GROUP'], reply: nothing },
  'group.dismiss': { refusals: ['NO_SUCH_GROUP'], reply: nothing },
}

/**
 * What a refusal means for a request that was sent more than once: the reply where an earlier sending was carried out and
 * only its answer was lost; undefined where the refusal stands.
 */
export function replyIfDone<Name extends AskedCommand>(
  command: Name,
  body: RequestOf<Name>,
  refusal: Failure,
): ReplyOf<Name> | undefined {
  const granted: Granted<Name> | undefined = GRANTED[command]
  return granted?.refusals.some((name) => name === refusal) === true ? granted.reply(body) : undefined
}
