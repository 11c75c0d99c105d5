import {
  conversationTimeline,
  parseConversationId,
  peerOf,
  Refused,
  type ConversationId,
  type ConversationParts,
  type TimelineId,
  type UserId,
  userTimeline,
} from '@hongyan/protocol'
import type { Account } from '../accounts/account-reader.ts'
import type { AccountsService } from '../accounts/accounts-service.ts'
import type { Db, Queryable, Tx } from '../db/db.ts'
import { LruMap } from '../kit/lru.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { readHeads } from '../timelines/timeline-reader.ts'
import { appendEntries, lockTimelines, type AppendedEntry } from '../timelines/timeline-writer.ts'
import { joinedFromTheBeginning } from './beginning.ts'
import { insertConversation } from './conversation-writer.ts'

/** Where a conversation is kept. Never changes once it exists, so it may be remembered. */
export interface ConversationPlace {
  readonly id: ConversationId
  readonly timeline: TimelineId
  readonly timelineKey: number
  readonly type: ConversationParts['type']
}

export interface DirectoryDeps {
  readonly db: Db
  readonly accounts: AccountsService
  readonly announcer: Announcer
}

const REMEMBERED = 100_000

/** Finds conversations by id, and begins them with their first message. */
export class ConversationDirectory {
  readonly #deps: DirectoryDeps
  readonly #places = new LruMap<ConversationId, ConversationPlace>(REMEMBERED)
  readonly #beginning = new Map<ConversationId, Promise<ConversationPlace>>()

  constructor(deps: DirectoryDeps) {
    this.#deps = deps
  }

  /**
   * The place if it is remembered: the message path asks this first and does not wait. Not while the conversation is
   * just beginning: a second send would overtake the first, which waits for that ([REQ-2]).
   */
  remembered(id: ConversationId): ConversationPlace | undefined {
    return this.#beginning.has(id) ? undefined : this.#places.get(id)
  }

  /** The conversation's place, or undefined when it has not begun. */
  async find(id: ConversationId): Promise<ConversationPlace | undefined> {
    const [place] = await this.findAll([id])
    return place
  }

  /** The places of those of these conversations that have begun; one statement for all that are not remembered. */
  async findAll(ids: readonly ConversationId[]): Promise<readonly ConversationPlace[]> {
    const unknown = ids.filter((id) => this.#places.get(id) === undefined)
    const found = unknown.length === 0 ? [] : await readPlaces(this.#deps.db, unknown)
    for (const place of found) this.#places.set(place.id, place)
    return ids.flatMap((id) => this.#places.get(id) ?? [])
  }

  /** After the store was put back: what is remembered may never have been, or be somebody else's place now. */
  forgetAll(): void {
    this.#places.clear()
  }

  /** The place of a conversation that must exist. Refuses NO_SUCH_CONVERSATION. */
  async mustFind(id: ConversationId): Promise<ConversationPlace> {
    const place = await this.find(id)
    if (!place) throw new Refused('NO_SUCH_CONVERSATION')
    return place
  }

  /**
   * The conversation's place; begins a one-to-one conversation when there is none. Concurrent callers share one attempt.
   * Refuses NOT_A_MEMBER for a group or a conversation of the server's that does not exist.
   */
  findOrBegin(id: ConversationId, userId: UserId): Promise<ConversationPlace> {
    const shared = this.#beginning.get(id)
    if (shared) return shared
    const place = this.#places.get(id)
    if (place) return Promise.resolve(place)
    const attempt = this.#findOrBegin(id, userId).finally(() => this.#beginning.delete(id))
    this.#beginning.set(id, attempt)
    return attempt
  }

  async #findOrBegin(id: ConversationId, userId: UserId): Promise<ConversationPlace> {
    const found = await this.find(id)
    if (found) return found
    const members = await this.#deps.accounts.ensure(membersToBegin(id, userId))
    const joined = await this.#deps.db.transaction((tx) => begin(tx, id, members), { retry: true })
    this.#deps.announcer.announceAll(joined)
    return this.mustFind(id)
  }
}

/**
 * Refuses NOT_A_MEMBER for what the id alone shows not to be this user's. Of groups it says nothing: their members are
 * rows, and whoever acts asks for his in his own transaction.
 */
export function assertNotForeign(id: ConversationId, userId: UserId): void {
  const parts = parseConversationId(id)
  const isForeign =
    parts === undefined ||
    (parts.type === 'c2c' && peerOf(parts, userId) === undefined) ||
    (parts.type === 'system' && parts.userId !== userId)
  if (isForeign) throw new Refused('NOT_A_MEMBER')
}

/** The two members of a one-to-one conversation of this user's; once where he talks to himself. Refuses NOT_A_MEMBER. */
export function membersToBegin(id: ConversationId, userId: UserId): readonly UserId[] {
  const parts = parseConversationId(id)
  const peer = parts?.type === 'c2c' ? peerOf(parts, userId) : undefined
  if (peer === undefined) throw new Refused('NOT_A_MEMBER')
  return peer === userId ? [userId] : [userId, peer]
}

async function readPlaces(db: Queryable, ids: readonly ConversationId[]): Promise<readonly ConversationPlace[]> {
  const idOf = new Map(ids.map((id) => [conversationTimeline(id), id]))
  const heads = await readHeads(db, [...idOf.keys()])
  return heads.flatMap((head) => {
    const id = idOf.get(head.id)
    const type = id && parseConversationId(id)?.type
    return id && type ? [{ id, timeline: head.id, timelineKey: head.key, type }] : []
  })
}

/** Nothing happens when another node was faster. */
async function begin(tx: Tx, id: ConversationId, members: readonly Account[]): Promise<readonly AppendedEntry[]> {
  const isNew = await insertConversation(tx, conversationTimeline(id), members)
  if (!isNew) return []
  const timelines = await lockTimelines(
    tx,
    members.map((account) => userTimeline(account.id)),
  )
  const entry = joinedFromTheBeginning(id)
  return appendEntries(
    tx,
    [...timelines.values()].map((timeline) => ({ timeline, entry })),
  )
}
