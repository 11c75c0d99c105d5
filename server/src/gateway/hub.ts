import { CLOSE, type Entry, type Offset, type TimelineId } from '@hongyan/protocol'
import type { Broker } from '../broker/broker.ts'
import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import { audienceOf } from '../timelines/entry-audience.ts'
import { decodePayload, entryFrame, entryOf, sentAtOfFrame, type Control } from '../timelines/payload.ts'
import type { LogReader } from '../timelines/log-reader.ts'
import type { PlacedEntry, TimelineHead } from '../timelines/timeline-reader.ts'
import type { HeardEntry } from './recent-frames.ts'
import { Follower, Topic, type FollowingSession } from './topic.ts'

export interface HubDeps {
  readonly broker: Broker
  readonly log: LogReader
  readonly clock: Clock
  readonly logger: Logger
  /** Called for what is meant for the sessions of a user themselves. */
  readonly onControl: (timeline: TimelineId, control: Control) => void
  /** Called when a message was handed to the sockets, with its age. */
  readonly onDelivered?: (lagMs: number) => void
}

export interface HubStats {
  readonly topics: number
  readonly followers: number
  /** Entries that had to be read from the log because the broker did not bring them. */
  readonly repaired: number
}

/** What this node has handed on since it started. */
export interface DeliveryStats {
  /** Entries handed to at least one session, once each. */
  readonly entries: number
  /** Times a timeline was completed from the log. */
  readonly gapsRepaired: number
}

/** How far the live followers were behind the log when it was looked at. */
export interface Behind {
  readonly timelines: number
  readonly entries: number
  readonly greatest: number
}

export const NOT_BEHIND: Behind = { timelines: 0, entries: 0, greatest: 0 }

const PAGE = 100
const TOPICS_PER_READ = 50
const REPAIR_TRIES = 4
const REPAIR_PAUSE_MS = 100

/**
 * What this node's sessions follow. The broker's payloads are a shortcut, the log is the truth: the hub hands on only the
 * next offset, drops older ones, and reads what is missing once for all its sessions.
 */
export class Hub {
  readonly #deps: HubDeps
  readonly #topics = new Map<TimelineId, Topic>()
  #isRepairing = false
  #repaired = 0
  /** Of all topics that are there: so many cannot be counted anew for each who asks. */
  #followers = 0
  #entries = 0
  #gapsRepaired = 0

