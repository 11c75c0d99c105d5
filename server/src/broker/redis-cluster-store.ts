import type { Clock } from '../kit/clock.ts'
import { Outage } from '../kit/outage.ts'
import type { Random } from '../kit/random.ts'
import { urlAt, type ClusterMap } from './cluster-map.ts'
import { ClusterWatch } from './redis-cluster-watch.ts'
import { slotOf } from './key-slot.ts'
import { RedisLink } from './redis-link.ts'

export interface RedisClusterStoreOptions {
  /** Servers to begin with; one that answers is enough. */
  readonly urls: readonly [string, ...string[]]
  /** What `CLIENT LIST` shows for the connections. */
  readonly name: string
  readonly commandTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly clock: Clock
  readonly random: Random
  readonly onFault: (err: unknown) => void
}

/** Keys in a Redis Cluster: a link to each master, with the guarantees of one, and each command over the right one. */
export class RedisClusterStore {
  readonly #options: RedisClusterStoreOptions
  readonly #watch: ClusterWatch
  readonly #links = new Map<string, RedisLink>()
  #owners: ClusterMap['owners'] = []
  #onUp: () => void = () => {}

  constructor(options: RedisClusterStoreOptions) {
    this.#options = options
    this.#watch = new ClusterWatch({ ...options, onMap: (map) => this.#follow(map) })
  }

  /** True when a part of the keys can be reached. */
  isUp(): boolean {
    return [...this.#links.values()].some((link) => link.isUp())
  }

  /** Calls `run` each time a connection is made and when keys have another server. */
  onUp(run: () => void): void {
    this.#onUp = run
  }

  /** The place of a key: keys of one command must have the same. */
  placeOf(key: string): number {
    return slotOf(key)
  }

  /** Runs a script where its keys are. Rejects at once when nobody is known to have them, else as a link does. */
  async evaluate(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const owner = this.#owners[slotOf(keys[0] ?? '')]
    const link = owner === undefined ? undefined : this.#links.get(owner)
    if (!link) throw new Outage('no server of the cluster is known to have the key')
    return link.evaluate(script, keys, args)
  }

  /** Ends all connections. Never throws, waits for nobody. */
  end(): void {
    this.#watch.stop()
    for (const link of this.#links.values()) link.end()
    this.#links.clear()
    this.#owners = []
  }

  #follow({ owners }: ClusterMap): void {
    const isChanged = owners.some((owner, slot) => owner !== this.#owners[slot])
    if (!isChanged) return
    this.#owners = owners
    const addresses = new Set(owners)
    for (const [address, link] of this.#links) {
      if (addresses.has(address)) continue
      link.end()
      this.#links.delete(address)
    }
    for (const address of addresses) {
      if (address !== undefined && !this.#links.has(address)) this.#links.set(address, this.#open(address))
    }
    this.#onUp()
  }

  #open(address: string): RedisLink {
    const link = new RedisLink({
      ...this.#options,
      url: urlAt(this.#options.urls[0], address),
      onMisrouted: () => this.#watch.hint(),
    })
    link.onUp(() => this.#onUp())
    link.redis.on('close', () => this.#watch.hint())
    return link
  }
}
