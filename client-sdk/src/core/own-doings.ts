import type { ConversationId, EntryOf, ReplyOf, RequestOf, Seq } from '@hongyan/protocol'
import type { OwnDoings } from './store.ts'

const MAX_REMEMBERED = 2000
/** Fewer of these: they name the content. */
const MAX_MODIFIED = 100

type Modified = ReplyOf<'message.modify'>

/**
 * What this instance did and will meet again as an entry. An echo may come before or after the answer, or long after the
 * application was told of a time-out, so it is remembered until it came; a message's also after that, since a store that
 * was put back takes it anew when it is sent again. The oldest are forgotten beyond a bound.
 */
export class RememberedDoings implements OwnDoings {
  private readonly sent = new Set<string>()
  private readonly revoked = new Set<string>()
  private readonly volatile = new Set<string>()
  /** Changes asked for, and what came of them once their entry is here. */
  private readonly modified = new Map<string, Modified | undefined>()

  rememberSent(id: string): void {
    remember(this.sent, id)
  }

  rememberRevoked(conversationId: ConversationId, seq: Seq): void {
    remember(this.revoked, `${conversationId} ${seq}`)
  }

  forgetRevoked(conversationId: ConversationId, seq: Seq): void {
    this.revoked.delete(`${conversationId} ${seq}`)
  }

  rememberModified(request: RequestOf<'message.modify'>): void {
    this.modified.set(keyOfModified(request.conversationId, request, request.version + 1), undefined)
    if (this.modified.size > MAX_MODIFIED) forgetOldest(this.modified)
  }

  /** What came of it if it is done already: an answer to an earlier sending may have been lost. */
  modifiedHere(request: RequestOf<'message.modify'>): Modified | undefined {
    return this.modified.get(keyOfModified(request.conversationId, request, request.version + 1))
  }

  forgetModified(request: RequestOf<'message.modify'>): void {
    this.modified.delete(keyOfModified(request.conversationId, request, request.version + 1))
  }

  /** True the first time a volatile message is met; sending one is meeting it. */
  meetVolatile(id: string): boolean {
    if (this.volatile.has(id)) return false
    remember(this.volatile, id)
    return true
  }

  isSent(id: string): boolean {
    return this.sent.has(id)
  }

  takeRevoked(conversationId: ConversationId, seq: Seq): boolean {
    return this.revoked.delete(`${conversationId} ${seq}`)
  }

  takeModified(conversationId: ConversationId, entry: EntryOf<'modified'>): boolean {
    const { version, atMs } = entry
    const key = keyOfModified(conversationId, entry, version)
    if (!this.modified.has(key) || this.modified.get(key) !== undefined) return false
    this.modified.set(key, { version, atMs })
    return true
  }
}

type Content = Pick<EntryOf<'modified'>, 'seq' | 'elements' | 'customData'>

function keyOfModified(
  conversationId: ConversationId,
  { seq, elements, customData }: Content,
  version: number,
): string {
  return JSON.stringify([conversationId, seq, version, elements, customData])
}

function remember(set: Set<string>, key: string): void {
  // What is done again is among the newest.
  set.delete(key)
  set.add(key)
  if (set.size > MAX_REMEMBERED) forgetOldest(set)
}

function forgetOldest(all: Set<string> | Map<string, unknown>): void {
  for (const oldest of all.keys()) {
    all.delete(oldest)
    return
  }
}