  constructor(deps: HubDeps) {
    this.#deps = deps
    deps.broker.onPayload((topic, payload) => this.#receive(topic, payload))
    deps.broker.onLost(() => void this.checkAll())
  }

  /**
   * Followers for these timelines, not live yet. When this has resolved the broker has confirmed every topic: what is
   * committed from now on is heard of, so what is read from the log after this and what is heard leave no hole. Of a broker
   * that does not answer they are in doubt, like every other topic of it: the sweeper finds what is not heard of, and
   * `onLost` is still to come.
   */
  async hold(session: FollowingSession, timelines: readonly TimelineId[]): Promise<readonly Follower[]> {
    const followers = timelines.map((timeline) => this.#addFollower(session, timeline))
    try {
      await Promise.all(followers.map((follower) => follower.topic.subscribed))
    } catch (err) {
      for (const follower of followers) this.leave(follower)
      throw err
    }
    return followers
  }

  leave(follower: Follower): void {
    const { topic } = follower
    if (topic.followers.has(follower) && this.#topics.get(topic.id) === topic) this.#followers--
    topic.remove(follower)
    if (topic.followers.size > 0 || this.#topics.get(topic.id) !== topic) return
    this.#topics.delete(topic.id)
    this.#deps.broker.unsubscribe(topic.id)
  }

  /** Takes note of heads read from the log and repairs what is behind them; returns how much that was. */
  hearOfHeads(heads: readonly TimelineHead[]): Behind {
    let behind = NOT_BEHIND
    for (const head of heads) {
      const topic = this.#topics.get(head.id)
      behind = addBehind(behind, topic?.behindOf(head.lastOffset) ?? 0)
      topic?.hearOf(head.lastOffset)
    }
    this.#repair()
    return behind
  }

  /** Compares every followed timeline with the log: after the broker may have lost anything. */
  async checkAll(): Promise<Behind> {
    let behind = NOT_BEHIND
    try {
      const ids = [...this.#topics.keys()]
      for (let start = 0; start < ids.length; start += 1000) {
        behind = joinBehind(behind, this.hearOfHeads(await this.#deps.log.heads(ids.slice(start, start + 1000))))
      }
    } catch (err) {
      this.#deps.logger.warn({ err }, 'could not compare the followed timelines with the log; the sweeper will')
    }
    return behind
  }

  /** After the store was put back: offsets heard of in the old one would be waited for in the new one. All sessions have been told to go. */
  startOver(): void {
    for (const id of this.#topics.keys()) this.#deps.broker.unsubscribe(id)
    this.#topics.clear()
    this.#followers = 0
  }

  stats(): HubStats {
    return { topics: this.#topics.size, followers: this.#followers, repaired: this.#repaired }
  }

  delivery(): DeliveryStats {
    return { entries: this.#entries, gapsRepaired: this.#gapsRepaired }
  }

  #addFollower(session: FollowingSession, timeline: TimelineId): Follower {
    const topic = this.#topics.get(timeline) ?? this.#addTopic(timeline)
    const follower = new Follower(topic, session)
    topic.followers.add(follower)
    this.#followers++
    return follower
  }

  #addTopic(timeline: TimelineId): Topic {
    const topic = new Topic(timeline, this.#deps.broker.subscribe(timeline))
    // A topic that could not be subscribed is of no use to later followers either.
    topic.subscribed.catch(() => {
      if (this.#topics.get(timeline) !== topic) return
      this.#topics.delete(timeline)
      this.#followers -= topic.followers.size
    })
    this.#topics.set(timeline, topic)
    return topic
  }

  #receive(timeline: string, text: string): void {
    const topic = this.#topics.get(timeline as TimelineId)
    const payload = topic && decodePayload(text)
    if (!payload) return
    if (payload.kind === 'control') this.#deps.onControl(topic.id, payload.control)
    else if (payload.kind === 'volatile') pushVolatile(topic, payload.frame)
    else {
      topic.keep(payload.offset, payload)
      this.#deliverHeard(topic, payload.offset, payload)
      this.#deliverKept(topic)
      if (topic.isBehind) this.#repair()
    }
  }

  #deliverHeard(topic: Topic, offset: Offset, { frame, isParticular }: HeardEntry): void {
    if (isParticular) this.#deliverEntry(topic, offset, entryOf(frame), frame)
    else this.#deliverFrame(topic, offset, frame)
  }

  /** What came beyond a gap that has been closed. */
  #deliverKept(topic: Topic): void {
    while (topic.isBehind) {
      const next = topic.head + 1
      const heard = topic.heardAt(next)
      if (heard === undefined) return
      this.#deliverHeard(topic, next, heard)
    }
  }

  #repair(): void {
    if (this.#isRepairing) return
    this.#isRepairing = true
    void this.#repairAll().finally(() => {
      this.#isRepairing = false
      if (this.#behind().length > 0) this.#repair()
    })
  }

  #behind(): readonly Topic[] {
    return [...this.#topics.values()].filter((topic) => topic.isBehind)
  }

  /** Reads what is missing, once for all sessions; gives up on a topic that cannot be completed by ending its followers' sessions. */
  async #repairAll(): Promise<void> {
    for (let tries = 0; ;) {
      const behind = this.#behind().slice(0, TOPICS_PER_READ)
      if (behind.length === 0) return
      const progressed = await this.#repairSome(behind)
      tries = progressed ? 0 : tries + 1
      if (tries >= REPAIR_TRIES) return this.#giveUp(behind)
      if (!progressed) await this.#pause(REPAIR_PAUSE_MS * 2 ** tries)
    }
  }

  async #repairSome(behind: readonly Topic[]): Promise<boolean> {
    try {
      const cursors = behind.map((topic) => ({ timeline: topic.id, after: topic.head }))
      const pages = await this.#deps.log.entriesAfter(cursors, PAGE)
      let delivered = 0
      for (const topic of behind) {
        const page = pages.get(topic.id) ?? []
        for (const placed of page) this.#deliverPlaced(topic, placed)
        this.#deliverKept(topic)
        delivered += page.length
        if (page.length > 0 && !topic.isBehind) this.#gapsRepaired++
      }
      this.#repaired += delivered
      return delivered > 0
    } catch (err) {
      this.#deps.logger.warn({ err, topics: behind.length }, 'could not read what followed timelines are missing')
      return false
    }
  }

  #deliverPlaced(topic: Topic, { offset, entry }: PlacedEntry): void {
    this.#deliverEntry(topic, offset, entry, entryFrame(topic.id, offset, JSON.stringify(entry)))
  }

  /**
   * An entry that is not simply for everybody: some get another in its place, or follow no longer. Who is removed is let go
   * of here and now, so that nothing after it can reach him, whatever his session does (promise I11).
   */
  #deliverEntry(topic: Topic, offset: number, entry: Entry, frame: string): void {
    const audience = audienceOf(entry)
    if (!audience) return this.#deliverFrame(topic, offset, frame)
    const gone = new Set<Follower>()
    const frames = new FrameForms(topic.id, offset, entry, frame)
    const isDelivered = topic.deliver(offset, () => (follower) => {
      const { userId } = follower.session
      const shown = userId === undefined ? undefined : audience.entryFor(userId)
      if (!shown || audience.isLast) gone.add(follower)
      return shown && frames.of(shown)
    })
    if (isDelivered) this.#noteDelivered(frame)
    for (const follower of gone) {
      this.leave(follower)
      follower.session.onRemoved(topic.id)
    }
  }

  #deliverFrame(topic: Topic, offset: number, frame: string): void {
    // The user's own timeline concerns the sessions too; it moves seldom.
    const concerned = topic.id.startsWith('u:') ? topic.without(offset) : []
    const isDelivered = topic.deliver(offset, () => Buffer.from(frame))
    if (!isDelivered) return
    this.#noteDelivered(frame)
    if (concerned.length > 0) tellSessions(concerned, entryOf(frame))
  }

  #noteDelivered(frame: string): void {
    this.#entries++
    const { onDelivered, clock } = this.#deps
    const sentAtMs = onDelivered && sentAtOfFrame(frame)
    if (sentAtMs !== undefined) onDelivered?.(Math.max(0, clock.now() - sentAtMs))
  }

