import {
  groupOf,
  Refused,
  userTimeline,
  type ConversationId,
  type GroupId,
  type Message,
  type ReplyOf,
  type RequestOf,
  type Seq,
  type TimelineId,
} from '@hongyan/protocol'
import { readMarks, type MemberMarks } from '../conversations/member-reader.ts'
import {
  assertNotForeign,
  membersToBegin,
  type ConversationDirectory,
  type ConversationPlace,
} from '../conversations/conversation-directory.ts'
import type { Db, Tx } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import type { Actor } from '../logins/actor.ts'
import type { GroupSends } from '../rates/group-sends.ts'
import { holdLogin } from '../logins/login-reader.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { messageOf } from '../timelines/message-row.ts'
import { appendEntries, lockTimelines, type AppendedEntry, type LockedTimeline } from '../timelines/timeline-writer.ts'
import type { AppendRequest } from './append-request.ts'
import { prepare, type Draft, type PreparedDraft } from './draft.ts'
import type { StoredMessage } from './message-batch.ts'
import type { MessageCommitter } from './message-committer.ts'
import { readHistory, seqAtTime } from './message-reader.ts'
import { insertDeletions } from './message-writer.ts'
import { readGroupFacts } from './speaker-reader.ts'

export interface MessagingDeps {
  /** For everything but sends, which have the committer. */
  readonly db: Db
  readonly directory: ConversationDirectory
  readonly committer: MessageCommitter
  readonly announcer: Announcer
  readonly clock: Clock
  readonly groupSends: Pick<GroupSends, 'take' | 'giveBack'>
  /** Refuses who may not speak in this live room; false when it is none. */
  readonly assertMaySpeakInRoom: (actor: Actor, groupId: GroupId, priority: Draft['priority']) => Promise<boolean>
}

/** Who hears of what is not stored. */
interface Audience {
  readonly timelines: readonly TimelineId[]
  readonly senderCard: string
}

