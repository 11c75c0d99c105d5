import { classify } from '@hongyan/protocol/constants'
import type { Entry, Offset, ReplyOf, TimelineId } from '@hongyan/protocol'
import type { Platform } from './client-api.ts'
import type { Failure, Outcome } from './failure.ts'
import type { Placed } from './store.ts'

/** Entries beyond a gap that are kept while it is being closed; more than this is pulled again. */
const MAX_HELD = 256
const MAX_FAILURES = 3
const RETRY_FIRST_MS = 500

export interface FollowerPorts {
  readonly clock: Platform['clock']
  readonly random: () => number
  readonly cursorOf: (timeline: TimelineId) => Offset
  /** True while it is not known where the timeline stands: a snapshot or an entry of the user's timeline will name it. */
  readonly isUnplaced: (timeline: TimelineId) => boolean
  /** Applies entries that follow the cursor without a gap. */
  readonly apply: (timeline: TimelineId, entries: readonly Placed[]) => void
  readonly pull: (timeline: TimelineId, after: Offset, settle: (outcome: Outcome<ReplyOf<'sync.pull'>>) => void) => void
  /** The timeline cannot be caught up entry by entry: take its snapshot, then call `done`. */
  readonly reset: (timeline: TimelineId, done: () => void) => void
  /** The timeline is not ours any more. */
  readonly gone: (timeline: TimelineId) => void
}

/** A timeline that is not simply being followed: it has a gap, or waits for a snapshot. */
interface Lane {
  readonly held: Map<Offset, Entry>
  /** The greatest offset that is known to exist. */
  head: Offset
  holds: number
  failures: number
  isRepairing: boolean
  cancelRetry: (() => void) | undefined
}

/**
 * Lets each entry of each timeline through once and in order. What is old is dropped ([PUSH-2]); before a gap everything
 * waits until one pull has closed it ([PUSH-3]); what three pulls cannot close, a snapshot replaces.
 */
export class Follower {
  private readonly ports: FollowerPorts
  private readonly lanes = new Map<TimelineId, Lane>()

  constructor(ports: FollowerPorts) {
    this.ports = ports
  }

  /** An entry has come. */
  offer(timeline: TimelineId, offset: Offset, entry: Entry): void {
    const arrival = classify(this.ports.cursorOf(timeline), offset)
    if (arrival === 'old') return
    const known = this.lanes.get(timeline)
    if (known === undefined && arrival === 'next' && !this.ports.isUnplaced(timeline)) {
      return this.ports.apply(timeline, [{ offset, entry }])
    }
    const lane = known ?? this.open(timeline)
    lane.head = Math.max(lane.head, offset)
    if (lane.held.size < MAX_HELD) lane.held.set(offset, entry)
    this.settle(timeline, lane)
  }

  /** The timeline is known to reach up to `head`. */
  noteHead(timeline: TimelineId, head: Offset): void {
    if (head <= this.ports.cursorOf(timeline)) return
    const lane = this.lanes.get(timeline) ?? this.open(timeline)
    lane.head = Math.max(lane.head, head)
    this.settle(timeline, lane)
  }

  /** Applies nothing of this timeline until as many releases. */
  hold(timeline: TimelineId): void {
    const lane = this.lanes.get(timeline) ?? this.open(timeline)
    lane.holds++
  }

  release(timeline: TimelineId): void {
    const lane = this.lanes.get(timeline)
    if (lane === undefined) return
    lane.holds = Math.max(0, lane.holds - 1)
    this.settle(timeline, lane)
  }

  /** Every timeline has its place now. */
  placeAll(): void {
    for (const timeline of [...this.lanes.keys()]) this.place(timeline)
  }

  /** Its place is known now. */
  place(timeline: TimelineId): void {
    const lane = this.lanes.get(timeline)
    if (lane !== undefined) this.settle(timeline, lane)
  }

  /** It is followed no longer. */
  leave(timeline: TimelineId): void {
    this.lanes.get(timeline)?.cancelRetry?.()
    this.lanes.delete(timeline)
  }

  /** The connection is gone, and with it every repair; the resume catches up. */
  forget(): void {
    for (const lane of this.lanes.values()) lane.cancelRetry?.()
    this.lanes.clear()
  }

  private open(timeline: TimelineId): Lane {
    const lane = { held: new Map(), head: 0, holds: 0, failures: 0, isRepairing: false, cancelRetry: undefined }
    this.lanes.set(timeline, lane)
    return lane
  }

  private settle(timeline: TimelineId, lane: Lane): void {
    if (lane.holds > 0 || this.ports.isUnplaced(timeline)) return
    this.drain(timeline, lane)
    if (lane.isRepairing || this.lanes.get(timeline) !== lane) return
    if (lane.head > this.ports.cursorOf(timeline)) this.pull(timeline, lane)
    else this.lanes.delete(timeline)
  }

  private drain(timeline: TimelineId, lane: Lane): void {
    const entries: Placed[] = []
    let cursor = this.ports.cursorOf(timeline)
    for (const offset of [...lane.held.keys()].sort((a, b) => a - b)) {
      const entry = lane.held.get(offset)
      const arrival = classify(cursor, offset)
      if (arrival === 'gap' || entry === undefined) break
      lane.held.delete(offset)
      if (arrival === 'old') continue
      entries.push({ offset, entry })
      cursor = offset
    }
    if (entries.length > 0) this.ports.apply(timeline, entries)
  }

  private pull(timeline: TimelineId, lane: Lane): void {
    const after = this.ports.cursorOf(timeline)
    lane.isRepairing = true
    this.ports.pull(timeline, after, (outcome) => {
      if (this.lanes.get(timeline) !== lane) return
      lane.isRepairing = false
      if (!outcome.ok) return this.fail(timeline, lane, outcome.failure)
      for (const { offset, entry } of outcome.body.entries) lane.held.set(offset, entry)
      const last = outcome.body.entries[outcome.body.entries.length - 1]
      if (last !== undefined) lane.head = Math.max(lane.head, outcome.body.more ? last.offset + 1 : last.offset)
      this.drain(timeline, lane)
      if (this.lanes.get(timeline) !== lane) return
      const hasMoved = this.ports.cursorOf(timeline) > after
      if (hasMoved) lane.failures = 0
      if (lane.holds > 0 || hasMoved || lane.head <= after) this.settle(timeline, lane)
      else this.fail(timeline, lane, 'TIMEOUT')
    })
  }

  private fail(timeline: TimelineId, lane: Lane, failure: Failure): void {
    if (failure === 'NOT_A_MEMBER' || failure === 'NO_SUCH_CONVERSATION') {
      this.leave(timeline)
      return this.ports.gone(timeline)
    }
    lane.failures++
    lane.isRepairing = true
    if (failure === 'TOO_FAR_BEHIND' || lane.failures >= MAX_FAILURES) {
      return this.ports.reset(timeline, () => {
        lane.failures = 0
        lane.head = Math.max(0, ...lane.held.keys())
        this.repaired(timeline, lane)
      })
    }
    const delayMs = RETRY_FIRST_MS * 2 ** lane.failures * (0.5 + this.ports.random() / 2)
    lane.cancelRetry = this.ports.clock.after(delayMs, () => this.repaired(timeline, lane))
  }

  private repaired(timeline: TimelineId, lane: Lane): void {
    if (this.lanes.get(timeline) !== lane) return
    lane.isRepairing = false
    this.settle(timeline, lane)
  }
}
