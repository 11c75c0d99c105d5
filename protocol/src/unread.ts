import type { Seq } from './ids.ts'

/** Where counting starts for a member: after his last read mark, or after what he cleared or removed. */
export interface UnreadBase {
  readonly seq: Seq
  /** Countable messages of the conversation up to `seq`. */
  readonly countable: number
  /** Of these, the member's own. */
  readonly own: number
}

/** What the unread number is derived from (Decision E). Absolute numbers only, so applying twice or late changes nothing. */
export interface UnreadParts {
  /** Countable messages of the conversation so far. */
  readonly countable: number
  /** Of these, the member's own. */
  readonly own: number
  readonly base: UnreadBase
  /** Countable messages of others after the base that were revoked, or deleted by the member. */
  readonly uncounted: readonly Seq[]
}

/** Messages that wait for the member: countable, from others, after the base, neither revoked nor deleted. */
export function unreadOf(parts: UnreadParts): number {
  const sinceBase = parts.countable - parts.base.countable
  const ownSinceBase = parts.own - parts.base.own
  return sinceBase - ownSinceBase - parts.uncounted.length
}
