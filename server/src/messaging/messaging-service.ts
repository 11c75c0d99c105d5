import {
  Refused,
  userTimeline,
  type ConversationId,
  type Message,
  type ReplyOf,
  type RequestOf,
  type Seq,
  type UserId,
} from '@hongyan/protocol'
import { readMarks, type MemberMarks } from '../conversations/member-reader.ts'
import {
  membersOf,
  type ConversationDirectory,
  type ConversationPlace,
} from '../conversations/conversation-directory.ts'
import type { Db, Tx } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import { holdLogin } from '../logins/login-reader.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { messageOf, FLAG, type MessageRow } from '../timelines/message-row.ts'
import { appendEntries, lockTimelines, type AppendedEntry, type LockedTimeline } from '../timelines/timeline-writer.ts'
import { prepare, type Draft } from './draft.ts'
import type { StoredMessage } from './message-batch.ts'
import type { MessageCommitter } from './message-committer.ts'
import { readHistory, readMessage, seqAtTime } from './message-reader.ts'
import { assertMayRevoke } from './message-rules.ts'
import { insertDeletions, wipeMessage } from './message-writer.ts'

/** Who acts, and under which login. */
export interface Actor {
  readonly userId: UserId
  readonly accountKey: number
  readonly loginKey: number
  readonly epoch?: string | undefined
  readonly nick: string
  readonly avatar: string
}

export interface MessagingDeps {
  /** For everything but sends, which have the committer. */
  readonly db: Db
  readonly directory: ConversationDirectory
  readonly committer: MessageCommitter
  readonly announcer: Announcer
  readonly clock: Clock
  readonly revokeWindowMs: number
}

/** Sends, takes back, deletes and lists messages. */
export class MessagingService {
  readonly #deps: MessagingDeps

  constructor(deps: MessagingDeps) {
    this.#deps = deps
  }

  /**
   * Stores a message and announces it. Reaches the committer before the first await when the conversation is known, so
   * that the sends of one session keep their order.
   */
  send(actor: Actor, draft: Draft): Promise<StoredMessage> {
    const place = this.#deps.directory.remembered(draft.conversationId)
    if (place && !place.users.includes(actor.userId)) throw new Refused('NOT_A_MEMBER')
    if (!place) membersOf(draft.conversationId, actor.userId)
    const prepared = prepare(draft, actor)
    if (place) return this.#append(actor, place, prepared)
    return this.#deps.directory
      .findOrBegin(draft.conversationId, actor.userId)
      .then((begun) => this.#append(actor, begun, prepared))
  }

  /** Shows a message to whoever is there now; stores nothing, starts no conversation. */
  sendVolatile(actor: Actor, draft: Draft): { readonly sentAtMs: number } {
    const members = membersOf(draft.conversationId, actor.userId)
    prepare(draft, actor)
    const sentAtMs = this.#deps.clock.now()
    const { clientMsgId, ...said } = draft
    const message = {
      id: `${actor.accountKey}-${clientMsgId}`,
      senderId: actor.userId,
      sentAtMs,
      ...said,
      ...(actor.nick === '' ? {} : { senderNick: actor.nick }),
      ...(actor.avatar === '' ? {} : { senderAvatar: actor.avatar }),
    }
    // Over the users' own timelines: a conversation that has not begun has no followers.
    for (const userId of members) {
      this.#deps.announcer.announceVolatile(userTimeline(userId), { kind: 'volatile-message', message })
    }
    return { sentAtMs }
  }

  async history(actor: Actor, query: RequestOf<'message.history'>): Promise<ReplyOf<'message.history'>> {
    const { place, marks } = await this.#asMember(actor, query.conversationId)
    if (!place || !marks) return { messages: [], isComplete: true }
    const rows = await readHistory(this.#deps.db, {
      timelineKey: place.timelineKey,
      accountKey: actor.accountKey,
      clearedSeq: marks.clearedSeq,
      direction: query.direction,
      fromSeq: await this.#startOf(place, query),
      // One more than asked for tells whether there are more.
      limit: query.limit + 1,
    })
    const page = rows.slice(0, query.limit)
    const ordered = query.direction === 'older' ? [...page].reverse() : page
    return {
      messages: ordered.map((row): Message => messageOf(query.conversationId, row)),
      isComplete: rows.length <= query.limit,
    }
  }

  /** Takes a message back for everybody; its content is wiped. Again is the same. */
  async revoke(actor: Actor, request: RequestOf<'message.revoke'>): Promise<{ readonly atMs: number }> {
    membersOf(request.conversationId, actor.userId)
    const place = await this.#deps.directory.mustFind(request.conversationId)
    const revoked = await this.#deps.db.transaction((tx) => this.#revoke(tx, actor, place, request), { retry: true })
    for (const { timeline, offset, entry } of revoked.appended) this.#deps.announcer.announce(timeline, offset, entry)
    return { atMs: revoked.atMs }
  }

