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
import { membersOf } from '../conversations/conversation-directory.ts'
import {
  readMembershipsIn,
  readMemberships,
  readStates,
  type Membership,
  type StatesPage,
} from '../conversations/conversation-reader.ts'
import type { Db } from '../db/db.ts'
import type { LogReader } from '../timelines/log-reader.ts'

/** Whose conversations are synced. */
export interface SyncingUser {
  readonly userId: UserId
  readonly accountKey: number
}

interface TimelineCursor {
  readonly timeline: TimelineId
  readonly after: Offset
}

/** A snapshot in the order in which it must be taken: hold, then read the page, then follow. */
export interface SnapshotPlan {
  /** Must be held before the page is read, or something between the two would be missed. */
  readonly hold: readonly TimelineId[]
  readonly page: () => Promise<StatesPage>
  readonly follow: (page: StatesPage) => readonly TimelineCursor[]
  /** Where the next page starts, when there is one. */
  readonly next: string | undefined
}

/** Brings devices up to date: the state as of an offset, and what came after it. */
export class SyncService {
  readonly #db: Db
  readonly #log: LogReader

  constructor(deps: { readonly db: Db; readonly log: LogReader }) {
    this.#db = deps.db
    this.#log = deps.log
  }

  epoch(): Promise<string> {
    return this.#log.epoch()
  }

  /** Refuses EPOCH_CHANGED when the cursors were made for another state of the store (promise I12). */
  async assertEpoch(epoch: string): Promise<void> {
    if ((await this.#log.epoch()) !== epoch) throw new Refused('EPOCH_CHANGED')
  }

  async planSnapshot(user: SyncingUser, request: RequestOf<'sync.snapshot'>): Promise<SnapshotPlan> {
    // First of all: a conversation that begins after this is told of by an entry after it, and one that began before is
    // found below. Read later, it could lie behind the entry of a conversation that was not found (simulator, seed 12).
    const [own] = await this.#log.heads([userTimeline(user.userId)])
    const userOffset = own?.lastOffset ?? 0
    const found = request.conversationIds
      ? await this.#named(user, request.conversationIds)
      : await readMemberships(this.#db, user.accountKey, {
          belowKey: request.after === undefined ? Number.MAX_SAFE_INTEGER : keyOf(request.after),
          limit: LIMITS.snapshotPage + 1,
        })
    const page = found.slice(0, LIMITS.snapshotPage)
    const last = page.at(-1)
    return {
      // A conversation that begins while pages are fetched is told of by the user's own timeline.
      hold: [userTimeline(user.userId), ...page.map(({ timeline }) => timeline)],
      // The states may contain more of the user's timeline than that; what is applied to them again changes nothing.
      page: async () => {
        const { conversations } = await readStates(
          this.#db,
          { accountKey: user.accountKey, userTimeline: userTimeline(user.userId) },
          page.map(({ timelineKey }) => timelineKey),
        )
        return { userOffset, conversations }
      },
      follow: ({ conversations }) => [
        { timeline: userTimeline(user.userId), after: userOffset },
        ...conversations.map((state) => ({
          timeline: conversationTimeline(state.conversationId),
          after: state.offset,
        })),
      ],
      next: last && found.length > page.length ? String(last.timelineKey) : undefined,
    }
  }

  /** Those of these timelines that are the user's to follow. */
  async ownTimelines(user: SyncingUser, timelines: readonly TimelineId[]): Promise<readonly TimelineId[]> {
    const memberships = await readMembershipsIn(
      this.#db,
      user.accountKey,
      timelines.filter((timeline) => conversationOfTimeline(timeline) !== undefined),
    )
    const mine = new Set<TimelineId>([userTimeline(user.userId), ...memberships.map(({ timeline }) => timeline)])
    return timelines.filter((timeline) => mine.has(timeline))
  }

  /** Which of these cursors can be caught up entry by entry, with the heads known now. */
  async planResume(
    cursors: RequestOf<'sync.resume'>['cursors'],
    mine: readonly TimelineId[],
  ): Promise<{ readonly cursors: readonly TimelineCursor[]; readonly resets: readonly TimelineId[] }> {
    const heads = new Map((await this.#log.heads(mine)).map((head) => [head.id, head.lastOffset]))
    const own = cursors.filter(({ timeline }) => heads.has(timeline))
    const isTooFar = ({ timeline, offset }: (typeof own)[number]): boolean => {
      const head = heads.get(timeline) ?? 0
      // A cursor beyond the head can only come from another state of the store.
      return head - offset > LIMITS.catchUpEntries || offset > head
    }
    return {
      cursors: own.filter((cursor) => !isTooFar(cursor)).map(({ timeline, offset }) => ({ timeline, after: offset })),
      resets: own.filter(isTooFar).map(({ timeline }) => timeline),
    }
  }

  /** The entries after a cursor. Refuses NOT_A_MEMBER and TOO_FAR_BEHIND. */
  async pull(user: SyncingUser, request: RequestOf<'sync.pull'>): Promise<ReplyOf<'sync.pull'>> {
    const [timeline] = await this.ownTimelines(user, [request.timeline])
    if (timeline === undefined) throw new Refused('NOT_A_MEMBER')
    const [head] = await this.#log.heads([timeline])
    const lastOffset = head?.lastOffset ?? 0
    if (lastOffset - request.after > LIMITS.catchUpEntries) throw new Refused('TOO_FAR_BEHIND')
    const limit = request.limit ?? LIMITS.entriesPerPage
    const page = (await this.#log.entriesAfter([{ timeline, after: request.after }], limit)).get(timeline) ?? []
    return { entries: [...page], more: (page.at(-1)?.offset ?? request.after) < lastOffset }
  }

  async #named(user: SyncingUser, ids: readonly ConversationId[]): Promise<readonly Membership[]> {
    for (const id of ids) membersOf(id, user.userId)
    return readMembershipsIn(this.#db, user.accountKey, ids.map(conversationTimeline))
  }
}

function keyOf(after: string): number {
  const key = Number(after)
  if (!Number.isSafeInteger(key)) throw new Refused('BAD_REQUEST')
  return key
}
