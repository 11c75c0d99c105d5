import type { ErrorName } from '@hongyan/protocol'

/** What is counted, apart from each other. */
export type LimitName =
  | 'sends of a user'
  | 'sends of a device'
  | 'sends to a group'
  | "a user's sends to a group"
  | 'requests of a user'
  | 'reads of a user'
  | 'refusals of a device'
  | 'openings of a user'
  | 'openings of an address'
  | 'failed openings'
  | 'groups founded by a user'

/** So much on average, and so much at once. */
export interface Limit {
  readonly perSecond: number
  readonly burst: number
  /** What is too much is refused by this name. */
  readonly refusal: ErrorName
}

export type Limits = Readonly<Record<LimitName, Limit>>

/** What an operator decides. */
export interface LimitSettings {
  readonly maxSendsPerSecondPerUser: number
  readonly maxSendsPerSecondPerGroup: number
  readonly maxOpeningsPerSecondPerAddress: number
  readonly maxGroupsFoundedPerHourPerUser: number
}

const HOUR_SECONDS = 3600

/**
 * All limits, each with whom it is fair to: whoever counts under a key of his own takes nothing from others, and where a
 * key is shared (a group, an address) nobody alone can use up what is there.
 */
export function limitsOf(settings: LimitSettings): Limits {
  const { maxSendsPerSecondPerUser: sends, maxSendsPerSecondPerGroup: groupSends } = settings
  const openings = settings.maxOpeningsPerSecondPerAddress
  const founded = settings.maxGroupsFoundedPerHourPerUser
  return {
    'sends of a user': perSecond(sends),
    // One device that has gone wild leaves the other devices of its user room.
    'sends of a device': perSecond(sends / 2),
    'sends to a group': perSecond(groupSends, { refusal: 'TOO_MANY_MESSAGES' }),
    // Four members at once, not one, can fill a group.
    "a user's sends to a group": perSecond(groupSends / 4, { refusal: 'TOO_MANY_MESSAGES' }),
    'requests of a user': perSecond(sends),
    // Pages of history, lists of members, snapshots: a login asks for some dozens at once.
    'reads of a user': perSecond(sends / 4, { seconds: 4 }),
    // Beyond it the device is not read from for a while, instead of being told again and again.
    'refusals of a device': perSecond(50, { seconds: 4 }),
    'openings of a user': perSecond(5, { seconds: 12 }),
    // At eight o'clock a whole school comes from one address, after a loss of power all of a district.
    'openings of an address': perSecond(openings, { seconds: 10 }),
    // By address and user. Only those that fail are counted and only those are refused: see door.ts.
    'failed openings': perSecond(0.5, { seconds: 40 }),
    'groups founded by a user': perSecond(founded / HOUR_SECONDS, { seconds: HOUR_SECONDS }),
  }
}

/** At once as much as in so many seconds on average; twice as much as in one, unless told otherwise. */
function perSecond(
  rate: number,
  { seconds = 2, refusal = 'TOO_MANY_REQUESTS' }: { readonly seconds?: number; readonly refusal?: ErrorName } = {},
): Limit {
  return { perSecond: rate, burst: Math.max(1, rate * seconds), refusal }
}
