import type { ConversationId, Seq } from '@hongyan/protocol'
import type { OwnDoings } from './store.ts'

const MAX_REMEMBERED = 2000

/**
 * What this instance did and will meet again as an entry. An echo may come before or after the answer, or long after the
 * application was told of a time-out, so it is remembered until it came; the oldest are forgotten beyond a bound.
 */
export class RememberedDoings implements OwnDoings {
  private readonly sent = new Set<string>()
  private readonly revoked = new Set<string>()
  private readonly volatile = new Set<string>()

  rememberSent(id: string): void {
    remember(this.sent, id)
  }

  rememberRevoked(conversationId: ConversationId, seq: Seq): void {
    remember(this.revoked, `${conversationId} ${seq}`)
  }

  forgetRevoked(conversationId: ConversationId, seq: Seq): void {
    this.revoked.delete(`${conversationId} ${seq}`)
  }

  /** True the first time a volatile message is met; sending one is meeting it. */
  meetVolatile(id: string): boolean {
    if (this.volatile.has(id)) return false
    remember(this.volatile, id)
    return true
  }

  takeSent(id: string): boolean {
    return this.sent.delete(id)
  }

  takeRevoked(conversationId: ConversationId, seq: Seq): boolean {
    return this.revoked.delete(`${conversationId} ${seq}`)
  }
}

function remember(set: Set<string>, key: string): void {
  set.add(key)
  if (set.size <= MAX_REMEMBERED) return
  for (const oldest of set) {
    set.delete(oldest)
    return
  }
}