  #giveUp(topics: readonly Topic[]): void {
    for (const topic of topics) {
      if (!topic.isBehind) continue
      for (const follower of [...topic.followers]) {
        follower.session.close(CLOSE.CANNOT_FOLLOW, 'a followed timeline could not be completed')
        this.leave(follower)
      }
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#deps.clock.after(delayMs, resolve)
    })
  }
}

function addBehind(behind: Behind, entries: number): Behind {
  return entries === 0 ? behind : joinBehind(behind, { timelines: 1, entries, greatest: entries })
}

function joinBehind(one: Behind, other: Behind): Behind {
  return {
    timelines: one.timelines + other.timelines,
    entries: one.entries + other.entries,
    greatest: Math.max(one.greatest, other.greatest),
  }
}

/** The frames of one entry, each encoded once. */
class FrameForms {
  readonly #made = new Map<Entry, Uint8Array>()
  readonly #timeline: TimelineId
  readonly #offset: number

  constructor(timeline: TimelineId, offset: number, entry: Entry, frame: string) {
    this.#timeline = timeline
    this.#offset = offset
    this.#made.set(entry, Buffer.from(frame))
  }

  of(entry: Entry): Uint8Array {
    const known = this.#made.get(entry)
    if (known) return known
    const made = Buffer.from(entryFrame(this.#timeline, this.#offset, JSON.stringify(entry)))
    this.#made.set(entry, made)
    return made
  }
}

function pushVolatile(topic: Topic, frame: string): void {
  const bytes = Buffer.from(frame)
  for (const follower of topic.followers) if (follower.isLive) follower.session.pushVolatile(bytes)
}

function tellSessions(followers: readonly Follower[], entry: Entry): void {
  for (const follower of followers) if (follower.isLive) follower.session.onOwnEntry(entry)
}
