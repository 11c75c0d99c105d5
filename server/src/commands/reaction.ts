import type { ReactionsService } from '../reactions/reactions-service.ts'
import type { FamilyHandlers } from './handler.ts'

export function reactionHandlers(reactions: ReactionsService): FamilyHandlers<'reaction'> {
  return {
    'reaction.add': async (caller, body) => {
      await reactions.add(caller, body)
      return {}
    },
    'reaction.remove': async (caller, body) => {
      await reactions.remove(caller, body)
      return {}
    },
    'reaction.list': (caller, body) => reactions.list(caller, body),
    'reaction.users': (caller, body) => reactions.users(caller, body),
  }
}
