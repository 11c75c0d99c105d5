import {
  conversationOfTimeline,
  conversationTimeline,
  LIMITS,
  userTimeline,
  utf8Length,
} from '@hongyan/protocol/constants'
import type { ConversationId, ConversationState, Offset, ReplyOf, RequestOf, TimelineId } from '@hongyan/protocol'
import type { Platform } from './client-api.ts'
import type { Failure, Outcome } from './failure.ts'
import type { Follower } from './follower.ts'
import type { Requests } from './requests.ts'
import type { Store } from './store.ts'

/** Below the server's 64 KB for a frame, with room for its envelope. */
const RESUME_BYTES = 48 * 1024
/** Without a page, an entry or an answer for this long the sync is given up. */
const PROGRESS_MS = 15_000
/** A bound above that, for what goes on and on. */
const SYNC_TIMEOUT_MS = 300_000

export interface SyncerPorts {
  readonly clock: Platform['clock']
  readonly requests: Requests
  readonly store: Store
  readonly follower: Follower
  /** Conversations came, or changed. */
  readonly onConversations: (ids: readonly ConversationId[]) => void
  /** Conversations that are no longer the user's: to be dropped. */
  readonly onGone: (ids: readonly ConversationId[]) => void
  /** The first snapshot of the login, or of a new epoch, is in. */
  readonly onComplete: () => void
  /** The session is up to date. */
  readonly onCaughtUp: () => void
  /** This connection cannot be brought up to date. */
  readonly onFailed: (failure: Failure) => void
}

type Cursors = { timeline: TimelineId; offset: number }[]

/**
 * Brings the store up to date on a fresh session: the first time by a snapshot, after a loss from the cursors. While a
 * snapshot arrives the user's timeline is held: its pages are true for different moments, and the entries applied in
 * order over all of them end in the same state.
 */
export class Syncer {
  private readonly ports: SyncerPorts
  private readonly user: TimelineId
  private cancelProgress: (() => void) | undefined = undefined
  /** While a snapshot arrives: followed conversations that no page has named yet. */
  private missing = new Set<ConversationId>()
  private hasSnapshot = false

  constructor(ports: SyncerPorts) {
    this.ports = ports
    this.user = userTimeline(ports.store.me)
  }

  /** False while the first snapshot is still arriving. */
  get isComplete(): boolean {
    return this.hasSnapshot
  }

  start(): void {
    this.waitForProgress()
    // What came before the first page belongs to a store we do not know the epoch of.
    if (this.ports.store.epoch === undefined) this.ports.store.reset()
    if (!this.hasSnapshot) return this.snapshot(() => this.finish())
    this.resume(chunksOf(this.ports.store.cursors()), 0, [])
  }

  /** Something arrived: a long catch-up on a slow line is no standstill. */
  progress(): void {
    if (this.cancelProgress !== undefined) this.waitForProgress()
  }

  /** The connection is gone, or the sync is done. */
  stop(): void {
    this.cancelProgress?.()
    this.cancelProgress = undefined
  }

  /** Replaces a timeline that could not be followed. `done` is called when its snapshot is in. */
  reset(timeline: TimelineId, done: () => void): void {
    const id = conversationOfTimeline(timeline)
    if (id === undefined) return this.snapshot(done)
    this.ports.follower.hold(this.user)
    this.replace([id], () => this.release(done))
  }

  private resume(chunks: readonly Cursors[], index: number, resets: readonly TimelineId[]): void {
    const { requests, store } = this.ports
    const cursors = chunks[index]
    if (cursors === undefined) return this.afterResume(resets)
    const asked = cursors.map(({ timeline }) => this.sinceOf(timeline))
    requests.ask(
      'sync.resume',
      { epoch: store.epoch ?? '', cursors },
      (outcome) => {
        if (outcome.ok) {
          this.progress()
          const { gone } = outcome.body
          // Who has joined again since he asked was told so by an entry that came before this answer.
          this.leave(
            cursors.flatMap(({ timeline }, at) => {
              return gone.includes(timeline) && this.sinceOf(timeline) === asked[at] ? timeline : []
            }),
          )
          this.resume(chunks, index + 1, [...resets, ...outcome.body.resets])
        } else if (outcome.failure === 'EPOCH_CHANGED') {
          this.forget()
          this.snapshot(() => this.finish())
        } else this.fail(outcome.failure)
      },
      { scope: 'session', timeoutMs: SYNC_TIMEOUT_MS },
    )
  }

  private afterResume(resets: readonly TimelineId[]): void {
    if (resets.length === 0) return this.finish()
    const ids = resets.map(conversationOfTimeline).filter((id) => id !== undefined)
    const isUserReset = resets.includes(this.user)
    this.ports.follower.hold(this.user)
    this.replace(ids, () => {
      if (!isUserReset) return this.release(() => this.finish())
      this.snapshot(() => this.release(() => this.finish()))
    })
  }

  /** Takes all pages. */
  private snapshot(done: () => void): void {
    this.ports.follower.hold(this.user)
    this.missing = new Set()
    // Also before the first is complete: an earlier attempt may have brought what the user has left since.
    for (const { seen, isJoined } of this.ports.store.all()) if (isJoined) this.missing.add(seen.conversationId)
    this.page(undefined, () => this.release(done))
  }

