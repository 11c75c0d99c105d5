import { classify, type Entry, type Offset, type TimelineId, type UserId } from '@hongyan/protocol'
import { SmallSet } from '../kit/small-set.ts'
import { RecentFrames, type HeardEntry } from './recent-frames.ts'

/** What the hub needs of a session. */
export interface FollowingSession {
  readonly id: string
  /** Whose session it is. */
  readonly userId: UserId | undefined
  /** Hands a frame to the connection, in order. */
  push(frame: Uint8Array): void
  /** Hands over a volatile frame, which a connection that is far behind does without. */
  pushVolatile(frame: Uint8Array): void
  /** Hears of the entries of the user's own timeline that concern the session itself, after they were pushed. */
  onOwnEntry(entry: Entry): void
  /** The timeline is no longer the user's: the session follows it no more. */
  onRemoved(timeline: TimelineId): void
  close(code: number, reason: string): void
}

/** One session's standing in one timeline. */
export class Follower {
  readonly topic: Topic
  readonly session: FollowingSession
  /** The last offset handed to the session. */
  sent: Offset = 0
  isLive = false

  constructor(topic: Topic, session: FollowingSession) {
    this.topic = topic
    this.session = session
  }
}

const SUBSCRIBED = Promise.resolve()

/**
 * A timeline that sessions of this node follow. `head` is the last offset its live followers have; they all stand there.
 * Nothing here waits: each call leaves the topic consistent.
 */
export class Topic {
  readonly id: TimelineId
  readonly followers = new SmallSet<Follower>()
  /** Until the broker has confirmed it. */
  #subscribing: Promise<void> | undefined
  /** The greatest offset heard of, delivered or not. */
  announced: Offset = 0
  #head: Offset = 0
  #live = 0
  #recent: RecentFrames | undefined
  #arrivals = 0

  constructor(id: TimelineId, subscribed: Promise<void>) {
    this.id = id
    this.#subscribing = subscribed
    const confirmed = (): void => {
      this.#subscribing = undefined
    }
    subscribed.then(confirmed, () => {})
  }

  /** Settles when the broker has confirmed the subscription. */
  get subscribed(): Promise<void> {
    return this.#subscribing ?? SUBSCRIBED
  }

  get head(): Offset {
    return this.#head
  }

  get hasLive(): boolean {
    return this.#live > 0
  }

  /** How many entries up to this offset the live followers do not have yet. */
  behindOf(offset: Offset): number {
    return this.#live === 0 ? 0 : Math.max(0, offset - this.#head)
  }

  /** True when the live followers are known to miss something. */
  get isBehind(): boolean {
    return this.#live > 0 && this.#head < this.announced
  }

  /**
   * Keeps an entry while somebody is being brought to now, or there is a gap before it: in a lively conversation more is
   * said than can be read from the log meanwhile, and nobody would ever be level with it.
   */
  keep(offset: Offset, heard: HeardEntry): void {
    const isBeyondGap = this.#live > 0 && classify(this.#head, offset) === 'gap'
    if (!this.#isWaitedFor && !isBeyondGap) return
    this.#arrivals++
    this.#recent ??= new RecentFrames()
    this.#recent.add(offset, heard, this.#arrivals)
  }

  /** So many entries were kept until now, whatever became of them. */
  get arrivals(): number {
    return this.#arrivals
  }

  /** What was kept of this offset after the first `since` arrivals. */
  heardAt(offset: Offset, since = 0): HeardEntry | undefined {
    return this.#recent?.get(offset, since)
  }

  /** The live followers who do not have this entry yet: who came later may have read further than the others. */
  without(offset: Offset): readonly Follower[] {
    return [...this.followers].filter(({ isLive, sent }) => isLive && sent < offset)
  }

  hearOf(offset: Offset): void {
    if (offset > this.announced) this.announced = offset
  }

  /**
   * Hands an entry to the live followers if it is the next one ([PUSH-1], [PUSH-2]); true when it was. A gap is left to the
   * repair. `framesOf` makes the frame, or what each follower gets instead, once it is sure that it is needed.
   */
  deliver(offset: Offset, framesOf: () => Uint8Array | ((follower: Follower) => Uint8Array | undefined)): boolean {
    this.hearOf(offset)
    if (this.#live === 0 || classify(this.#head, offset) !== 'next') return false
    this.#head = offset
    const frames = framesOf()
    for (const follower of this.followers) {
      if (!follower.isLive || follower.sent >= offset) continue
      follower.sent = offset
      const frame = typeof frames === 'function' ? frames(follower) : frames
      if (frame) follower.session.push(frame)
    }
    this.#letGo()
    return true
  }

  /** The follower stands at `cursor` and becomes live, unless there is more to be read for it first. */
  tryGoLive(follower: Follower, cursor: Offset): boolean {
    // One that has left is done, wherever it stands.
    if (!this.followers.has(follower)) return true
    follower.sent = cursor
    if (cursor < this.announced || cursor < this.#head) return false
    // The first live follower says where the topic stands; a later one may be ahead of it, having read the log itself.
    if (this.#live === 0) this.#head = cursor
    this.hearOf(cursor)
    if (!follower.isLive) this.#live++
    follower.isLive = true
    this.#letGo()
    return true
  }

  remove(follower: Follower): void {
    if (!this.followers.delete(follower)) return
    if (follower.isLive) this.#live--
    follower.isLive = false
    this.#letGo()
  }

  get #isWaitedFor(): boolean {
    return this.followers.size > this.#live
  }

  /** Nobody needs what was kept. */
  #letGo(): void {
    if (!this.#isWaitedFor && !this.isBehind) this.#recent = undefined
  }
}
