import type { Message } from './mapping/message.ts'
import type { MessageCache } from './message-cache.ts'

/** Users whose face is remembered; beyond it the one seen longest ago is looked up again. */
const MAX_USERS = 2_000

/** A sender's newer name and picture also show on his older messages that are kept (tim-semantics §4.10). */
export class Faces {
  private readonly cache: MessageCache
  private readonly seen = new Map<string, string>()

  constructor(cache: MessageCache) {
    this.cache = cache
  }

  see({ from, nick, avatar, isSystemMessage }: Pick<Message, 'from' | 'nick' | 'avatar' | 'isSystemMessage'>): void {
    const face = `${nick}\n${avatar}`
    if (isSystemMessage || this.seen.get(from) === face) return
    this.seen.delete(from)
    this.seen.set(from, face)
    for (const oldest of this.seen.keys()) {
      if (this.seen.size <= MAX_USERS) break
      this.seen.delete(oldest)
    }
    for (const message of this.cache.sentBy(from)) Object.assign(message, { nick, avatar })
  }

  clear(): void {
    this.seen.clear()
  }
}
