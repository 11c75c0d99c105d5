import { ADD_AND_READ } from './use-script.ts'
import { MOST_BURSTS, type SharedUse, type Use } from './shared-use.ts'

/** What it needs of a connection to Redis; it owns the one it is given and ends it. */
export interface UseStore {
  isUp(): boolean
  /** Rejects when there is no answer within the deadline of the connection. */
  evaluate(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown>
  end(): void
}

export interface RedisSharedUseOptions {
  /** Its deadline is how long an exchange may take: nobody waits for it, but the next one does. */
  readonly store: UseStore
  /** Keeps applications and tests on one Redis apart. */
  readonly prefix?: string
}

/** Keys of one command lie in one slot of a Redis Cluster; several slots, so that no shard has them all. */
const SLOTS = 8
/** A script holds up everybody else in Redis: below 1 ms for this many. */
const MAX_KEYS_PER_COMMAND = 250

interface Place {
  readonly key: string
  readonly use: Use
  /** Where its level belongs in the answer. */
  readonly index: number
}

/** Levels in Redis. All commands of an exchange leave together: it is one round trip. */
export class RedisSharedUse implements SharedUse {
  readonly #store: UseStore
  readonly #prefix: string
  #isClosed = false

  constructor({ store, prefix = 'hongyan:' }: RedisSharedUseOptions) {
    this.#store = store
    this.#prefix = prefix
  }

  async exchange(uses: readonly Use[]): Promise<readonly number[] | undefined> {
    if (this.#isClosed || !this.#store.isUp()) return undefined
    const levels = uses.map(() => 0)
    const pages = this.#pagesOf(uses)
    const isTold = await Promise.all(pages.map((page) => this.#exchangePage(page, levels)))
    return isTold.includes(false) ? undefined : levels
  }

  close(): Promise<void> {
    if (!this.#isClosed) this.#store.end()
    this.#isClosed = true
    return Promise.resolve()
  }

  async #exchangePage(page: readonly Place[], levels: number[]): Promise<boolean> {
    const keys = page.map(({ key }) => key)
    const args = page.flatMap(({ use }) => [use.perSecond, use.burst * MOST_BURSTS, use.used].map(String))
    try {
      const answer = await this.#store.evaluate(ADD_AND_READ, keys, args)
      if (!Array.isArray(answer)) return false
      for (const [at, { index }] of page.entries()) levels[index] = levelOf(answer[at])
      return true
    } catch {
      // Told by the store.
      return false
    }
  }

  #pagesOf(uses: readonly Use[]): readonly (readonly Place[])[] {
    const slots = Array.from({ length: SLOTS }, (): Place[] => [])
    for (const [index, use] of uses.entries()) {
      const slot = slotOf(use.key)
      // The braces say which part of the key decides its slot in a cluster: the first ones, so no user's name can.
      slots[slot]?.push({ key: `${this.#prefix}use:{${slot}}:${use.key}`, use, index })
    }
    return slots.flatMap((places) => [...slicesOf(places)])
  }
}

function levelOf(text: unknown): number {
  const level = Number(text)
  return Number.isFinite(level) ? level : 0
}

/** The same on every node. */
function slotOf(key: string): number {
  let sum = 0
  for (let i = 0; i < key.length; i++) sum = (sum * 31 + key.charCodeAt(i)) >>> 0
  return sum % SLOTS
}

function* slicesOf<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += MAX_KEYS_PER_COMMAND) yield list.slice(at, at + MAX_KEYS_PER_COMMAND)
}
