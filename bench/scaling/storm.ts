import { Backoff } from '../../client-sdk/src/core/backoff.ts'
import { seededRandom } from '../../loadtest/src/plan/random.ts'
import { Admission } from '../../server/src/gateway/admission.ts'

/** A gateway has died, and its clients come to those that are left. */
export interface Storm {
  readonly clients: number
  /** Those that are left. */
  readonly gateways: number
  /** Of each gateway. */
  readonly openingsPerSecond: number
  /** Of one gateway's core, for each that comes back. */
  readonly resumeMs: number
  readonly seed: number
}

/** From the loss until caught up, ms; sorted. */
export type Returns = readonly number[]

const LONGEST_MS = 600_000

/**
 * Plays a storm through the SDK's own waits and the gateway's own admission, on a clock that jumps: each gateway serves
 * one after the other.
 */
export function playStorm({ clients, gateways, openingsPerSecond, resumeMs, seed }: Storm): Returns {
  const random = seededRandom(seed, 'storm')
  let nowMs = 0
  const clock = { now: () => nowMs, monotonicMs: () => nowMs, after: () => () => {} }
  const limits = { maxConnections: Infinity, maxOpeningPerAddress: Infinity, maxOpeningsPerSecond: openingsPerSecond }
  const doors = Array.from({ length: gateways }, () => ({
    admission: new Admission(limits, { clock, random: { fraction: random, id: () => '' } }),
    busyUntilMs: 0,
  }))
  const dials = new DialsByMs()
  for (let index = 0; index < clients; index++) {
    const backoff = new Backoff(random)
    dials.add(backoff.nextMs(), backoff)
  }
  const returns: number[] = []
  for (nowMs = 0; returns.length < clients; nowMs++) {
    if (nowMs > LONGEST_MS) throw new Error(`${returns.length} of ${clients} came back within ${LONGEST_MS} ms`)
    for (const backoff of dials.take(nowMs)) {
      const door = doors[Math.floor(random() * gateways)]
      if (door === undefined || door.admission.refusal('') !== undefined) {
        dials.add(nowMs + 1 + backoff.nextMs(), backoff)
        continue
      }
      door.busyUntilMs = Math.max(door.busyUntilMs, nowMs) + resumeMs
      returns.push(door.busyUntilMs)
    }
  }
  return returns.sort((a, b) => a - b)
}

/** Who dials when. */
class DialsByMs {
  readonly #dials = new Map<number, Backoff[]>()

  add(atMs: number, backoff: Backoff): void {
    const due = this.#dials.get(atMs)
    if (due) due.push(backoff)
    else this.#dials.set(atMs, [backoff])
  }

  take(atMs: number): readonly Backoff[] {
    const due = this.#dials.get(atMs) ?? []
    this.#dials.delete(atMs)
    return due
  }
}
