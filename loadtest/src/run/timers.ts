import { Heap } from '../plan/heap.ts'

/** Milliseconds since the epoch, with fractions; the same on all processes of a machine. */
export type Clock = () => number

/** Grows evenly within a process, and agrees between processes of a machine. */
export const wallClock: Clock = () => performance.timeOrigin + performance.now()

/** What is to be done later: one heap for a whole process, since a timer for each of ten thousand clients costs more. */
export class Timers {
  readonly #alarms = new Heap<() => void>()

  at(atMs: number, run: () => void): void {
    this.#alarms.push(atMs, run)
  }

  /** When the next is due; undefined when nothing is set. */
  get nextMs(): number | undefined {
    return this.#alarms.nextMs
  }

  /** Runs what is due, in the order of time. */
  runDue(nowMs: number): void {
    for (let nextMs = this.nextMs; nextMs !== undefined && nextMs <= nowMs; nextMs = this.nextMs) this.#alarms.pop()?.()
  }
}
