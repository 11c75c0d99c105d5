import {
  groupOf,
  LIMITS,
  Refused,
  type ConversationId,
  type Group,
  type Member,
  type ReplyOf,
  type RequestOf,
  type UserId,
} from '@hongyan/protocol'
import { assertNotForeign } from '../conversations/conversation-directory.ts'
import { groupOfRow } from '../conversations/group-row.ts'
import type { Db } from '../db/db.ts'
import { memberOf } from '../groups/group-reader.ts'
import { GROUP_TYPES } from '../groups/group-types.ts'
import type { Clock } from '../kit/clock.ts'
import { Outage } from '../kit/outage.ts'
import { RateLimiter } from '../kit/rate-limiter.ts'
import type { Actor } from '../logins/actor.ts'
import { messageOf } from '../timelines/message-row.ts'
import { readFoundMembers, readGroups, type FoundMemberRow } from './group-search-reader.ts'
import { cursorOf, numbersOf } from './keyword-rules.ts'
import { listPage } from './list-rules.ts'
import { readExtents, readHits, type Times } from './message-search-reader.ts'
import { readUsers, type People } from './user-search-reader.ts'
import { pageOf, planWalk } from './walk-rules.ts'

export interface SearchDeps {
  /** A pool of its own: however much is sought, nobody else waits for a connection. */
  readonly db: Db
  readonly clock: Clock
  /** Whom a user may find by a part of his name. */
  readonly people: People
  /** Who may find everybody all the same. */
  readonly adminUserIds: readonly UserId[]
}

type MessageRequest = RequestOf<'search.messages'>
type MessageReply = ReplyOf<'search.messages'>

/** Users whose searches are counted before those who have not searched lately are forgotten. */
const MAX_COUNTED = 10_000
/** So much of the window is looked through where the database did not manage all of it in time. */
const SMALLER = 1 / 20

const FINDABLE = (Object.keys(GROUP_TYPES) as Group['type'][]).filter((type) => GROUP_TYPES[type].isFound)

/**
 * Searches, without an index of words: a request looks through a bounded part of what there is, the newest first, and says
 * where it stopped. It finds what the user may see at this moment and nothing else.
 */
export class SearchService {
  readonly #deps: SearchDeps
  readonly #rates: RateLimiter

  constructor(deps: SearchDeps) {
    this.#deps = deps
    this.#rates = new RateLimiter(LIMITS.searchesPerSecond, deps.clock, LIMITS.searchesAtOnce)
  }