  /** Deletes messages for the actor alone. Again is the same. */
  async delete(actor: Actor, conversationId: ConversationId, seqs: readonly Seq[]): Promise<void> {
    membersOf(conversationId, actor.userId)
    const place = await this.#deps.directory.mustFind(conversationId)
    const appended = await this.#deps.db.transaction((tx) => deleteFor(tx, actor, place, seqs), { retry: true })
    for (const { timeline, offset, entry } of appended) this.#deps.announcer.announce(timeline, offset, entry)
  }

  #append(actor: Actor, place: ConversationPlace, draft: ReturnType<typeof prepare>): Promise<StoredMessage> {
    return this.#deps.committer.append({
      conversationId: place.id,
      timeline: place.timeline,
      timelineKey: place.timelineKey,
      senderKey: actor.accountKey,
      senderId: actor.userId,
      loginKey: actor.loginKey,
      draft,
    })
  }

  async #revoke(
    tx: Tx,
    actor: Actor,
    place: ConversationPlace,
    request: RequestOf<'message.revoke'>,
  ): Promise<{ readonly atMs: number; readonly appended: readonly AppendedEntry[] }> {
    const [, locked] = await Promise.all([holdLogin(tx, actor), lockTimelines(tx, [place.timeline])])
    const timeline = locked.get(place.timeline)
    const row = timeline && (await readMessage(tx, timeline.key, request.seq))
    if (!timeline || !row) throw new Refused('NO_SUCH_MESSAGE')
    if (row.revokedAtMs !== null) return { atMs: row.revokedAtMs, appended: [] }
    const atMs = this.#deps.clock.now()
    assertMayRevoke(row, actor.accountKey, atMs, this.#deps.revokeWindowMs)
    await wipeMessage(
      tx,
      { timelineKey: timeline.key, seq: request.seq },
      { byKey: actor.accountKey, atMs, reason: request.reason },
    )
    const entry = revokedEntry(row, { by: actor.userId, atMs, reason: request.reason })
    return { atMs, appended: await appendEntries(tx, [{ timeline, entry }]) }
  }

  async #asMember(
    actor: Actor,
    conversationId: ConversationId,
  ): Promise<{ readonly place?: ConversationPlace; readonly marks?: MemberMarks }> {
    membersOf(conversationId, actor.userId)
    const place = await this.#deps.directory.find(conversationId)
    if (!place) return {}
    const marks = await readMarks(this.#deps.db, place.timelineKey, actor.accountKey)
    if (!marks) throw new Refused('NOT_A_MEMBER')
    return { place, marks }
  }

  async #startOf(place: ConversationPlace, query: RequestOf<'message.history'>): Promise<Seq | undefined> {
    if (query.from === undefined || 'seq' in query.from) return query.from?.seq
    const [timeline] = await this.#deps.db.query<LockedTimeline>(
      'SELECT last_seq AS "lastSeq" FROM timeline WHERE key = $1',
      [place.timelineKey],
    )
    const atOrAfter = await seqAtTime(this.#deps.db, place.timelineKey, timeline?.lastSeq ?? 0, query.from.atMs)
    return query.direction === 'older' ? atOrAfter : atOrAfter - 1
  }
}

function revokedEntry(
  row: MessageRow,
  revocation: { readonly by: UserId; readonly atMs: number; readonly reason: string | undefined },
): AppendedEntry['entry'] {
  const { by, atMs, reason } = revocation
  return {
    kind: 'revoked',
    seq: row.seq,
    senderId: row.senderId,
    counted: (row.flags & FLAG.UNCOUNTED) === 0,
    revocation: { by, atMs, ...(reason === undefined ? {} : { reason }) },
  }
}

async function deleteFor(
  tx: Tx,
  actor: Actor,
  place: ConversationPlace,
  seqs: readonly Seq[],
): Promise<readonly AppendedEntry[]> {
  const [, timelines] = await Promise.all([
    holdLogin(tx, actor),
    lockTimelines(tx, [place.timeline, userTimeline(actor.userId)]),
  ])
  const own = timelines.get(userTimeline(actor.userId))
  if (!own) throw new Refused('NO_SUCH_USER')
  const deleted = await insertDeletions(tx, { timelineKey: place.timelineKey, accountKey: actor.accountKey, seqs })
  if (deleted.length === 0) return []
  return appendEntries(tx, [
    {
      timeline: own,
      entry: {
        kind: 'deleted',
        conversationId: place.id,
        seqs: deleted.map(({ seq }) => seq),
        counted: deleted.filter(({ counted }) => counted).map(({ seq }) => seq),
      },
    },
  ])
}
