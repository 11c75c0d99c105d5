import type { Message } from './mapping/message.ts'

export interface CacheBounds {
  /** In one conversation's list; the oldest go first. */
  readonly perConversation: number
  /** In all lists; the list that was not touched for longest goes first. */
  readonly inAll: number
  /** Messages that belong to no list: around a point of history, or pushed out of one. */
  readonly aside: number
}

const BOUNDS: CacheBounds = { perConversation: 1_000, inAll: 10_000, aside: 500 }

/** The messages an application holds: the same object for the same ID as long as it is kept. */
export class MessageCache {
  private readonly bounds: CacheBounds
  private readonly listed = new Map<string, Message>()
  private readonly aside = new Map<string, Message>()
  /** The one that was touched last stands last. */
  private readonly lists = new Map<string, Message[]>()

  constructor(bounds: CacheBounds = BOUNDS) {
    this.bounds = bounds
  }

  find(ID: string): Message | undefined {
    return this.listed.get(ID) ?? this.aside.get(ID)
  }

  /** Whether it stands in its conversation's list. */
  isListed(ID: string): boolean {
    return this.listed.has(ID)
  }

  list(conversationID: string): readonly Message[] {
    return this.lists.get(conversationID) ?? []
  }

  /** Those with a place in the conversation's order: a failed message's sequence is the client's own number. */
  sent(conversationID: string): readonly Message[] {
    return this.list(conversationID).filter(({ status }) => status === 'success')
  }

  /** The sent message with this place in its conversation's order, listed or not. */
  withSequence(conversationID: string, sequence: number): Message | undefined {
    const isIt = (message: Message): boolean =>
      message.sequence === sequence && message.status === 'success' && !message._onlineOnlyFlag
    const listed = this.list(conversationID).find(isIt)
    return listed ?? [...this.aside.values()].find((one) => one.conversationID === conversationID && isIt(one))
  }

  /** All that are kept in lists of what a user sent. */
  sentBy(userID: string): readonly Message[] {
    return [...this.listed.values()].filter(({ from }) => from === userID)
  }

  /** At the end of its conversation, where new messages go; never re-sorted. */
  append(message: Message): void {
    if (this.listed.has(message.ID)) return
    const list = this.touch(message.conversationID)
    list.push(message)
    this.listed.set(message.ID, message)
    this.aside.delete(message.ID)
    this.trim(list)
  }

  /** A page of history before what is there. */
  prepend(conversationID: string, page: readonly Message[]): void {
    const older = page.filter(({ ID }) => !this.listed.has(ID))
    const list = this.touch(conversationID)
    list.unshift(...older)
    for (const message of older) {
      this.listed.set(message.ID, message)
      this.aside.delete(message.ID)
    }
    this.trim(list)
  }

  /** Keeps messages findable that belong to no list. */
  keepAside(messages: readonly Message[]): void {
    for (const message of messages) if (!this.listed.has(message.ID)) this.aside.set(message.ID, message)
    const excess = this.aside.size - this.bounds.aside
    for (const ID of [...this.aside.keys()].slice(0, Math.max(0, excess))) this.aside.delete(ID)
  }

  remove({ ID, conversationID }: Message): void {
    this.listed.delete(ID)
    this.aside.delete(ID)
    const list = this.lists.get(conversationID) ?? []
    const index = list.findIndex((other) => other.ID === ID)
    if (index >= 0) list.splice(index, 1)
  }

  /** Empties a conversation's list and gives back what was in it: a refetched page reuses the same objects. */
  clear(conversationID: string): readonly Message[] {
    const list = this.lists.get(conversationID) ?? []
    this.lists.delete(conversationID)
    for (const { ID } of list) this.listed.delete(ID)
    return list
  }

  clearAll(): void {
    this.listed.clear()
    this.aside.clear()
    this.lists.clear()
  }

  private touch(conversationID: string): Message[] {
    const list = this.lists.get(conversationID) ?? []
    this.lists.delete(conversationID)
    this.lists.set(conversationID, list)
    return list
  }

  private trim(list: Message[]): void {
    const dropped = list.splice(0, Math.max(0, list.length - this.bounds.perConversation))
    for (const { ID } of dropped) this.listed.delete(ID)
    // A page that has just been fetched may be among them, and the application shows it.
    this.keepAside(dropped)
    for (const [conversationID, other] of this.lists) {
      if (this.listed.size <= this.bounds.inAll || other === list) return
      this.clear(conversationID)
    }
  }
}