  /** Refuses BAD_REQUEST where nothing is sought, and NOT_A_MEMBER for a conversation as its history does. */
  async messages(actor: Actor, request: MessageRequest): Promise<MessageReply> {
    const { keywords, senderIds = [], types = [], conversationId } = request
    if (keywords.length + senderIds.length + types.length === 0) throw new Refused('BAD_REQUEST')
    if (conversationId !== undefined) assertNotForeign(conversationId, actor.userId)
    return this.#run(actor, LIMITS.searchedMessages, (window) =>
      conversationId === undefined
        ? this.#everywhere(actor, request, window)
        : this.#within(actor, conversationId, request, window),
    )
  }

  async users(actor: Actor, request: RequestOf<'search.users'>): Promise<ReplyOf<'search.users'>> {
    const { keywords, match, limit, gender, bornFrom, bornTo } = request
    const [after = 0, before = 0] = numbersOf(request.after, 'u', 2) ?? []
    const people = this.#deps.adminUserIds.includes(actor.userId) ? 'everyone' : this.#deps.people
    const sought = { accountKey: actor.accountKey, people, keywords, match, limit, gender, bornFrom, bornTo, after }
    const found = await this.#run(actor, LIMITS.searchedUsers, (window) =>
      readUsers(this.#deps.db, { ...sought, window }),
    )
    const { rows, ...page } = listPage('u', found, before)
    const users = rows.map(({ userId, nick, avatar, details, changedAtMs }) => ({
      ...{ userId, nick, avatar, details, changedAtMs },
    }))
    return { ...page, users }
  }

  async groups(actor: Actor, request: RequestOf<'search.groups'>): Promise<ReplyOf<'search.groups'>> {
    const { keywords, match, limit, types = [] } = request
    const [below = Number.MAX_SAFE_INTEGER, before = 0] = numbersOf(request.after, 'g', 2) ?? []
    const sought = { accountKey: actor.accountKey, keywords, match, limit, types, findable: FINDABLE, below }
    const found = await this.#run(actor, LIMITS.searchedGroups, (window) =>
      readGroups(this.#deps.db, { ...sought, window }),
    )
    const { rows, ...page } = listPage('g', found, before)
    const groups = rows.map(({ place: _place, count: _count, edge: _edge, ...row }) => groupOfRow(row))
    return { ...page, groups }
  }

  async members(actor: Actor, request: RequestOf<'search.members'>): Promise<ReplyOf<'search.members'>> {
    const { keywords, match, limit, types = [], groupIds } = request
    const [timelineKey = Number.MAX_SAFE_INTEGER, accountKey = 0, before = 0] = numbersOf(request.after, 'm', 3) ?? []
    const after = { timelineKey, accountKey }
    const sought = { accountKey: actor.accountKey, keywords, match, limit, types, groupIds, after }
    const found = await this.#run(actor, LIMITS.searchedMembers, (window) =>
      readFoundMembers(this.#deps.db, { ...sought, window }),
    )
    const { rows, ...page } = listPage('m', found, before)
    return { ...page, results: byGroup(rows) }
  }

  /** Through all conversations, in rounds; a result is a conversation. */
  async #everywhere(actor: Actor, request: MessageRequest, window: number): Promise<MessageReply> {
    const { db, clock } = this.#deps
    const [untilMs, round = 0, lastAtMs = 0, timelineKey = 0, before = 0] = numbersOf(request.after, 'a', 5) ?? []
    const times = timesOf(request, untilMs, clock.now())
    const extents = await readExtents(db, actor.accountKey, times)
    const from = untilMs === undefined ? undefined : { round, lastAtMs, timelineKey }
    const walk = planWalk(extents, from, window)
    if (walk.slices.length === 0) return { results: [], total: before }
    const hits = await readHits(db, { ...soughtBy(actor, request), slices: walk.slices, shown: 0 })
    const { results, next, conversations } = pageOf(walk, hits, request.limit)
    // What is said from now on moves no conversation to another place of this walk.
    const end = times.beforeMs ?? Math.max(clock.now(), ...extents.map((extent) => extent.lastAtMs)) + 1
    return {
      results: results.map(({ conversationId, count, messages }) => ({
        conversationId,
        count,
        messages: messages.map((row) => messageOf(conversationId, row)),
      })),
      total: before + conversations,
      ...(next && { next: cursorOf('a', end, next.round, next.lastAtMs, next.timelineKey, before + results.length) }),
    }
  }

  /** In one conversation, from its end; a result is a message. */
  async #within(
    actor: Actor,
    conversationId: ConversationId,
    request: MessageRequest,
    window: number,
  ): Promise<MessageReply> {
    const { db, clock } = this.#deps
    const [untilMs, below = Number.MAX_SAFE_INTEGER, before = 0] = numbersOf(request.after, 'c', 3) ?? []
    const nowMs = clock.now()
    const times = timesOf(request, untilMs, nowMs)
    const [extent] = await readExtents(db, actor.accountKey, times, conversationId)
    // A group that does not exist looks like one of others.
    if (!extent && groupOf(conversationId) !== undefined) throw new Refused('NOT_A_MEMBER')
    const upTo = Math.min(extent?.upTo ?? 0, below - 1)
    if (!extent || upTo <= extent.after) return { results: [], total: before }
    const after = Math.max(extent.after, upTo - window)
    const slices = [{ extent, after, upTo }]
    const hits = await readHits(db, { ...soughtBy(actor, request), slices, shown: request.limit })
    const { count = 0, messages = [] } = hits.get(0) ?? {}
    const isFull = count > messages.length
    const goesOnBelow = isFull ? (messages.at(-1)?.seq ?? 0) : after + 1
    const shown = messages.map((row) => messageOf(conversationId, row))
    return {
      results: shown.length === 0 ? [] : [{ conversationId, count: shown.length, messages: shown }],
      total: before + count,
      ...((isFull || after > extent.after) && {
        next: cursorOf('c', times.beforeMs ?? nowMs, goesOnBelow, before + shown.length),
      }),
    }
  }

  /** Within the user's rate; once more with a smaller window where the database did not manage in time. */
  async #run<T>(actor: Actor, window: number, search: (window: number) => Promise<T>): Promise<T> {
    if (this.#rates.size >= MAX_COUNTED) this.#rates.forgetFull()
    if (!this.#rates.take(actor.userId)) throw new Refused('TOO_MANY_REQUESTS')
    try {
      return await search(window)
    } catch (err) {
      if (!(err instanceof Outage)) throw err
      return search(window * SMALLER)
    }
  }
}

function soughtBy({ accountKey }: Actor, { keywords, match, senderIds = [], types = [] }: MessageRequest) {
  return { accountKey, keywords, match, senderIds, types }
}

/** A cursor holds on to when its search was begun. */
function timesOf({ beforeMs, periodMs }: MessageRequest, untilMs: number | undefined, nowMs: number): Times {
  const endMs = untilMs ?? beforeMs
  return { beforeMs: endMs, sinceMs: periodMs === undefined ? undefined : Math.max(0, (endMs ?? nowMs) - periodMs) }
}

function byGroup(rows: readonly FoundMemberRow[]): { group: Group; members: Member[] }[] {
  const results: { group: Group; members: Member[] }[] = []
  for (const row of rows) {
    if (row.group) results.push({ group: groupOfRow(row.group), members: [] })
    results.at(-1)?.members.push(memberOf(row))
  }
  return results
}