  private page(before: { readonly next: string; readonly userOffset: Offset } | undefined, done: () => void): void {
    this.askSnapshot(before === undefined ? {} : { after: before.next }, (reply) => {
      const { store } = this.ports
      if (this.isOtherEpoch(reply) && before !== undefined) return this.page(undefined, done)
      store.epoch = reply.epoch
      const { userOffset } = before ?? reply
      for (const state of reply.conversations) this.take(state)
      const ids = reply.conversations.map((state) => state.conversationId)
      if (reply.next !== undefined) {
        this.ports.onConversations(ids)
        return this.page({ next: reply.next, userOffset }, done)
      }
      // Only now: a cursor from before the last page would leave out for ever what a lost connection kept away.
      store.userOffset = Math.max(store.userOffset, userOffset)
      const gone = [...this.missing]
      this.missing = new Set()
      const isFirst = !this.hasSnapshot
      this.hasSnapshot = true
      this.ports.onConversations(ids)
      this.ports.onGone(gone)
      if (isFirst) this.ports.onComplete()
      done()
    })
  }

  /** A conversation on a page: followed from the page on, or, if it was known, from where we stand. */
  private take(state: ConversationState): void {
    const { store, follower } = this.ports
    this.missing.delete(state.conversationId)
    store.merge(state, { how: 'page' })
    follower.noteHead(conversationTimeline(state.conversationId), state.offset)
  }

  /** Takes the states of conversations whose timelines were too far behind, in place of what was known of them. */
  private replace(ids: readonly ConversationId[], done: () => void): void {
    const conversationIds = ids.slice(0, LIMITS.conversationsPerRequest)
    if (conversationIds.length === 0) return done()
    this.askSnapshot({ conversationIds }, (reply) => {
      if (this.isOtherEpoch(reply)) return this.page(undefined, done)
      const { store } = this.ports
      const left = new Set(conversationIds)
      for (const state of reply.conversations) {
        left.delete(state.conversationId)
        store.merge(state, { how: 'replace' })
      }
      this.ports.onConversations(conversationIds.filter((id) => !left.has(id)))
      const others = ids.slice(conversationIds.length)
      // With `next` there was no room for all: what is missing has to be asked for again.
      if (reply.next !== undefined && left.size < conversationIds.length) {
        return this.replace([...left, ...others], done)
      }
      this.ports.onGone([...left])
      this.replace(others, done)
    })
  }

  private askSnapshot(body: RequestOf<'sync.snapshot'>, onReply: (reply: ReplyOf<'sync.snapshot'>) => void): void {
    const settle = (outcome: Outcome<ReplyOf<'sync.snapshot'>>): void => {
      if (!outcome.ok) return this.fail(outcome.failure)
      this.progress()
      onReply(outcome.body)
    }
    this.ports.requests.ask('sync.snapshot', body, settle, { scope: 'session', timeoutMs: SYNC_TIMEOUT_MS })
  }

  /** True after everything was forgotten, because the store behind the server is not the one it was (promise I12). */
  private isOtherEpoch(reply: ReplyOf<'sync.snapshot'>): boolean {
    const { epoch } = this.ports.store
    if (epoch === undefined || epoch === reply.epoch) return false
    this.forget()
    this.ports.follower.hold(this.user)
    return true
  }

  private forget(): void {
    const { store, follower, requests, onConversations } = this.ports
    const ids = [...store.all()].map(({ seen }) => seen.conversationId)
    store.reset()
    follower.forget()
    requests.endEpoch()
    this.missing = new Set()
    this.hasSnapshot = false
    onConversations(ids)
  }

  private sinceOf(timeline: TimelineId): Offset | undefined {
    const id = conversationOfTimeline(timeline)
    return id && this.ports.store.get(id)?.since
  }

  /** Forgets conversations that are no longer the user's. */
  leave(timelines: readonly TimelineId[]): void {
    this.ports.onGone(timelines.map(conversationOfTimeline).filter((id) => id !== undefined))
  }

  private release(next: () => void): void {
    this.ports.follower.release(this.user)
    next()
  }

  private finish(): void {
    this.stop()
    this.ports.onCaughtUp()
  }

  private fail(failure: Failure): void {
    if (failure !== 'CLOSED') this.ports.onFailed(failure)
  }

  private waitForProgress(): void {
    this.cancelProgress?.()
    this.cancelProgress = this.ports.clock.after(PROGRESS_MS, () => this.ports.onFailed('TIMEOUT'))
  }
}

/** The cursors in parts that fit the server's frame, in their order: the user's own stays last. */
export function chunksOf(cursors: Cursors): readonly Cursors[] {
  const chunks: Cursors[] = []
  let chunk: Cursors = []
  let bytes = 0
  for (const cursor of cursors) {
    const cursorBytes = utf8Length(JSON.stringify(cursor)) + 1
    if (chunk.length === 0 || chunk.length >= LIMITS.cursorsPerResume || bytes + cursorBytes > RESUME_BYTES) {
      chunk = []
      chunks.push(chunk)
      bytes = 0
    }
    chunk.push(cursor)
    bytes += cursorBytes
  }
  return chunks
}
