import type { Plan } from './operations.ts'

/** A run in which the simulator has found a mistake of ours, made as small as it went. */
export interface FoundPlan {
  readonly name: string
  readonly plan: Plan
}

export const FOUND_PLANS: readonly FoundPlan[] = [
  {
    // The snapshot gave the user's own read mark as the peer's, the entries gave none: two devices believed two things.
    name: 'what the server tells a user has no peer who reads it',
    plan: {
      seed: 9,
      profile: 'calm',
      users: 2,
      devicesEach: 2,
      nodes: 1,
      latencyMs: 40,
      operations: [
        { kind: 'found', who: 7, to: 5, n: 106, waitMs: 0 },
        { kind: 'send', who: 56, to: 51, n: 778, waitMs: 1077 },
        { kind: 'again', who: 57, to: 28, n: 584, waitMs: 0 },
        { kind: 'read', who: 44, to: 39, n: 409, waitMs: 24 },
      ],
    },
  },
  {
    // A revocation wiped the message; what it had been changed to stayed in the log, for whoever caught up later (I6).
    name: 'what a revoked message was changed to is gone, too',
    plan: {
      seed: 565,
      profile: 'faulty',
      users: 2,
      devicesEach: 1,
      nodes: 1,
      latencyMs: 2,
      operations: [
        { kind: 'look', who: 0, to: 1, n: 0, waitMs: 500 },
        { kind: 'send', who: 0, to: 1, n: 0, waitMs: 1_500 },
        { kind: 'dark', who: 1, to: 0, n: 2, waitMs: 100 },
        { kind: 'modify', who: 0, to: 1, n: 6, waitMs: 12_000 },
      ],
    },
  },
]
