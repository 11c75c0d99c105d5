import type { ConversationId, ReplyOf, Seq } from '@hongyan/protocol'
import { clear, hide } from '../commands/conversation.ts'
import { read } from '../commands/receipt.ts'
import type { Change, Conversation } from './client-api.ts'
import * as rules from './conversation-rules.ts'
import { clientFailure, type Outcome } from './failure.ts'
import type { Requests } from './requests.ts'
import type { Store } from './store.ts'

export interface MarksPorts {
  readonly requests: Requests
  readonly store: Store
  readonly tell: (changes: readonly Change[]) => void
}

/**
 * The user's marks in his conversations: read, out of the list, emptied. Each goes up to the end as it is known when it is
 * asked for; the server's own end is there or beyond it. So its consent says enough to set the mark here at once, and the
 * entry that follows changes nothing or raises it.
 */
export class Marks {
  private readonly ports: MarksPorts
  private readonly reading = new Map<ConversationId, { seq: Seq; promise: Promise<void> }>()

  constructor(ports: MarksPorts) {
    this.ports = ports
  }

  read(conversationId: ConversationId): Promise<void> {
    const kept = this.ports.store.get(conversationId)
    if (kept === undefined || !rules.isAnythingUnread(kept.seen)) return Promise.resolve()
    const base = rules.baseAtEnd(kept.seen)
    const under = this.reading.get(conversationId)
    if (under !== undefined && under.seq >= base.seq) return under.promise
    const promise = settled<ReplyOf<'receipt.read'>>((settle) =>
      read(this.ports.requests, { conversationId, seq: base.seq }, (outcome) => {
        if (this.reading.get(conversationId)?.seq === base.seq) this.reading.delete(conversationId)
        if (outcome.ok && outcome.body.readSeq >= base.seq) {
          this.change(conversationId, (before) => rules.markRead(before, base))
        }
        settle(outcome)
      }),
    )
    this.reading.set(conversationId, { seq: base.seq, promise })
    return promise
  }

  hide(ids: readonly ConversationId[], options: { readonly clears: boolean }): Promise<void> {
    const known = ids.filter((id) => !this.dropIfOnlyLookedUp(id))
    if (known.length === 0) return Promise.resolve()
    const bases = this.basesOf(known)
    return settled((settle) =>
      hide(this.ports.requests, { conversationIds: known, clears: options.clears }, (outcome) => {
        if (outcome.ok) {
          for (const [id, base] of bases) this.change(id, (before) => rules.hide(before, base, options.clears))
        }
        settle(outcome)
      }),
    )
  }

  clear(conversationId: ConversationId): Promise<void> {
    const bases = this.basesOf([conversationId])
    return settled((settle) =>
      clear(this.ports.requests, { conversationId }, (outcome) => {
        if (outcome.ok) for (const [id, base] of bases) this.change(id, (before) => rules.clear(before, base))
        settle(outcome)
      }),
    )
  }

  private change(id: ConversationId, make: (before: rules.Kept) => rules.Kept): void {
    const before = this.ports.store.get(id)
    if (before !== undefined) this.ports.tell(this.ports.store.change(before, make(before)))
  }

  private basesOf(ids: readonly ConversationId[]): [ConversationId, Conversation['base']][] {
    const bases: [ConversationId, Conversation['base']][] = []
    for (const id of ids) {
      const kept = this.ports.store.get(id)
      if (kept !== undefined) bases.push([id, rules.baseAtEnd(kept.seen)])
    }
    return bases
  }

  /** A conversation without a message that the server knows nothing of goes without asking it. */
  private dropIfOnlyLookedUp(id: ConversationId): boolean {
    const kept = this.ports.store.get(id)
    if (kept === undefined || kept.isJoined || kept.seen.pinnedAtMs !== undefined) return false
    this.ports.store.drop(id)
    this.ports.tell([{ kind: 'conversations', ids: [id], isSyncComplete: true }])
    return true
  }
}

/** A promise of what is settled by a call. */
function settled<Body>(run: (settle: (outcome: Outcome<Body>) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    run((outcome) => {
      if (outcome.ok) resolve()
      else reject(clientFailure(outcome.failure))
    })
  })
}
