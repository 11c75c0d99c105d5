import { c2cConversationId, type ConversationId, type Entry, type TimelineId, type UserId } from '@hongyan/protocol'

/** One entry as it was committed. */
export interface Committed {
  readonly timeline: TimelineId
  readonly offset: number
  readonly entry: Entry
  readonly atMs: number
}

export type MessageOf = Extract<Entry, { kind: 'message' }>['message']

/** A message that a user may still see. */
export interface SeenMessage {
  readonly message: MessageOf
  readonly isRevoked: boolean
}

interface UserView {
  readonly conversationId: ConversationId
  readonly messages: readonly SeenMessage[]
  readonly lastSeq: number
  readonly readSeq: number
  readonly peerReadSeq: number
  readonly clearedSeq: number
  readonly hiddenSeq: number
  readonly pinnedAtMs: number | null
  readonly unread: number
}

/**
 * What is true, found in the most naive way: one list of all committed entries, and every question answered by walking
 * through all of it. No cursor, no mark, no counter of the server's or the client's is looked at.
 */
export class Oracle {
  #entries: Committed[] = []
  /** What a rewind of the store took away. */
  readonly lost: Committed[] = []

  get entries(): readonly Committed[] {
    return this.#entries
  }

  add(committed: Committed): void {
    this.#entries.push(committed)
  }

  /** The store was put back to when there were so many entries. */
  rewind(length: number): void {
    this.lost.push(...this.#entries.slice(length))
    this.#entries = this.#entries.slice(0, length)
  }

  headOf(timeline: TimelineId): number {
    return this.of(timeline).length
  }

  of(timeline: TimelineId): readonly Committed[] {
    return this.#entries.filter((committed) => committed.timeline === timeline)
  }

  messagesOf(conversationId: ConversationId): readonly MessageOf[] {
    return this.of(`c:${conversationId}` as TimelineId).flatMap(({ entry }) =>
      entry.kind === 'message' ? [entry.message] : [],
    )
  }

  conversationsOf(userId: UserId): readonly ConversationId[] {
    return this.of(`u:${userId}` as TimelineId).flatMap(({ entry }) =>
      entry.kind === 'joined' ? [entry.conversationId] : [],
    )
  }

  /** A conversation as this user must see it. */
  view(userId: UserId, conversationId: ConversationId): UserView {
    const said = this.of(`c:${conversationId}` as TimelineId).map(({ entry }) => entry)
    const done = this.of(`u:${userId}` as TimelineId).map(({ entry }) => entry)
    const own = done.filter((entry) => 'conversationId' in entry && entry.conversationId === conversationId)
    const isSelf = c2cConversationId(userId, userId) === conversationId
    const reads = said.flatMap((entry) => (entry.kind === 'read' ? [entry] : []))
    const readSeq = highest(reads.filter((entry) => entry.userId === userId).map((entry) => entry.base.seq))
    const peerReads = reads.filter((entry) => isSelf || entry.userId !== userId)
    const hiddenSeq = highest(own.flatMap((entry) => (entry.kind === 'hidden' ? [entry.base.seq] : [])))
    const clearedSeq = highest(
      own.flatMap((entry) => {
        if (entry.kind === 'cleared' || (entry.kind === 'hidden' && entry.cleared)) return [entry.base.seq]
        return []
      }),
    )
    const deleted = new Set(own.flatMap((entry) => (entry.kind === 'deleted' ? entry.seqs : [])))
    const revoked = new Set(said.flatMap((entry) => (entry.kind === 'revoked' ? [entry.seq] : [])))
    const all = said.flatMap((entry) => (entry.kind === 'message' ? [entry.message] : []))
    const messages = all
      .filter(({ seq }) => seq > clearedSeq && !deleted.has(seq))
      .map((message) => ({ message, isRevoked: revoked.has(message.seq) }))
    const unread = messages.filter(
      ({ message, isRevoked }) =>
        message.senderId !== userId &&
        message.uncounted !== true &&
        !isRevoked &&
        message.seq > Math.max(readSeq, hiddenSeq),
    ).length
    return {
      conversationId,
      messages,
      lastSeq: highest(all.map(({ seq }) => seq)),
      readSeq,
      peerReadSeq: highest(peerReads.map((entry) => entry.base.seq)),
      clearedSeq,
      hiddenSeq,
      pinnedAtMs: own.reduce<number | null>((at, entry) => (entry.kind === 'pinned' ? entry.pinnedAtMs : at), null),
      unread,
    }
  }

  /** What `stateDigest()` of every device of this user must be. */
  digest(userId: UserId): string {
    const rows = this.conversationsOf(userId)
      .map((conversationId) => this.view(userId, conversationId))
      .filter((view) => view.lastSeq > 0 || view.pinnedAtMs !== null)
      .map((view) => {
        const last = view.messages.filter(({ message }) => message.notLast !== true).at(-1)
        return [
          view.conversationId,
          view.lastSeq,
          last?.message.id ?? null,
          last?.isRevoked ?? false,
          view.unread,
          view.readSeq,
          view.peerReadSeq,
          view.clearedSeq,
          view.hiddenSeq,
          view.pinnedAtMs,
        ] as const
      })
    return JSON.stringify(rows.sort((a, b) => (a[0] < b[0] ? -1 : 1)))
  }
}

function highest(numbers: readonly number[]): number {
  return numbers.reduce((most, one) => Math.max(most, one), 0)
}
