import { conversationTimeline, type Entry, type Offset, type TimelineId } from '@hongyan/protocol'
import type { FollowFrom, Following } from '../commands/handler.ts'
import type { LogReader } from '../timelines/log-reader.ts'
import { catchUp, type CatchingUpSession } from './follow.ts'
import { SmallMap } from '../kit/small-map.ts'
import { SmallSet } from '../kit/small-set.ts'
import type { Hub } from './hub.ts'
import type { Follower } from './topic.ts'

export interface FollowingDeps {
  readonly hub: Hub
  readonly log: LogReader
}

/** Everything one session follows. */
export class SessionFollowing implements Following {
  readonly #deps: FollowingDeps
  readonly #session: CatchingUpSession
  readonly #followers = new SmallMap<TimelineId, Follower>()
  /** Conversations that the user has just joined, each followed from there one after the other. */
  #joining: Map<TimelineId, Promise<void>> | undefined
  /** Where the user joined timelines that he seemed to be in: he is, or the end of an earlier membership is still to come. */
  #returns: Map<TimelineId, readonly Offset[]> | undefined
  /** What is being brought to now. */
  #catchingUp: SmallSet<Follower> | undefined
  /** Settles when the last release is done; absent when it is. */
  #releasing: Promise<void> | undefined
  #isClosed = false

  constructor(session: CatchingUpSession, deps: FollowingDeps) {
    this.#session = session
    this.#deps = deps
  }

  async hold(timelines: readonly TimelineId[]): Promise<void> {
    const fresh = timelines.filter((timeline) => !this.#followers.has(timeline))
    const followers = await this.#deps.hub.hold(this.#session, fresh)
    for (const follower of followers) this.#keep(follower)
  }

  /** One after the other: two catchings up of one timeline at the same time would push its entries twice ([PUSH-1]). */
  release(cursors: readonly FollowFrom[]): Promise<void> {
    const released = (this.#releasing ?? Promise.resolve()).then(() => this.#release(cursors))
    const done = released
      .catch(() => {})
      .then(() => {
        if (this.#releasing === done) this.#releasing = undefined
      })
    this.#releasing = done
    return released
  }

  drop(timelines: readonly TimelineId[]): void {
    for (const timeline of timelines) {
      this.#returns?.delete(timeline)
      const follower = this.#followers.get(timeline)
      if (!follower) continue
      this.#followers.delete(timeline)
      this.#deps.hub.leave(follower)
    }
  }

  /** A conversation that the user has just joined is followed from there; one that he has left no longer. */
  onOwnEntry(entry: Entry): void {
    if (this.#isClosed) return
    if (entry.kind === 'joined') this.#followNew(conversationTimeline(entry.conversationId), entry.offset)
    if (entry.kind === 'left') this.#leave(conversationTimeline(entry.conversationId))
  }

  /**
   * The timeline itself has said that it is no longer the user's. News of his return travels by another timeline, and may
   * have come before (found by the races of memberships): it is followed from there now.
   */
  onRemoved(timeline: TimelineId): void {
    const endedAt = this.#followers.get(timeline)?.sent ?? 0
    const returns = this.#returns?.get(timeline) ?? []
    this.drop([timeline])
    for (const after of returns) if (after >= endedAt) this.#followNew(timeline, after)
  }

  close(): void {
    this.#isClosed = true
    this.drop(this.#followers.keys())
  }

  /**
   * A user who was away may have joined, left and joined again: each joining is followed to its own end, which the log
   * tells, before the next one begins.
   */
  #followNew(timeline: TimelineId, after: Offset): void {
    const joining = (this.#joining ??= new Map<TimelineId, Promise<void>>())
    const before = joining.get(timeline) ?? Promise.resolve()
    const joined = before
      .then(() => this.#follow(timeline, after))
      .catch((err: unknown) => this.#session.failToFollow(err))
      .then(() => {
        if (joining.get(timeline) === joined) joining.delete(timeline)
      })
    joining.set(timeline, joined)
  }

  async #follow(timeline: TimelineId, after: Offset): Promise<void> {
    if (this.#isClosed) return
    const current = this.#followers.get(timeline)
    // Beyond the place where he joined, it is this very membership that is followed.
    if (current && current.sent <= after) {
      const returns = (this.#returns ??= new Map<TimelineId, readonly Offset[]>())
      returns.set(timeline, [...(returns.get(timeline) ?? []), after])
    }
    if (current) return
    await this.hold([timeline])
    await this.release([{ timeline, after }])
  }

  /** The conversation's own timeline ends the following at the very entry (I11). What is only held hears nothing of it. */
  #leave(timeline: TimelineId): void {
    const follower = this.#followers.get(timeline)
    if (
      !follower ||
      follower.isLive ||
      this.#catchingUp?.has(follower) === true ||
      this.#joining?.has(timeline) === true
    )
      return
    this.drop([timeline])
  }

  async #release(cursors: readonly FollowFrom[]): Promise<void> {
    const held = cursors.flatMap(({ timeline, after }) => {
      const follower = this.#followers.get(timeline)
      // A catching up that broke off is asked for again with the same cursor: what was pushed is not pushed twice.
      return follower && !follower.isLive ? [[follower, Math.max(after, follower.sent)] as const] : []
    })
    const catchingUp = new SmallSet<Follower>()
    for (const [follower] of held) catchingUp.add(follower)
    this.#catchingUp = catchingUp
    try {
      await catchUp(this.#session, new Map(held), this.#deps.log, headsIn(cursors))
    } finally {
      this.#catchingUp = undefined
    }
  }

  #keep(follower: Follower): void {
    // The session may have ended, or a second hold of the same timeline may have won, while the broker confirmed.
    if (this.#isClosed || this.#followers.has(follower.topic.id)) this.#deps.hub.leave(follower)
    else this.#followers.set(follower.topic.id, follower)
  }
}

function headsIn(cursors: readonly FollowFrom[]): ReadonlyMap<TimelineId, Offset> {
  return new Map(cursors.flatMap(({ timeline, head }) => (head === undefined ? [] : [[timeline, head] as const])))
}
