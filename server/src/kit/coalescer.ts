import type { Clock } from './clock.ts'

export interface CoalescerOptions<Key, Value> {
  /** What makes two keys the same question. */
  readonly idOf: (key: Key) => string
  /** Asks for all of them at once; what has no answer is absent. */
  readonly ask: (keys: readonly Key[]) => Promise<ReadonlyMap<string, Value>>
  /** Keys in one asking, unless one caller alone has more. */
  readonly maxKeys: number
  readonly clock: Clock
}

interface Caller<Key, Value> {
  readonly keys: readonly Key[]
  readonly resolve: (answers: ReadonlyMap<string, Value>) => void
  readonly reject: (err: unknown) => void
}

/** Askings on their way at the same time: one takes its time while the next is put together. */
const AT_ONCE = 2
/**
 * Between the beginnings of two askings. Without it a database that answers fast is asked for one after the other: Node
 * accepts one connection a turn, so of a crowd one comes at a time, and each asking costs more than the work in it.
 */
const PACE_MS = 20

/**
 * Puts together what many ask one by one, so that a storm of them costs as many queries as fit one after the other into
 * its time, and not one each. A lone caller is asked for at once; whoever comes shortly after another, or while askings
 * are on their way, goes into the next. An asking always begins after the call it answers. Bounded by its callers: each
 * waits for one.
 */
export class Coalescer<Key, Value> {
  readonly #options: CoalescerOptions<Key, Value>
  #waiting: Caller<Key, Value>[] = []
  #onTheirWay = 0
  #nextAtMs = -Infinity
  #isPausing = false

  constructor(options: CoalescerOptions<Key, Value>) {
    this.#options = options
  }

  /** The answers, with those of others in between. Rejects as the asking did. */
  find(keys: readonly Key[]): Promise<ReadonlyMap<string, Value>> {
    if (keys.length === 0) return Promise.resolve(new Map())
    return new Promise((resolve, reject) => {
      this.#waiting.push({ keys, resolve, reject })
      this.#askWhatMay()
    })
  }

  async one(key: Key): Promise<Value | undefined> {
    return (await this.find([key])).get(this.#options.idOf(key))
  }

  #askWhatMay(): void {
    if (this.#waiting.length === 0 || this.#onTheirWay === AT_ONCE || this.#isPausing) return
    const { clock } = this.#options
    const nowMs = clock.monotonicMs()
    if (nowMs < this.#nextAtMs) return this.#pause(this.#nextAtMs - nowMs)
    this.#nextAtMs = nowMs + PACE_MS
    this.#onTheirWay++
    void this.#ask(this.#next()).finally(() => {
      this.#onTheirWay--
      this.#askWhatMay()
    })
    this.#askWhatMay()
  }

  #pause(delayMs: number): void {
    this.#isPausing = true
    this.#options.clock.after(delayMs, () => {
      this.#isPausing = false
      this.#askWhatMay()
    })
  }

  /** The first callers, as many as fit together; one does always. */
  #next(): readonly Caller<Key, Value>[] {
    let count = 0
    let keys = 0
    for (const caller of this.#waiting) {
      keys += caller.keys.length
      if (count > 0 && keys > this.#options.maxKeys) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  async #ask(callers: readonly Caller<Key, Value>[]): Promise<void> {
    const { idOf, ask } = this.#options
    const keys = new Map(callers.flatMap((caller) => caller.keys.map((key) => [idOf(key), key] as const)))
    try {
      const answers = await ask([...keys.values()])
      for (const { resolve } of callers) resolve(answers)
    } catch (err) {
      for (const { reject } of callers) reject(err)
    }
  }
}
