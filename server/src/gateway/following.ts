import { conversationTimeline, type Entry, type TimelineId } from '@hongyan/protocol'
import type { FollowFrom, Following } from '../commands/handler.ts'
import type { LogReader } from '../timelines/log-reader.ts'
import { catchUp, type CatchingUpSession } from './follow.ts'
import type { Hub } from './hub.ts'
import type { Follower } from './topic.ts'

export interface FollowingDeps {
  readonly hub: Hub
  readonly log: LogReader
  /** A timeline could not be brought to now; the session must end. */
  readonly onFailure: (error: unknown) => void
}

/** Everything one session follows. */
export class SessionFollowing implements Following {
  readonly #deps: FollowingDeps
  readonly #session: CatchingUpSession
  readonly #followers = new Map<TimelineId, Follower>()
  #releasing: Promise<void> = Promise.resolve()
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
    const released = this.#releasing.then(() => this.#release(cursors))
    this.#releasing = released.catch(() => {})
    return released
  }

  drop(timelines: readonly TimelineId[]): void {
    for (const timeline of timelines) {
      const follower = this.#followers.get(timeline)
      if (!follower) continue
      this.#followers.delete(timeline)
      this.#deps.hub.leave(follower)
    }
  }

  /** A conversation that has just begun is followed from its first entry. */
  onOwnEntry(entry: Entry): void {
    if (entry.kind !== 'joined' || this.#isClosed) return
    void this.#followNew(conversationTimeline(entry.conversationId))
  }

  close(): void {
    this.#isClosed = true
    this.drop([...this.#followers.keys()])
  }

  async #followNew(timeline: TimelineId): Promise<void> {
    if (this.#followers.has(timeline)) return
    try {
      await this.hold([timeline])
      await this.release([{ timeline, after: 0 }])
    } catch (err) {
      this.#deps.onFailure(err)
    }
  }

  async #release(cursors: readonly FollowFrom[]): Promise<void> {
    const held = cursors.flatMap(({ timeline, after }) => {
      const follower = this.#followers.get(timeline)
      // A catching up that broke off is asked for again with the same cursor: what was pushed is not pushed twice.
      return follower && !follower.isLive ? [[follower, Math.max(after, follower.sent)] as const] : []
    })
    await catchUp(this.#session, new Map(held), this.#deps.log)
  }

  #keep(follower: Follower): void {
    // The session may have ended, or a second hold of the same timeline may have won, while the broker confirmed.
    if (this.#isClosed || this.#followers.has(follower.topic.id)) this.#deps.hub.leave(follower)
    else this.#followers.set(follower.topic.id, follower)
  }
}