/** Sends, deletes and lists messages. */
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
    assertMaySpeakIn(draft.conversationId, actor)
    const place = this.#deps.directory.remembered(draft.conversationId)
    const prepared = prepare(draft, actor)
    if (place) return this.#append(actor, place, prepared)
    return this.#deps.directory
      .findOrBegin(draft.conversationId, actor.userId)
      .then((begun) => this.#append(actor, begun, prepared))
  }

  /** Shows a message to whoever is there now; stores nothing, starts no conversation. */
  async sendVolatile(actor: Actor, draft: Draft): Promise<{ readonly sentAtMs: number }> {
    assertMaySpeakIn(draft.conversationId, actor)
    const { timelines, senderCard } = await this.#whoIsThere(actor, draft, prepare(draft, actor))
    const sentAtMs = this.#deps.clock.now()
    const { clientMsgId, ...said } = draft
    const message = {
      id: `${actor.accountKey}-${clientMsgId}`,
      senderId: actor.userId,
      sentAtMs,
      ...said,
      ...(actor.nick === '' ? {} : { senderNick: actor.nick }),
      ...(actor.avatar === '' ? {} : { senderAvatar: actor.avatar }),
      ...(senderCard === '' ? {} : { senderCard }),
    }
    for (const timeline of timelines) {
      this.#deps.announcer.announceVolatile(timeline, { kind: 'volatile-message', message })
    }
    return { sentAtMs }
  }

  async history(actor: Actor, query: RequestOf<'message.history'>): Promise<ReplyOf<'message.history'>> {
    const { place } = await this.#asMember(actor, query.conversationId)
    if (!place) return { messages: [], isComplete: true }
    const rows = await readHistory(this.#deps.db, {
      timelineKey: place.timelineKey,
      accountKey: actor.accountKey,
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

  /** Deletes messages for the actor alone. Again is the same. */
  async delete(actor: Actor, conversationId: ConversationId, seqs: readonly Seq[]): Promise<void> {
    assertNotForeign(conversationId, actor.userId)
    const place = await this.#deps.directory.mustFind(conversationId)
    const appended = await this.#deps.db.transaction((tx) => deleteFor(tx, actor, place, seqs), { retry: true })
    this.#deps.announcer.announceAll(appended)
  }

  #append(actor: Actor, place: ConversationPlace, draft: PreparedDraft): Promise<StoredMessage> {
    const request = appendRequestOf(actor, place, draft)
    const groupId = groupOf(place.id)
    if (groupId === undefined) return this.#deps.committer.append(request)
    this.#deps.groupSends.take(groupId, actor.userId)
    return this.#deps.committer.append(request).catch((err: unknown) => {
      if (err instanceof Refused) this.#deps.groupSends.giveBack(groupId)
      throw err
    })
  }

  /** Over which timelines those hear of it who are there, and the name under which they know him who speaks. */
  async #whoIsThere(actor: Actor, draft: Draft, prepared: PreparedDraft): Promise<Audience> {
    const { conversationId, receiverIds, priority } = draft
    const place = await this.#deps.directory.find(conversationId)
    // Over the users' own timelines: a conversation that has not begun has no followers.
    if (place?.type !== 'group') {
      return { timelines: membersToBegin(conversationId, actor.userId).map(userTimeline), senderCard: '' }
    }
    const groupId = groupOf(conversationId)
    if (groupId && (await this.#deps.assertMaySpeakInRoom(actor, groupId, priority))) {
      // All in a room hear the same.
      if (receiverIds) throw new Refused('NOT_FOR_THIS_GROUP')
      return { timelines: [place.timeline], senderCard: '' }
    }
    const request = appendRequestOf(actor, place, prepared)
    const facts = await readGroupFacts(this.#deps.db, [request])
    const refusal = facts.refusalOf(request, this.#deps.clock.now())
    if (refusal) throw new Refused(refusal)
    if (groupId) this.#deps.groupSends.take(groupId, actor.userId)
    const receivers = facts.receiverIdsOf(request)
    return {
      timelines: receivers ? [...new Set([...receivers, actor.userId])].map(userTimeline) : [place.timeline],
      senderCard: facts.cardOf(request),
    }
  }

  async #asMember(
    actor: Actor,
    conversationId: ConversationId,
  ): Promise<{ readonly place?: ConversationPlace; readonly marks?: MemberMarks }> {
    assertNotForeign(conversationId, actor.userId)
    const place = await this.#deps.directory.find(conversationId)
    if (!place) return this.#notBegun(conversationId)
    const marks = await readMarks(this.#deps.db, place.timelineKey, actor.accountKey)
    if (!marks) throw new Refused('NOT_A_MEMBER')
    return { place, marks }
  }

  /** A group that does not exist looks like one of others. */
  #notBegun(conversationId: ConversationId): Record<string, never> {
    if (groupOf(conversationId) !== undefined) throw new Refused('NOT_A_MEMBER')
    return {}
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

function appendRequestOf(actor: Actor, place: ConversationPlace, draft: PreparedDraft): AppendRequest {
  return {
    conversationId: place.id,
    timeline: place.timeline,
    timelineKey: place.timelineKey,
    senderKey: actor.accountKey,
    senderId: actor.userId,
    loginKey: actor.loginKey,
    isInGroup: place.type === 'group',
    draft,
  }
}

/** Refuses NOT_A_MEMBER for what is not his, and for his conversation with the server, where nobody speaks but it. */
function assertMaySpeakIn(conversationId: ConversationId, actor: Actor): void {
  assertNotForeign(conversationId, actor.userId)
  if (conversationId.startsWith('system:')) throw new Refused('NOT_A_MEMBER')
}

async function deleteFor(
  tx: Tx,
  actor: Actor,
  place: ConversationPlace,
  seqs: readonly Seq[],
): Promise<readonly AppendedEntry[]> {
  const [, timelines, marks] = await Promise.all([
    holdLogin(tx, actor),
    lockTimelines(tx, [place.timeline, userTimeline(actor.userId)]),
    readMarks(tx, place.timelineKey, actor.accountKey),
  ])
  const own = timelines.get(userTimeline(actor.userId))
  if (!own) throw new Refused('NO_SUCH_USER')
  if (!marks) throw new Refused('NOT_A_MEMBER')
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
