import type { Clock } from '../../src/kit/clock.ts'

interface Due {
  readonly atMs: number
  readonly order: number
  run: (() => void) | undefined
}

export const STARTED_AT_MS = 1_761_000_000_000

/**
 * The one clock and scheduler of a world. Time passes only when nothing is left to do in the present; what is due at the
 * same moment runs in the order in which it was asked for, and after each step all promises settle. So a run depends on
 * its seed alone.
 */
export class VirtualTime {
  #nowMs = 0
  #asked = 0
  /** A binary heap, the earliest first. */
  readonly #heap: Due[] = []
  steps = 0

  get nowMs(): number {
    return this.#nowMs
  }

  /** Runs `run` after `delayMs`, unless the returned function is called first. */
  after(delayMs: number, run: () => void): () => void {
    const due: Due = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#asked++, run }
    this.#push(due)
    return () => {
      due.run = undefined
    }
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve))
  }

  /** Lets time pass with all that is due in it. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    await settle()
    for (let next = this.#heap[0]; next && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#pop()
      const { run } = next
      if (run === undefined) continue
      this.#nowMs = next.atMs
      this.steps++
      run()
      await settle()
    }
    this.#nowMs = untilMs
  }

  /** A clock on this time whose wall may stand wrong and whose alarms ring only while its owner lives. */
  clockOf(owner: { skewMs: number; readonly isAlive: boolean }): Clock {
    return {
      now: () => Math.floor(STARTED_AT_MS + this.#nowMs + owner.skewMs),
      monotonicMs: () => this.#nowMs,
      after: (delayMs, run) =>
        this.after(delayMs, () => {
          if (owner.isAlive) run()
        }),
    }
  }

  #push(due: Due): void {
    const heap = this.#heap
    let at = heap.push(due) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Due
      if (isBefore(above, due)) break
      heap[at] = above
      at = parent
    }
    heap[at] = due
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child++
      const below = heap[child] as Due
      if (isBefore(last, below)) break
      heap[at] = below
      at = child
    }
    heap[at] = last
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}

/** Resolves when every promise has settled that can without time passing. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
