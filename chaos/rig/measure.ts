import type { Counts } from '../load/tally.ts'
import type { Latency } from '../record/lines.ts'

/** Sums over all workers. */
export interface Totals {
  acked: number
  asked: number
  retried: number
  refusals: number
  losses: number
  dials: number
  slow: number
  late: number
}

const MAX_SAMPLES = 200_000

/** The rig's numbers: totals since the beginning, latencies since they were taken last. */
export class Measure {
  readonly totals: Totals = { acked: 0, asked: 0, retried: 0, refusals: 0, losses: 0, dials: 0, slow: 0, late: 0 }
  /** The longest that anybody has waited for an answer since the latencies were taken. */
  maxAckMs = 0
  /** By worker, what it said last. */
  readonly #said = new Map<number, Counts>()
  #acked = 0
  #ackMs: number[] = []
  #deliveryMs: number[] = []

  add(worker: number, counts: Counts): void {
    this.#said.set(worker, counts)
    for (const name of Object.keys(this.totals) as (keyof Totals)[]) this.totals[name] += counts[name]
    this.#acked += counts.acked
    this.maxAckMs = Math.max(this.maxAckMs, ...counts.ackMs)
    if (this.#ackMs.length < MAX_SAMPLES) this.#ackMs.push(...counts.ackMs)
    if (this.#deliveryMs.length < MAX_SAMPLES) this.#deliveryMs.push(...counts.deliveryMs)
  }

  /** How long the oldest send had been without an answer when its worker spoke last. */
  get oldestMs(): number {
    const waits = [...this.#said.values()].map(({ takenAtMs, oldestAtMs = takenAtMs }) => takenAtMs - oldestAtMs)
    return Math.max(0, ...waits)
  }

  /** Whether whatever was asked for up to this time, ms since 1970, has its answer, by what every worker has said since. */
  isAnsweredUpTo(atMs: number): boolean {
    return [...this.#said.values()].every(({ takenAtMs, oldestAtMs = takenAtMs }) => oldestAtMs > atMs)
  }

  /** What felt a fault: answers and news that were late, connections lost, requests refused. */
  get felt(): number {
    const { refusals, losses, slow, late, retried } = this.totals
    return refusals + losses + slow + late + retried
  }

  takeLatency(): Latency {
    const ack = this.#ackMs.sort((a, b) => a - b)
    const delivery = this.#deliveryMs.sort((a, b) => a - b)
    const latency = {
      acked: this.#acked,
      p50Ms: percentile(ack, 0.5),
      p99Ms: percentile(ack, 0.99),
      maxMs: ack.at(-1) ?? 0,
      deliveryP99Ms: percentile(delivery, 0.99),
    }
    this.#acked = 0
    this.maxAckMs = 0
    this.#ackMs = []
    this.#deliveryMs = []
    return latency
  }
}

/** Of sorted numbers; 0 of none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
