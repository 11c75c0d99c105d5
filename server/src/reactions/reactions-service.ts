import { LIMITS, Refused, type Entry, type Person, type ReplyOf, type RequestOf } from '@hongyan/protocol'
import { readAccess, readAnnotated, readVisibleSeqs, type Access } from '../annotations/access-reader.ts'
import { aboutMessage, lockMessage } from '../annotations/locked-message.ts'
import type { Db, Tx } from '../db/db.ts'
import type { Actor } from '../logins/actor.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { appendEntries, type AppendedEntry } from '../timelines/timeline-writer.ts'
import {
  findReactions,
  readReacting,
  readReaction,
  readReactions,
  type ReactionPlace,
  type ReactionRow,
} from './reaction-reader.ts'
import { granting } from '../kit/granting.ts'
import { assertHasReacted, assertMayReact, isAsWished } from './reaction-rules.ts'
import { deleteReaction, insertReaction } from './reaction-writer.ts'

type OnMessage = RequestOf<'reaction.add'>

/** Reactions on messages: whoever may see a message may put his on it. A revoked message has none. */
export class ReactionsService {
  readonly #db: Db
  readonly #announcer: Announcer

  constructor(deps: { readonly db: Db; readonly announcer: Announcer }) {
    this.#db = deps.db
    this.#announcer = deps.announcer
  }

  /** Refuses ALREADY_REACTED, TOO_MANY_REACTIONS, TOO_MANY_REACTING. */
  async add(actor: Actor, request: OnMessage): Promise<void> {
    await this.#change(actor, request, true)
  }

  /** Refuses NO_SUCH_REACTION, NOT_REACTED. */
  async remove(actor: Actor, request: OnMessage): Promise<void> {
    await this.#change(actor, request, false)
  }

  /**
   * The reactions on those of these messages that the caller may see. Counts are exact; users are left out from where the
   * answer would become longer than a page may be.
   */
  async list(actor: Actor, request: RequestOf<'reaction.list'>): Promise<ReplyOf<'reaction.list'>> {
    const access = await this.#mustReadAccess(actor, request)
    const seqs = await readVisibleSeqs(this.#db, access, actor.accountKey, request.seqs)
    const { timelineKey } = access
    const { usersPerReaction: usersEach } = request
    const { accountKey } = actor
    const rows = await readReactions(this.#db, { timelineKey, seqs, accountKey, usersEach })
    return { messages: byMessage(rows) }
  }

  async users(actor: Actor, request: RequestOf<'reaction.users'>): Promise<ReplyOf<'reaction.users'>> {
    const access = await this.#mustReadAccess(actor, request)
    const message = await readAnnotated(this.#db, access, actor.accountKey, request.seq)
    if (!message) throw new Refused('NO_SUCH_MESSAGE')
    if (message.isRevoked) return { users: [] }
    const page = { after: orderOf(request.after), limit: request.limit + 1 }
    const rows = await readReacting(this.#db, placeOf(access, request), page)
    const shown = rows.slice(0, request.limit)
    const last = shown.at(-1)
    return {
      users: shown.map(({ person }) => person),
      ...(last && rows.length > shown.length ? { next: String(last.order) } : {}),
    }
  }

  async #change(actor: Actor, request: OnMessage, isAdded: boolean): Promise<void> {
    const work = granting(
      (tx: Tx) => change(tx, actor, request, isAdded),
      (refusal) => (isAsWished(refusal, isAdded) ? [] : undefined),
    )
    const appended = await this.#db.transaction(work, { retry: true })
    this.#announcer.announceAll(appended)
  }

  async #mustReadAccess(actor: Actor, { conversationId }: Pick<OnMessage, 'conversationId'>): Promise<Access> {
    const access = await readAccess(this.#db, conversationId, actor.accountKey)
    if (!access) throw new Refused('NOT_A_MEMBER')
    return access
  }
}

async function change(tx: Tx, actor: Actor, request: OnMessage, isAdded: boolean): Promise<readonly AppendedEntry[]> {
  const { timeline, access, message } = await lockMessage(tx, actor, request.conversationId, request.seq)
  const place = placeOf(access, request)
  const found = await findReactions(tx, place, actor.accountKey)
  if (isAdded) {
    assertMayReact(found)
    await insertReaction(tx, place, actor.accountKey)
  } else {
    assertHasReacted(found)
    await deleteReaction(tx, place, actor.accountKey)
  }
  const { total, users } = await readReaction(tx, place, LIMITS.reactionUsersShown)
  const { userId } = actor
  const entry: Entry = {
    kind: 'reaction',
    ...aboutMessage(message),
    reactionId: request.reactionId,
    userId,
    added: isAdded,
    total,
    users: [...users],
  }
  return appendEntries(tx, [{ timeline, entry }])
}

function placeOf({ timelineKey }: Access, { seq, reactionId }: Pick<OnMessage, 'seq' | 'reactionId'>): ReactionPlace {
  return { timelineKey, seq, reactionId }
}

function orderOf(after: string | undefined): number {
  const order = Number(after ?? '0')
  if (!Number.isSafeInteger(order)) throw new Refused('BAD_REQUEST')
  return order
}

type ListedMessage = ReplyOf<'reaction.list'>['messages'][number]

function byMessage(rows: readonly ReactionRow[]): ListedMessage[] {
  const messages = new Map<number, ListedMessage>()
  let bytesLeft: number = LIMITS.pageBytes
  for (const { seq, users, ...reaction } of rows) {
    const shown: Person[] = []
    for (const person of users ?? []) {
      bytesLeft -= Buffer.byteLength(JSON.stringify(person))
      if (bytesLeft > 0) shown.push(person)
    }
    const message = messages.get(seq) ?? { seq, reactions: [] }
    message.reactions.push({ ...reaction, users: shown })
    messages.set(seq, message)
  }
  return [...messages.values()]
}
