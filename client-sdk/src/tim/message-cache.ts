import type { Message } from './mapping/message.ts'

/** Messages kept per conversation; older ones are dropped and fetched again when somebody scrolls there. */
const MAX_PER_CONVERSATION = 1_000
/** Messages found around a point of history, which belong to no list. */
const MAX_ASIDE = 500

/** The messages an application holds: the same object for the same ID as long as it is kept. */
export class MessageCache {
  private readonly byID = new Map<string, Message>()
  private readonly lists = new Map<string, Message[]>()
  private aside: string[] = []

  find(ID: string): Message | undefined {
    return this.byID.get(ID)
  }

  list(conversationID: string): readonly Message[] {
    return this.lists.get(conversationID) ?? []
  }

  /** At the end of its conversation, where new messages go; never re-sorted. */
  append(message: Message): void {
    const list = this.listOf(message.conversationID)
    if (list.includes(message)) return
    this.byID.set(message.ID, message)
    list.push(message)
    if (list.length > MAX_PER_CONVERSATION) this.forget(list.splice(0, list.length - MAX_PER_CONVERSATION))
  }

  /** A page of history before what is there. */
  prepend(conversationID: string, page: readonly Message[]): void {
    const list = this.listOf(conversationID)
    const older = page.filter((message) => !list.includes(message))
    for (const message of older) this.byID.set(message.ID, message)
    list.unshift(...older)
    if (list.length > MAX_PER_CONVERSATION) this.forget(list.splice(MAX_PER_CONVERSATION))
  }

  /** Keeps messages findable that belong to no list. */
  keepAside(messages: readonly Message[]): void {
    for (const message of messages) {
      if (this.byID.has(message.ID)) continue
      this.byID.set(message.ID, message)
      this.aside.push(message.ID)
    }
    for (const ID of this.aside.splice(0, Math.max(0, this.aside.length - MAX_ASIDE))) this.byID.delete(ID)
  }

  remove(message: Message): void {
    this.byID.delete(message.ID)
    const list = this.lists.get(message.conversationID)
    const index = list?.indexOf(message) ?? -1
    if (index >= 0) list?.splice(index, 1)
  }

  /** Empties a conversation's list and gives back what was in it: a refetched page reuses the same objects. */
  clear(conversationID: string): readonly Message[] {
    const list = this.lists.get(conversationID) ?? []
    this.lists.delete(conversationID)
    this.forget(list)
    return list
  }

  clearAll(): void {
    this.byID.clear()
    this.lists.clear()
    this.aside = []
  }

  private listOf(conversationID: string): Message[] {
    const list = this.lists.get(conversationID)
    if (list) return list
    const created: Message[] = []
    this.lists.set(conversationID, created)
    return created
  }

  private forget(messages: readonly Message[]): void {
    for (const message of messages) this.byID.delete(message.ID)
  }
}
