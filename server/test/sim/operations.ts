import { Chance } from './chance.ts'
import type { GroupOperationKind } from './group-operations.ts'

/** What may happen in a world. All numbers are whole and mean something relative, so that any operation can be left out. */
export interface Operation {
  readonly kind: OperationKind
  /** Which device, node or conversation, counted round. */
  readonly who: number
  readonly to: number
  readonly n: number
  /** What passes until the next operation. */
  readonly waitMs: number
}

/**
 * `calm`: people do things, connections come and go, nothing else fails, and everything must be prompt.
 * `faulty`: everything may fail but the store's memory. `rewind`: that too.
 */
export type Profile = 'calm' | 'faulty' | 'rewind'

const PEOPLE = {
  send: 30,
  again: 1,
  retrySame: 3,
  duplicateFrame: 2,
  read: 9,
  readUpTo: 4,
  revoke: 5,
  delete: 3,
  clear: 1,
  hide: 2,
  pin: 3,
  look: 1,
  history: 1,
  rival: 2,
  logout: 1,
  login: 2,
  modify: 5,
  receipt: 2,
  remind: 1,
  pull: 3,
} as const

const GROUPS = {
  found: 2,
  invite: 5,
  kick: 5,
  join: 5,
  quit: 3,
  mute: 1,
  muteAll: 1,
  rename: 2,
  setRole: 1,
  transfer: 1,
  card: 1,
  dismiss: 1,
  swap: 4,
} as const satisfies Record<GroupOperationKind, number>

const CONNECTIONS = { cut: 4, finish: 2, crash: 1, wake: 1 } as const

const FAULTS = {
  dark: 2,
  sleep: 2,
  slow: 2,
  killNode: 2,
  busDown: 1,
  busFaults: 2,
  busSlow: 1,
  dbStall: 1,
  dbRestart: 1,
  dbAmbiguous: 2,
  skew: 2,
  skewStore: 1,
} as const

const REWINDS = { backUp: 3, rewind: 2 } as const

export type OperationKind =
  keyof typeof PEOPLE | GroupOperationKind | keyof typeof CONNECTIONS | keyof typeof FAULTS | keyof typeof REWINDS

const WEIGHTS: Readonly<Record<Profile, readonly (readonly [OperationKind, number])[]>> = {
  calm: weights({ ...PEOPLE, ...GROUPS, ...CONNECTIONS }),
  faulty: weights({ ...PEOPLE, ...GROUPS, ...CONNECTIONS, ...FAULTS }),
  rewind: weights({ ...PEOPLE, ...GROUPS, ...CONNECTIONS, ...FAULTS, ...REWINDS }),
}

function weights(byKind: Partial<Record<OperationKind, number>>): readonly (readonly [OperationKind, number])[] {
  return Object.entries(byKind) as [OperationKind, number][]
}

/** A run as the generator makes it: everything follows from it and nothing else. */
export interface Plan {
  readonly seed: number
  readonly profile: Profile
  readonly users: number
  readonly devicesEach: number
  readonly nodes: number
  readonly latencyMs: number
  readonly operations: readonly Operation[]
}

/** The plan of a seed. */
export function planOf(seed: number, length: 'short' | 'deep' | number, profile?: Profile): Plan {
  const chance = new Chance(seed)
  const kind = profile ?? chance.pick(['calm', 'faulty', 'faulty', 'rewind'] as const)
  const count =
    typeof length === 'number' ? length : length === 'short' ? chance.between(5, 60) : chance.between(400, 700)
  return {
    seed,
    profile: kind,
    users: chance.between(2, 4),
    devicesEach: chance.between(1, 3),
    nodes: chance.between(1, 3),
    latencyMs: chance.pick([2, 10, 40] as const),
    operations: [...beginning(chance), ...Array.from({ length: count }, () => operation(chance, kind))],
  }
}

/** Mostly there is a group from the beginning, so that short runs have one, too. */
function beginning(chance: Chance): readonly Operation[] {
  if (!chance.hits(800)) return []
  const place = { who: chance.below(60), to: chance.below(60), n: chance.below(1000) }
  return [{ kind: 'found', ...place, waitMs: chance.pick([0, 50, 1_000] as const) }]
}

function operation(chance: Chance, profile: Profile): Operation {
  return {
    kind: weighted(chance, WEIGHTS[profile]),
    who: chance.below(60),
    to: chance.below(60),
    n: chance.below(1000),
    waitMs: wait(chance),
  }
}

function weighted<Kind>(chance: Chance, kinds: readonly (readonly [Kind, number])[]): Kind {
  let left = chance.below(kinds.reduce((sum, [, weight]) => sum + weight, 0))
  for (const [kind, weight] of kinds) {
    left -= weight
    if (left < 0) return kind
  }
  throw new RangeError('nothing to pick from')
}

/** Mostly at once or soon, so that things overlap; now and then long enough for deadlines and heartbeats. */
function wait(chance: Chance): number {
  const sort = chance.below(100)
  if (sort < 40) return chance.below(4)
  if (sort < 80) return chance.below(60)
  if (sort < 94) return chance.below(1_500)
  return sort < 99 ? chance.below(6_000) : chance.below(40_000)
}
