import { bucketOf } from '../kit/bucket.ts'
import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import { encodeLease, parseLease } from './lease.ts'
import { END, LIST, RENEW } from './lease-scripts.ts'
import type { Presence, PresentSession } from './presence.ts'
import { sessionKey } from './session-key.ts'

/** What presence needs of a connection to Redis; it owns the one it is given and ends it. */
export interface LeaseStore {
  isUp(): boolean
  /** Calls `run` each time the connection is made. */
  onUp(run: () => void): void
  /** Where a key is kept: the keys of one command must have the same place. */
  placeOf(key: string): number
  /** Rejects when there is no answer within the deadline of the connection. */
  evaluate(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown>
  end(): void
}

export interface RedisPresenceOptions {
  /** Its deadline is how long `whereabouts` and `close` may take: about a second. */
  readonly store: LeaseStore
  readonly clock: Clock
  readonly random: Random
  /** Keeps applications and tests on one Redis apart. */
  readonly prefix?: string
  /** How often all leases of this node are renewed. A lease lasts twice as long. */
  readonly renewEveryMs?: number
}

const DEFAULTS = { prefix: 'hongyan:', renewEveryMs: 15_000 }
const TERMS_PER_LEASE = 2
/** A script holds up everybody else in Redis: below 1 ms for this many. */
const MAX_KEYS_PER_COMMAND = 250
/** Users whose leases lie together: in a cluster a question about thousands is at most so many commands. */
const PLACES = 256
/** Beyond this the answer would not come within its deadline; the caller asks about a page of members, not a city. */
const MAX_USERS_ASKED = 10_000

interface Asked {
  readonly userId: string
  readonly key: string
}

interface Lease {
  readonly key: string
  readonly text: string
}

/** Where a user's leases are. */
export function leaseKey(prefix: string, userId: string): string {
  return `${prefix}presence:{${bucketOf(userId, PLACES)}}:${userId}`
}

/** Leases in Redis, under the name of this object: one object is one node. */
export class RedisPresence implements Presence {
  readonly #options: RedisPresenceOptions & typeof DEFAULTS
  readonly #nodeId: string
  readonly #store: LeaseStore
  readonly #held = new Map<string, Lease>()
  /** What arrived or left since the last flush; the last word about a session counts. */
  #changed = new Map<string, { readonly lease: Lease; readonly isHeld: boolean }>()
  #stopRenewal: () => void = () => {}
  #closing: Promise<void> | undefined

  constructor(options: RedisPresenceOptions) {
    this.#options = { ...DEFAULTS, ...options }
    this.#nodeId = options.random.id()
    this.#store = options.store
    // An empty Redis, as after a restart, learns at once who is here.
    this.#store.onUp(() => this.#renew())
    this.#armRenewal()
  }

  arrive(session: PresentSession): void {
    if (this.#closing) return
    const lease = this.#leaseOf(session)
    const name = nameOf(session)
    this.#held.set(name, lease)
    this.#change(name, lease, { isHeld: true })
  }

  leave(session: PresentSession): void {
    const name = nameOf(session)
    const lease = this.#held.get(name)
    if (!lease) return
    this.#held.delete(name)
    this.#change(name, lease, { isHeld: false })
  }

  async whereabouts(userIds: readonly string[]): Promise<ReadonlyMap<string, readonly PresentSession[]>> {
    const found = new Map<string, readonly PresentSession[]>()
    if (!this.#store.isUp()) return found
    const asked = [...new Set(userIds)]
      .slice(0, MAX_USERS_ASKED)
      .map((userId) => ({ userId, key: this.#keyOf(userId) }))
    // All commands leave together, so it is one round trip however many users are asked about.
    const answers = await Promise.all(this.#commandsOf(asked).map((page) => this.#list(page)))
    // Where one server of several does not answer, its users are absent, and the others are not.
    for (const [userId, sessions] of answers.flat()) {
      if (sessions.length > 0) found.set(userId, sessions)
    }
    return found
  }

  /** Ends the leases of this node; takes at most the deadline. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#stopRenewal()
    this.#changed.clear()
    const leases = [...this.#held.values()]
    this.#held.clear()
    await this.#run(END, [], leases)
    this.#store.end()
  }

  #leaseOf(session: PresentSession): Lease {
    return { key: this.#keyOf(session.userId), text: encodeLease(this.#nodeId, session) }
  }

  #keyOf(userId: string): string {
    return leaseKey(this.#options.prefix, userId)
  }

  #change(name: string, lease: Lease, { isHeld }: { readonly isHeld: boolean }): void {
    if (this.#changed.size === 0) setImmediate(() => this.#flush())
    this.#changed.set(name, { lease, isHeld })
  }

  #flush(): void {
    const changes = [...this.#changed.values()]
    this.#changed = new Map()
    const leasesThat = (isHeld: boolean) =>
      changes.filter((change) => change.isHeld === isHeld).map(({ lease }) => lease)
    void this.#run(END, [], leasesThat(false))
    void this.#run(RENEW, [String(this.#termMs())], leasesThat(true))
  }

  #armRenewal(): void {
    this.#stopRenewal = this.#options.clock.after(this.#options.renewEveryMs, () => {
      this.#renew()
      this.#armRenewal()
    })
  }

  #renew(): void {
    void this.#run(RENEW, [String(this.#termMs())], [...this.#held.values()])
  }

  #termMs(): number {
    return this.#options.renewEveryMs * TERMS_PER_LEASE
  }

  /** Never rejects: what Redis did not take is renewed next time, or expires. */
  async #run(script: string, args: readonly string[], leases: readonly Lease[]): Promise<void> {
    if (!this.#store.isUp()) return
    const commands = this.#commandsOf(leases).map((page) => {
      const keys = page.map(({ key }) => key)
      return this.#evaluate(script, keys, [...args, ...page.map(({ text }) => text)])
    })
    await Promise.all(commands)
  }

  async #list(asked: readonly Asked[]): Promise<readonly (readonly [string, readonly PresentSession[]])[]> {
    const answer = await this.#evaluate(
      LIST,
      asked.map(({ key }) => key),
      [],
    )
    if (!Array.isArray(answer)) return []
    return asked.map(({ userId }, i) => {
      const leases: unknown = answer[i]
      const sessions = (Array.isArray(leases) ? leases : []).flatMap((text) => parseLease(userId, text) ?? [])
      return [userId, sessions]
    })
  }

  /** Pages for one command each: their keys are in one place. */
  #commandsOf<T extends { readonly key: string }>(items: readonly T[]): readonly (readonly T[])[] {
    const byPlace = new Map<number, T[]>()
    for (const item of items) {
      const place = this.#store.placeOf(item.key)
      const others = byPlace.get(place)
      if (others) others.push(item)
      else byPlace.set(place, [item])
    }
    return [...byPlace.values()].flatMap((page) => [...slicesOf(page)])
  }

  async #evaluate(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    try {
      return await this.#store.evaluate(script, keys, args)
    } catch {
      // Told by the store. To a question it is "nobody", to a lease "next time".
      return undefined
    }
  }
}

function nameOf(session: PresentSession): string {
  return `${session.userId}\n${sessionKey(session)}`
}

function* slicesOf<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += MAX_KEYS_PER_COMMAND) yield list.slice(at, at + MAX_KEYS_PER_COMMAND)
}
