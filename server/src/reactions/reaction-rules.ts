import { LIMITS, Refused } from '@hongyan/protocol'

/** The reactions on a message, as one who reacts finds them. */
export interface ReactionsFound {
  /** Kinds that are on the message. */
  readonly kinds: number
  /** Users who have reacted like this. */
  readonly users: number
  readonly isMine: boolean
}

/** Refuses ALREADY_REACTED, TOO_MANY_REACTIONS and TOO_MANY_REACTING. */
export function assertMayReact({ kinds, users, isMine }: ReactionsFound): void {
  if (isMine) throw new Refused('ALREADY_REACTED')
  if (users === 0 && kinds >= LIMITS.reactionKinds) throw new Refused('TOO_MANY_REACTIONS')
  if (users >= LIMITS.reactionUsers) throw new Refused('TOO_MANY_REACTING')
}

/** Refuses NO_SUCH_REACTION and NOT_REACTED. */
export function assertHasReacted({ users, isMine }: ReactionsFound): void {
  if (users === 0) throw new Refused('NO_SUCH_REACTION')
  if (!isMine) throw new Refused('NOT_REACTED')
}

/** Whether this refusal says that the reaction is there, or is gone, as it should be. */
export function isAsWished(err: unknown, isAdded: boolean): boolean {
  if (!(err instanceof Refused)) return false
  return isAdded ? err.code === 'ALREADY_REACTED' : err.code === 'NOT_REACTED' || err.code === 'NO_SUCH_REACTION'
}
