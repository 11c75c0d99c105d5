import type { TopicNames } from './channel-names.ts'
import { encodePacket } from './packet.ts'
import type { PubSubDialect } from './redis-dialect.ts'
import type { RedisLink } from './redis-link.ts'

export interface RedisPublisherOptions {
  readonly link: RedisLink
  readonly dialect: PubSubDialect
  readonly nodeId: string
  /** The next of the node's running numbers. */
  readonly nextNumber: () => number
  /** Bytes handed over and not yet taken by Redis; beyond that payloads are dropped. */
  readonly maxPendingBytes: number
  readonly onDropped: (payloads: number) => void
}

/** A script holds up everybody else in Redis: about 0.7 ms for this many. */
const MAX_PACKETS_PER_COMMAND = 256
const MAX_BYTES_PER_COMMAND = 1 << 20

interface Parcel {
  readonly names: TopicNames
  readonly payloads: string[]
  bytes: number
}

interface Batch {
  readonly parcels: readonly Parcel[]
  readonly bytes: number
}

/** Sends to one server what was published during one tick together, per topic in order. Drops and counts what it cannot send. */
export class RedisPublisher {
  readonly #options: RedisPublisherOptions
  #waiting = new Map<string, Parcel>()
  #pendingBytes = 0
  #inFlight = 0
  #onIdle: (() => void) | undefined

  constructor(options: RedisPublisherOptions) {
    this.#options = options
  }

  publish(names: TopicNames, payload: string): void {
    const { link, maxPendingBytes, onDropped } = this.#options
    const bytes = Buffer.byteLength(payload)
    if (!link.isUp() || this.#pendingBytes + bytes > maxPendingBytes) return onDropped(1)
    this.#pendingBytes += bytes
    if (this.#waiting.size === 0) setImmediate(() => this.#flush())
    const parcel = this.#waiting.get(names.topic) ?? { names, payloads: [], bytes: 0 }
    if (parcel.payloads.push(payload) === 1) this.#waiting.set(names.topic, parcel)
    parcel.bytes += bytes
  }

  /** Sends an empty text that is no packet: a sign of life for who listens on this channel. Not counted. */
  probe(channel: string): void {
    const { link, dialect } = this.#options
    // Told and answered for by the link.
    if (link.isUp()) link.evaluate(dialect.publishEmpty, [], [channel]).catch(() => {})
  }

  /** Resolves when all that was published is sent and answered, or given up: at the latest after the command timeout. */
  async settled(): Promise<void> {
    this.#flush()
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve))
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = new Map()
    for (const batch of batchesOf(waiting.values())) this.#send(batch)
  }

  #send(batch: Batch): void {
    const { link, dialect, nodeId, nextNumber } = this.#options
    const args = batch.parcels.flatMap(({ names: { topic, channel, bucketChannel }, payloads }) => [
      bucketChannel,
      channel,
      encodePacket({ nodeId, number: nextNumber(), topic, payloads }),
    ])
    this.#inFlight += 1
    link.evaluate(dialect.publishAll, [], args).then(
      (answer) => this.#settle(batch, this.#refusedOf(batch, answer)),
      () => this.#settle(batch, batch.parcels),
    )
  }

  /** The script's answer to a batch of which a part was not taken. */
  #refusedOf(batch: Batch, answer: unknown): readonly Parcel[] {
    const refusal: readonly unknown[] = Array.isArray(answer) ? answer : []
    if (refusal.length === 0) return []
    const [text, ...numbers] = refusal
    this.#options.link.tellRefusal(new Error(String(text)))
    return numbers.flatMap((number) => batch.parcels[Number(number) - 1] ?? [])
  }

  #settle(batch: Batch, refused: readonly Parcel[]): void {
    this.#pendingBytes -= batch.bytes
    this.#inFlight -= 1
    const dropped = refused.reduce((sum, { payloads }) => sum + payloads.length, 0)
    if (dropped > 0) this.#options.onDropped(dropped)
    if (this.#inFlight === 0) this.#onIdle?.()
  }
}

function* batchesOf(waiting: Iterable<Parcel>): Generator<Batch> {
  let parcels: Parcel[] = []
  let bytes = 0
  for (const parcel of waiting) {
    parcels.push(parcel)
    bytes += parcel.bytes
    if (parcels.length >= MAX_PACKETS_PER_COMMAND || bytes >= MAX_BYTES_PER_COMMAND) {
      yield { parcels, bytes }
      parcels = []
      bytes = 0
    }
  }
  if (parcels.length > 0) yield { parcels, bytes }
}
