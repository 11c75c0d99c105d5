import { Redis } from 'ioredis'
import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import { parseClusterMap, urlAt, type ClusterMap } from './cluster-map.ts'

export interface ClusterWatchOptions {
  /** Servers to begin with; one that answers is enough. */
  readonly urls: readonly [string, ...string[]]
  readonly commandTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly clock: Clock
  readonly random: Random
  /** Hears of each map that was read, changed or not. Must not throw. */
  readonly onMap: (map: ClusterMap) => void
  /** Hears of the first fault of each outage. */
  readonly onFault: (err: unknown) => void
}

const REFRESH_EVERY_MS = 5_000
/** Between looks while something does not fit the map. */
const HASTE_MS = 250
const ASKED_AT_ONCE = 3
const GOODBYE_MS = 200

/** Knows who serves which slot: looks every few seconds, and at once when told that something does not fit. */
export class ClusterWatch {
  readonly #options: ClusterWatchOptions
  #addresses: readonly string[] = []
  #epoch = -1
  #isLooking = false
  #isHinted = false
  #isFaultTold = false
  #isStopped = false
  #disarm: () => void = () => {}

  constructor(options: ClusterWatchOptions) {
    this.#options = options
    void this.#look()
  }

  /** Something does not fit the map: look soon. Any number of hints is one look. */
  hint(): void {
    if (this.#isHinted || this.#isStopped) return
    this.#isHinted = true
    if (!this.#isLooking) this.#arm(HASTE_MS)
  }

  stop(): void {
    this.#isStopped = true
    this.#disarm()
  }

  #arm(delayMs: number): void {
    this.#disarm()
    // Spread, so that the nodes of a cluster do not ask all at once.
    const spreadMs = delayMs * (0.75 + this.#options.random.fraction() / 2)
    this.#disarm = this.#options.clock.after(spreadMs, () => void this.#look())
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    this.#isLooking = true
    this.#isHinted = false
    const map = await this.#readMap()
    this.#isLooking = false
    if (this.#isStopped) return
    if (map) this.#take(map)
    this.#arm(this.#isHinted || !map ? HASTE_MS : REFRESH_EVERY_MS)
  }

  #take(map: ClusterMap): void {
    this.#isFaultTold = false
    this.#epoch = map.epoch
    this.#addresses = map.addresses
    this.#options.onMap(map)
  }

  /**
   * What the first server says that finds itself part of a working cluster. Where none does, the latest view of those
   * that answer, if it is not older than ours: one cut off from the others goes on telling what was true before.
   */
  async #readMap(): Promise<ClusterMap | undefined> {
    const unsound: ClusterMap[] = []
    const faults: unknown[] = []
    for (const urls of slicesOf(this.#candidates())) {
      const asked = urls.map(async (url) => {
        const map = await this.#ask(url).catch((err: unknown) => {
          faults.push(err)
          throw err
        })
        if (map.isSound) return map
        unsound.push(map)
        throw new Error('not sound')
      })
      const sound = await Promise.any(asked).catch(() => undefined)
      if (sound || this.#isStopped) return sound
    }
    const latest = unsound.toSorted((one, other) => other.epoch - one.epoch)[0]
    if (!latest) this.#tell(faults[0])
    return latest && latest.epoch >= this.#epoch ? latest : undefined
  }

  /** Those of the last map in random order, then those we began with. */
  #candidates(): readonly string[] {
    const { urls, random } = this.#options
    const known = this.#addresses.map((address) => ({ url: urlAt(urls[0], address), order: random.fraction() }))
    const shuffled = known.toSorted((one, other) => one.order - other.order).map(({ url }) => url)
    return [...new Set([...shuffled, ...urls])]
  }

  /** Over a connection of its own: those of the servers we use may be the fault. */
  async #ask(url: string): Promise<ClusterMap> {
    const { commandTimeoutMs: commandTimeout, connectTimeoutMs: connectTimeout } = this.#options
    const redis = new Redis(url, {
      connectionName: 'hongyan-watch',
      lazyConnect: true,
      enableReadyCheck: false,
      retryStrategy: null,
      disconnectTimeout: GOODBYE_MS,
      maxRetriesPerRequest: 0,
      commandTimeout,
      connectTimeout,
    })
    let fault: unknown
    redis.on('error', (err) => (fault = err))
    // A handshake that is not answered would be waited for twice: for the answer and for the goodbye.
    const disarm = this.#options.clock.after(connectTimeout + commandTimeout, () => redis.stream?.destroy())
    try {
      await redis.connect()
      const [info, slots] = await Promise.all([redis.call('cluster', 'info'), redis.call('cluster', 'slots')])
      return parseClusterMap(info, slots, new URL(url).hostname)
    } catch (err) {
      throw fault ?? err
    } finally {
      disarm()
      redis.disconnect()
      redis.stream?.destroy()
    }
  }

  #tell(err: unknown): void {
    if (this.#isFaultTold) return
    this.#isFaultTold = true
    this.#options.onFault(err)
  }
}

function* slicesOf<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += ASKED_AT_ONCE) yield list.slice(at, at + ASKED_AT_ONCE)
}
