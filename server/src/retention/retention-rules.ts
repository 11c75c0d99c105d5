import type { GroupType } from '@hongyan/protocol'

/** Sorts of conversations for which the settings may say how long they are kept. */
export type KeptSort = 'c2c' | 'system' | GroupType

/** For how many days messages are kept; 0 for ever. */
export interface RetentionPolicy {
  readonly days: number
  /** Where it is not what `days` says. */
  readonly daysOf: ReadonlyMap<KeptSort, number>
}

/** What one conversation's own rule says; nothing for what is as the settings say. */
export interface OwnRule {
  /** Null leaves it to the settings. */
  readonly days: number | null
  readonly heldBecause: string | null
}

const DAY_MS = 86_400_000

/** True when nothing is ever removed by the settings alone; single conversations may have rules of their own. */
export function keepsAll({ days, daysOf }: RetentionPolicy): boolean {
  return days === 0 && [...daysOf.values()].every((some) => some === 0)
}

/**
 * Messages sent before this time are to go; undefined when none is. A hold comes before everything, then the conversation's
 * own rule, then that of its sort.
 */
export function expiryMs(
  sort: KeptSort,
  own: OwnRule | undefined,
  policy: RetentionPolicy,
  nowMs: number,
): number | undefined {
  if (own && own.heldBecause !== null) return undefined
  const days = own?.days ?? policy.daysOf.get(sort) ?? policy.days
  return days === 0 ? undefined : nowMs - days * DAY_MS
}
