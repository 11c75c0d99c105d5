import { BUCKETS, type ChannelNames } from './channel-names.ts'
import type { ClusterMap } from './cluster-map.ts'
import { urlAt } from './cluster-map.ts'
import { ClusterWatch, type ClusterWatchOptions } from './redis-cluster-watch.ts'
import type { Hold } from './hold.ts'
import { slotOf } from './key-slot.ts'
import { RedisShard, type ShardOptions } from './redis-shard.ts'

/** Which server a bucket's channels are on. */
export interface ShardLayout {
  /** Undefined while nobody is known to serve the bucket. */
  shardOf(bucket: number): RedisShard | undefined
  shards(): Iterable<RedisShard>
  /** Subscribes at the server of the bucket, now or as soon as one is known, and moves with the bucket. */
  add(hold: Hold): void
  remove(hold: Hold): void
  /** Counts as lost what comes through this channel until it is confirmed. */
  doubt(hold: Hold): void
  /** True when every bucket's server is known and connected. */
  isUp(): boolean
  /** Ends all connections at once. */
  close(): void
}

/** One server has all. */
export class SingleLayout implements ShardLayout {
  readonly #shard: RedisShard

  constructor(url: string, names: ChannelNames, options: ShardOptions) {
    this.#shard = new RedisShard(url, names.ofNode(options.nodeId, 0), options)
  }

  shardOf(): RedisShard {
    return this.#shard
  }

  shards(): Iterable<RedisShard> {
    return [this.#shard]
  }

  add(hold: Hold): void {
    this.#shard.subscriber.add(hold)
  }

  remove(hold: Hold): void {
    this.#shard.subscriber.remove(hold)
  }

  doubt(hold: Hold): void {
    this.#shard.subscriber.doubt(hold)
  }

  isUp(): boolean {
    return this.#shard.isUp()
  }

  close(): void {
    this.#shard.close()
  }
}

/** The buckets are spread over the masters of a cluster by their slots, and follow them when they move. */
export class ClusterLayout implements ShardLayout {
  readonly #urls: readonly [string, ...string[]]
  readonly #names: ChannelNames
  readonly #options: ShardOptions
  readonly #watch: ClusterWatch
  readonly #slots: readonly number[]
  readonly #shards = new Map<string, RedisShard>()
  /** By bucket, the address of its server. */
  #owners: readonly (string | undefined)[] = []
  /** Those of buckets that nobody serves. */
  readonly #homeless = new Set<Hold>()

  constructor(urls: readonly [string, ...string[]], names: ChannelNames, options: ShardOptions) {
    this.#urls = urls
    this.#names = names
    this.#options = { ...options, onMisrouted: () => this.#watch.hint() }
    this.#slots = Array.from({ length: BUCKETS }, (_, bucket) => slotOf(names.ofBucket(bucket)))
    const watching: ClusterWatchOptions = { ...options, urls, onMap: (map) => this.#follow(map) }
    this.#watch = new ClusterWatch(watching)
  }

  shardOf(bucket: number): RedisShard | undefined {
    const owner = this.#owners[bucket]
    return owner === undefined ? undefined : this.#shards.get(owner)
  }

  shards(): Iterable<RedisShard> {
    return this.#shards.values()
  }

  add(hold: Hold): void {
    const shard = this.shardOf(hold.bucket)
    if (shard) shard.subscriber.add(hold)
    else this.#homeless.add(hold)
  }

  remove(hold: Hold): void {
    this.#homeless.delete(hold)
    this.shardOf(hold.bucket)?.subscriber.remove(hold)
  }

  doubt(hold: Hold): void {
    if (this.#homeless.has(hold)) hold.isStanding = true
    else this.shardOf(hold.bucket)?.subscriber.doubt(hold)
  }

  isUp(): boolean {
    const shards = new Set(this.#slots.map((_, bucket) => this.shardOf(bucket)))
    return [...shards].every((shard) => shard?.isUp() === true)
  }

  close(): void {
    this.#watch.stop()
    this.#homeless.clear()
    for (const shard of this.#shards.values()) shard.close()
    this.#shards.clear()
    this.#owners = []
  }

  #follow({ owners }: ClusterMap): void {
    const before = this.#owners
    const after = this.#slots.map((slot) => owners[slot])
    if (after.some((owner, bucket) => owner !== before[bucket])) this.#move(before, after)
    for (const shard of this.#shards.values()) shard.subscriber.retry()
  }

  #move(before: readonly (string | undefined)[], after: readonly (string | undefined)[]): void {
    const isMoved = (bucket: number): boolean => before[bucket] !== after[bucket]
    const movers = [...this.#shards.values()].flatMap((shard) => shard.subscriber.take(isMoved))
    movers.push(...this.#homeless)
    this.#homeless.clear()
    this.#owners = after
    this.#openAndClose()
    for (const hold of movers) {
      hold.isAsked = false
      hold.isConfirmed = false
      this.add(hold)
    }
  }

  /** A server is connected to while it serves any of the buckets. */
  #openAndClose(): void {
    for (const [address, shard] of this.#shards) {
      if (this.#owners.includes(address)) continue
      shard.close()
      this.#shards.delete(address)
    }
    for (const address of new Set(this.#owners)) {
      if (address === undefined) continue
      const shard = this.#shards.get(address)
      const ownChannel = this.#ownChannelAt(address, shard?.ownChannel)
      if (!shard) this.#shards.set(address, new RedisShard(urlAt(this.#urls[0], address), ownChannel, this.#options))
      else if (shard.ownChannel !== ownChannel) shard.useOwnChannel(ownChannel)
    }
  }

  /** A channel that the server serves; the one it has, if it still does. */
  #ownChannelAt(address: string, current: string | undefined): string {
    const channelIn = (bucket: number): string => this.#names.ofNode(this.#options.nodeId, bucket)
    const isKept = this.#owners.some((owner, bucket) => owner === address && channelIn(bucket) === current)
    return isKept && current !== undefined ? current : channelIn(this.#owners.indexOf(address))
  }
}
