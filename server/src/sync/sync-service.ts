import {
  conversationOfTimeline,
  conversationTimeline,
  LIMITS,
  Refused,
  userTimeline,
  type ConversationId,
  type Offset,
  type ReplyOf,
  type RequestOf,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import { assertNotForeign } from '../conversations/conversation-directory.ts'
import {
  readMemberships,
  readMembershipsAt,
  readStates,
  type Membership,
  type MembershipsPage,
  type Place,
} from '../conversations/conversation-reader.ts'
import type { Clock } from '../kit/clock.ts'
import { Coalescer } from '../kit/coalescer.ts'
import type { Db } from '../db/db.ts'
import { entryAs } from '../timelines/entry-audience.ts'
import type { LogReader } from '../timelines/log-reader.ts'

/** Whose conversations are synced. */
export interface SyncingUser {
  readonly userId: UserId
  readonly accountKey: number
}

/** Places asked for together: some hundred users with some hundred conversations each. */
const MAX_PLACES = 10_000

interface TimelineCursor {
  readonly timeline: TimelineId
  readonly after: Offset
  /** The log's last offset, if it was read after the timeline was held. */
  readonly head?: Offset
}

/** A snapshot in the order in which it must be taken: hold, then read the page, then follow. */
export interface SnapshotPlan {
  /** Must be held before the page is read, or something between the two would be missed. */
  readonly hold: readonly TimelineId[]
  readonly page: () => Promise<ReplyOf<'sync.snapshot'>>
  readonly follow: (page: ReplyOf<'sync.snapshot'>) => readonly TimelineCursor[]
}

/** Brings devices up to date: the state as of an offset, and what came after it. */
export class SyncService {
  readonly #db: Db
  readonly #log: LogReader
  /** Many come back at the same time: whose conversations they are is asked for all of them together. */
  readonly #places: Coalescer<Place, Membership>

  constructor(deps: { readonly db: Db; readonly log: LogReader; readonly clock: Clock }) {
    this.#db = deps.db
    this.#log = deps.log
    this.#places = new Coalescer<Place, Membership>({
      idOf: placeId,
      maxKeys: MAX_PLACES,
      clock: deps.clock,
      ask: async (places) =>
        new Map((await readMembershipsAt(deps.db, places)).map((found) => [placeId(found), found])),
    })
  }

  epoch(): Promise<string> {
    return this.#log.epoch()
  }

  /** Refuses EPOCH_CHANGED when the cursors were made for another state of the store (promise I12). */
  async assertEpoch(epoch: string): Promise<void> {
    if ((await this.#log.epoch()) !== epoch) throw new Refused('EPOCH_CHANGED')
  }

  async planSnapshot(user: SyncingUser, request: RequestOf<'sync.snapshot'>): Promise<SnapshotPlan> {
    const own = userTimeline(user.userId)
    const { userOffset, memberships } = request.conversationIds
      ? await this.#named(user, request.conversationIds)
      : await readMemberships(
          this.#db,
          { accountKey: user.accountKey, userTimeline: own },
          {
            belowKey: request.after === undefined ? Number.MAX_SAFE_INTEGER : keyOf(request.after),
            limit: LIMITS.snapshotPage + 1,
          },
        )
    const wanted = memberships.slice(0, LIMITS.snapshotPage)
    return {
      // A conversation that begins while pages are fetched is told of by the user's own timeline.
      hold: [own, ...wanted.map(({ timeline }) => timeline)],
      // The states may contain more of the user's timeline than that; what is applied to them again changes nothing.
      page: async () => {
        const keys = wanted.map(({ timelineKey }) => timelineKey)
        const { epoch, states } = await readStates(this.#db, user.accountKey, keys)
        const fitting = countThatFits(
          states.map(({ state }) => state),
          LIMITS.snapshotBytes,
        )
        const shown = states.slice(0, fitting)
        const last = shown.length < states.length ? shown.at(-1)?.timelineKey : keys.at(-1)
        const isMore = shown.length < states.length || wanted.length < memberships.length
        return {
          epoch,
          userOffset,
          conversations: shown.map(({ state }) => state),
          ...(isMore && last !== undefined ? { next: String(last) } : {}),
        }
      },
      follow: ({ conversations }) => [
        { timeline: own, after: userOffset },
        ...conversations.map((state) => ({
          timeline: conversationTimeline(state.conversationId),
          after: state.offset,
        })),
      ],
    }
  }

  /** Those of these timelines that are the user's to follow, each with the offset from which on it is his. */
  async ownTimelines(
    user: SyncingUser,
    timelines: readonly TimelineId[],
  ): Promise<ReadonlyMap<TimelineId, { readonly joinedOffset: Offset }>> {
    const memberships = await this.#membershipsIn(
      user.accountKey,
      timelines.filter((timeline) => conversationOfTimeline(timeline) !== undefined),
    )
    const mine = new Map(memberships.map((membership) => [membership.timeline, membership]))
    const own = userTimeline(user.userId)
    const joined = new Map<TimelineId, { readonly joinedOffset: Offset }>()
    for (const timeline of timelines) {
      const place = timeline === own ? { joinedOffset: 0 } : mine.get(timeline)
      if (place) joined.set(timeline, place)
    }
    return joined
  }

  /** Which of these cursors can be caught up entry by entry, by the heads of now: to be asked when they are held. */
  async planResume(
    cursors: RequestOf<'sync.resume'>['cursors'],
    mine: ReadonlyMap<TimelineId, { readonly joinedOffset: Offset }>,
  ): Promise<{ readonly cursors: readonly TimelineCursor[]; readonly resets: readonly TimelineId[] }> {
    const heads = new Map((await this.#log.heads([...mine.keys()])).map((head) => [head.id, head]))
    const own = cursors.filter(({ timeline }) => heads.has(timeline))
    const isTooFar = ({ timeline, offset }: (typeof own)[number]): boolean => {
      const { lastOffset: head, cutOffset = 0 } = heads.get(timeline) ?? { lastOffset: 0 }
      // A cursor beyond the head can only come from another state of the store; one from before he came, from an earlier
      // membership: what lies between was not for him (promise I11).
      const isForeign = offset > head || offset < (mine.get(timeline)?.joinedOffset ?? 0)
      return isForeign || offset < cutOffset || head - offset > LIMITS.catchUpEntries
    }
    return {
      cursors: own
        .filter((cursor) => !isTooFar(cursor))
        .map(({ timeline, offset }) => ({ timeline, after: offset, head: heads.get(timeline)?.lastOffset ?? 0 })),
      resets: own.filter(isTooFar).map(({ timeline }) => timeline),
    }
  }

  /** The entries after a cursor. Refuses NOT_A_MEMBER and TOO_FAR_BEHIND. */
  async pull(user: SyncingUser, request: RequestOf<'sync.pull'>): Promise<ReplyOf<'sync.pull'>> {
    const [head] = await this.#log.heads([request.timeline])
    const lastOffset = head?.lastOffset ?? 0
    const limit = request.limit ?? LIMITS.entriesPerPage
    const isThere = request.after >= (head?.cutOffset ?? 0)
    const isNear = isThere && lastOffset - request.after <= LIMITS.catchUpEntries
    const cursor = { timeline: request.timeline, after: request.after }
    const page = isNear ? ((await this.#log.entriesAfter([cursor], limit)).get(request.timeline) ?? []) : []
    // Asked after the entries were read: whoever is a member now, since before the cursor, was one all the time between.
    const mine = (await this.ownTimelines(user, [request.timeline])).get(request.timeline)
    if (!mine) throw new Refused('NOT_A_MEMBER')
    if (!isNear || request.after < mine.joinedOffset) throw new Refused('TOO_FAR_BEHIND')
    const seen = page.map(({ offset, entry }) => ({ offset, entry: entryAs(entry, user.userId) ?? SKIPPED }))
    const entries = seen.slice(0, countThatFits(seen))
    return { entries, more: (entries.at(-1)?.offset ?? request.after) < lastOffset }
  }

  async #membershipsIn(accountKey: number, timelines: readonly TimelineId[]): Promise<readonly Membership[]> {
    const places = timelines.map((timeline) => ({ accountKey, timeline }))
    const found = await this.#places.find(places)
    return places.flatMap((place) => found.get(placeId(place)) ?? [])
  }

  async #named(user: SyncingUser, ids: readonly ConversationId[]): Promise<MembershipsPage> {
    for (const id of ids) assertNotForeign(id, user.userId)
    const [own] = await this.#log.heads([userTimeline(user.userId)])
    const memberships = await this.#membershipsIn(user.accountKey, ids.map(conversationTimeline))
    return { userOffset: own?.lastOffset ?? 0, memberships }
  }
}

function placeId({ accountKey, timeline }: Place): string {
  return `${accountKey} ${timeline}`
}

/** In place of the removal of the reader himself, which only somebody who has come back since can meet. */
const SKIPPED = { kind: 'skipped', seq: 0 } as const

/** How many of these, from the first on, fit into one page; one always does. */
export function countThatFits(items: readonly unknown[], maxBytes: number = LIMITS.pageBytes): number {
  let bytes = 0
  for (const [index, item] of items.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(item))
    if (bytes > maxBytes) return Math.max(1, index)
  }
  return items.length
}

function keyOf(after: string): number {
  const key = Number(after)
  if (!Number.isSafeInteger(key)) throw new Refused('BAD_REQUEST')
  return key
}
