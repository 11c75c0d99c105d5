import type { Entry, Offset, TimelineId, UserId } from '@hongyan/protocol'
import type { Broker, BrokerStats } from '../../src/broker/broker.ts'
import type { FollowingSession } from '../../src/gateway/topic.ts'
import type { LogReader } from '../../src/timelines/log-reader.ts'
import { encodeEntry } from '../../src/timelines/payload.ts'
import type { Cursor, PlacedEntry, TimelineHead } from '../../src/timelines/timeline-reader.ts'

/** A broker that carries what the test hands it, when the test says so; it has every fault a broker may have. */
export class ScriptedBroker implements Broker {
  readonly subscribed = new Set<string>()
  readonly published: (readonly [string, string])[] = []
  /** The next subscription waits until the test confirms or refuses it. */
  isHolding = false
  readonly waiting: { readonly topic: string; readonly confirm: () => void; readonly refuse: () => void }[] = []
  #receive: (topic: string, payload: string) => void = () => {}
  #lost: () => void = () => {}

  publish(topic: string, payload: string): void {
    this.published.push([topic, payload])
  }

  subscribe(topic: string): Promise<void> {
    if (!this.isHolding) {
      this.subscribed.add(topic)
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const confirm = (): void => {
        this.subscribed.add(topic)
        resolve()
      }
      this.waiting.push({ topic, confirm, refuse: () => reject(new Error('not confirmed in time')) })
    })
  }

  unsubscribe(topic: string): void {
    this.subscribed.delete(topic)
  }

  onPayload(receive: (topic: string, payload: string) => void): void {
    this.#receive = receive
  }

  onLost(receive: () => void): void {
    this.#lost = receive
  }

  /** A payload arrives at the node. */
  bring(topic: string, payload: string): void {
    this.#receive(topic, payload)
  }

  /** The link was lost and is back. */
  loseLink(): void {
    this.#lost()
  }

  isUp(): boolean {
    return true
  }

  stats(): BrokerStats {
    return { published: 0, dropped: 0, received: 0, lost: 0 }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** The log, in memory: what is committed is there, and reading it may be slow, short of a full page, or fail. */
export class ScriptedLog implements LogReader {
  readonly #entries = new Map<TimelineId, Entry[]>()
  #pending: (() => void)[] = []
  /** Reads wait for `answer`. */
  isSlow = false
  /** So many of the next reads fail. */
  failures = 0
  /** No page is longer than this. */
  pageLimit = Number.POSITIVE_INFINITY
  reads = 0

  /** Commits an entry; returns its payload for the broker. */
  append(timeline: TimelineId, entry: Entry): string {
    const entries = this.#entries.get(timeline) ?? []
    entries.push(entry)
    this.#entries.set(timeline, entries)
    return encodeEntry(timeline, entries.length, entry)
  }

  head(timeline: TimelineId): Offset {
    return this.#entries.get(timeline)?.length ?? 0
  }

  async entriesAfter(
    cursors: readonly Cursor[],
    limit: number,
  ): Promise<ReadonlyMap<TimelineId, readonly PlacedEntry[]>> {
    this.reads++
    if (this.isSlow) await new Promise<void>((resolve) => this.#pending.push(resolve))
    if (this.failures > 0) {
      this.failures--
      throw new Error('the database is away')
    }
    return new Map(cursors.map((cursor) => [cursor.timeline, this.#page(cursor, Math.min(limit, this.pageLimit))]))
  }

  heads(timelines: readonly TimelineId[]): Promise<readonly TimelineHead[]> {
    return Promise.resolve(
      timelines.flatMap((id) => (this.#entries.has(id) ? [{ id, key: 1, lastOffset: this.head(id) }] : [])),
    )
  }

  movedHeads(): Promise<readonly TimelineHead[]> {
    return this.heads([...this.#entries.keys()])
  }

  epoch(): Promise<string> {
    return Promise.resolve('epoch')
  }

  /** Lets the reads that wait see the log as it is now. */
  answer(): void {
    for (const resolve of this.#pending.splice(0)) resolve()
  }

  #page({ timeline, after }: Cursor, limit: number): readonly PlacedEntry[] {
    const entries = this.#entries.get(timeline) ?? []
    return entries.slice(after, after + limit).map((entry, index) => ({ offset: after + index + 1, entry }))
  }
}

/** A session that writes down what it is handed. */
export class RecordingSession implements FollowingSession {
  readonly id: string
  readonly frames: Uint8Array[] = []
  readonly ownEntries: Entry[] = []
  /** Timelines it was told to follow no more. */
  readonly removedFrom: TimelineId[] = []
  userId: UserId | undefined = 'anna' as UserId
  closedWith: number | undefined
  readonly failures: unknown[] = []
  #flushed: (() => void)[] = []
  /** `flushed` waits for `takeAll`. */
  isSlow = false

  constructor(id: string) {
    this.id = id
  }

  push(frame: Uint8Array): void {
    this.frames.push(frame)
  }

  pushVolatile(frame: Uint8Array): void {
    this.frames.push(frame)
  }

  flushed(): Promise<void> {
    return this.isSlow ? new Promise((resolve) => this.#flushed.push(resolve)) : Promise.resolve()
  }

  failToFollow(err: unknown): void {
    this.failures.push(err)
  }

  takeAll(): void {
    for (const resolve of this.#flushed.splice(0)) resolve()
  }

  onRemoved(timeline: TimelineId): void {
    this.removedFrom.push(timeline)
  }

  onOwnEntry(entry: Entry): void {
    this.ownEntries.push(entry)
  }

  close(code: number): void {
    this.closedWith ??= code
  }

  /** The offsets it was pushed in this timeline, in order. */
  offsetsOf(timeline: TimelineId): readonly Offset[] {
    return this.frames
      .map((frame) => JSON.parse(Buffer.from(frame).toString()) as { timeline: TimelineId; offset?: Offset })
      .flatMap((frame) => (frame.timeline === timeline && frame.offset !== undefined ? [frame.offset] : []))
  }
}
