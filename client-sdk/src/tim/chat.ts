import type { ConversationId, UserId } from '@hongyan/protocol'
import type { Change, Client, ClientFailure, EndReason, Platform, Self } from '../core/client-api.ts'
import { ConversationList } from './conversation-list.ts'
import { TimEmitter } from './emitter.ts'
import { timError, timErrorOf, type ErrorContext, type TimError } from './errors.ts'
import { EVENT } from './events.ts'
import { toTimConversationID } from './mapping/ids.ts'
import { markRevoked, toTimMessage, toTimVolatileMessage, type Message, type Revoker } from './mapping/message.ts'
import { MessageCache } from './message-cache.ts'
import { KICKED_OUT_TYPES, REFUSAL_CODES, type Readiness } from './readiness.ts'
import { Throttle } from './throttle.ts'

/** What every successful call resolves with. */
export interface Result<Data> {
  readonly code: 0
  readonly data: Data
}

export interface ChatDeps {
  readonly client: Client
  readonly platform: Platform
  readonly isThrottled: boolean
  /** Gives conversations that changed instead of the whole list (`partialUpdatedConversations`). */
  readonly isPartial: boolean
  /** MESSAGE_REVOKED also on the instance that revoked (`emitOwnRevoke`). */
  readonly tellsOwnRevokes?: boolean
  /** Hears what listeners throw. */
  readonly onThrown: (error: unknown) => void
}

/** Where the two sides of a conversation stood when it was last looked at. */
interface Marks {
  readonly readSeq: number
  readonly peerReadSeq: number
}

const NO_MARKS: Marks = { readSeq: 0, peerReadSeq: 0 }

/** One TIM instance's state: turns the client's changes into TIM's objects and events. The methods stand in methods/. */
export class Chat {
  readonly client: Client
  readonly platform: Platform
  readonly emitter: TimEmitter
  readonly messages = new MessageCache()
  readonly conversations: ConversationList
  readiness: Readiness = 'never'
  private readonly deps: ChatDeps
  private readonly listThrottle: Throttle
  private readonly unreadThrottle: Throttle
  private readonly marks = new Map<ConversationId, Marks>()
  private changedIDs = new Set<string>()
  private toldUnread = 0

  constructor(deps: ChatDeps) {
    this.deps = deps
    this.client = deps.client
    this.platform = deps.platform
    this.emitter = new TimEmitter(deps.onThrown)
    this.conversations = new ConversationList(deps.client)
    const throttle = (run: () => boolean): Throttle =>
      new Throttle({ clock: deps.platform.clock, isOn: deps.isThrottled, run })
    this.listThrottle = throttle(() => this.emitConversations())
    this.unreadThrottle = throttle(() => this.emitUnread())
    deps.client.onChange((change) => this.apply(change))
  }

  get isReady(): boolean {
    return this.readiness === 'ready'
  }

  /** Who is logged in; rejects 2024 where nobody is. */
  self(): Self {
    const { self } = this.client
    if (!self) throw timError(2024)
    return self
  }

  /** Runs a call: its data becomes TIM's result, its failure TIM's error. */
  async run<Data>(context: ErrorContext, call: () => Promise<Data>): Promise<Result<Data>> {
    try {
      return { code: 0, data: await call() }
    } catch (error) {
      throw this.errorOf(error, context)
    }
  }

  /** What was on its way when the login ended is refused for the same reason as what comes later. */
  errorOf(error: unknown, context: ErrorContext, data: object = {}): TimError {
    if (this.readiness === 'ready' || !isEnd(error)) return timErrorOf(error, context, data)
    return timError(REFUSAL_CODES[this.readiness], '', data)
  }

  /** These conversations changed. */
  touchConversations(conversationIDs: readonly string[]): void {
    for (const conversationID of conversationIDs) this.changedIDs.add(conversationID)
    this.listThrottle.call()
    this.unreadThrottle.call()
  }

  /** After a login ended: nothing of it stays. Listeners do (ui-kits §2). */
  reset(readiness: Readiness): void {
    const wasReady = this.isReady
    this.readiness = readiness
    this.messages.clearAll()
    this.conversations.clear()
    this.marks.clear()
    this.listThrottle.reset()
    this.unreadThrottle.reset()
    this.changedIDs.clear()
    this.toldUnread = 0
    if (wasReady) this.emitter.emit(EVENT.SDK_NOT_READY, undefined)
  }

  private apply(change: Change): void {
    if (change.kind === 'net') return this.emitter.emit(EVENT.NET_STATE_CHANGE, { state: change.state })
    if (change.kind === 'ended') return this.end(change.reason)
    const { self } = this.client
    if (!self) return
    switch (change.kind) {
      case 'conversations':
        return this.changeConversations(change.ids, self)
      case 'messages':
        return this.receive(change, self)
      case 'volatile':
        return this.emitter.emit(EVENT.MESSAGE_RECEIVED, [toTimVolatileMessage(change.message, self)])
      case 'revoked':
        return this.revoke(change, self)
      case 'read-by-peer':
        return this.markReadByPeer(toTimConversationID(change.conversationId, self.userId), change.seq)
      case 'deleted':
        return this.forget(toTimConversationID(change.conversationId, self.userId), (seq) => change.seqs.includes(seq))
      case 'cleared':
        return this.forget(toTimConversationID(change.conversationId, self.userId), (seq) => seq <= change.upToSeq)
    }
  }

  private changeConversations(ids: readonly ConversationId[], self: Self): void {
    this.conversations.note(ids)
    for (const id of ids) this.moveMarks(id, toTimConversationID(id, self.userId))
    this.touchConversations(ids.map((id) => toTimConversationID(id, self.userId)))
  }

  /**
   * What either side has read shows on the objects the application holds, by whichever way it came to be known: a device
   * that was away too long is told of the conversation only.
   */
  private moveMarks(id: ConversationId, conversationID: string): void {
    const { readSeq, peerReadSeq } = this.client.conversation(id) ?? NO_MARKS
    const before = this.marks.get(id) ?? NO_MARKS
    this.marks.set(id, { readSeq, peerReadSeq })
    if (readSeq > before.readSeq) this.markRead(conversationID, readSeq)
    if (peerReadSeq > before.peerReadSeq) this.markReadByPeer(conversationID, peerReadSeq)
  }

  private markRead(conversationID: string, readSeq: number): void {
    for (const message of this.sentMessages(conversationID)) {
      if (message.flow === 'in' && message.sequence <= readSeq) message.isRead = true
    }
  }

  private end(reason: EndReason): void {
    this.emitter.emit(EVENT.KICKED_OUT, { type: KICKED_OUT_TYPES[reason] })
    this.reset(reason)
  }

  private receive({ conversationId, messages }: Extract<Change, { kind: 'messages' }>, self: Self): void {
    const marks = this.client.conversation(conversationId) ?? NO_MARKS
    const fresh = messages
      .filter(({ id }) => !this.messages.isListed(id))
      .map((wire) => this.messages.find(wire.id) ?? toTimMessage(wire, self, marks))
    for (const message of fresh) this.messages.append(message)
    if (fresh.length > 0) this.emitter.emit(EVENT.MESSAGE_RECEIVED, fresh)
  }

  private revoke(change: Extract<Change, { kind: 'revoked' }>, self: Self): void {
    const conversationID = toTimConversationID(change.conversationId, self.userId)
    const message = this.sentMessages(conversationID).find(({ sequence }) => sequence === change.seq)
    const revoker = this.revokerOf(change.conversationId, change.by, self)
    if (message) markRevoked(message, revoker, change.reason)
    // The revoking instance has its promise (tim-semantics §8.7).
    if (change.byThisInstance && this.deps.tellsOwnRevokes !== true) return
    const partial = {
      conversationID,
      sequence: change.seq,
      isRevoked: true,
      revoker: change.by,
      revokeReason: change.reason,
      revokerInfo: revoker,
    }
    this.emitter.emit(EVENT.MESSAGE_REVOKED, [message ?? partial])
  }

  private revokerOf(conversationId: ConversationId, by: UserId, self: Self): Revoker {
    const peer = this.client.conversation(conversationId)?.peer
    const { nick, avatar } = by === self.userId ? self : peer?.userId === by ? peer : { nick: '', avatar: '' }
    return { userID: by, nick, avatar }
  }

  /** Exactly the messages that were unread by the peer until now. */
  private markReadByPeer(conversationID: string, seq: number): void {
    const read = this.sentMessages(conversationID).filter(
      (message) => message.flow === 'out' && !message.isPeerRead && message.sequence <= seq,
    )
    for (const message of read) message.isPeerRead = true
    if (read.length > 0) this.emitter.emit(EVENT.MESSAGE_READ_BY_PEER, read)
  }

  private forget(conversationID: string, isGone: (seq: number) => boolean): void {
    for (const message of this.sentMessages(conversationID).filter(({ sequence }) => isGone(sequence))) {
      message.isDeleted = true
      this.messages.remove(message)
    }
  }

  /** Those with a place in the order: a failed message's sequence is the client's own number. */
  private sentMessages(conversationID: string): readonly Message[] {
    return this.messages.list(conversationID).filter(({ status }) => status === 'success')
  }

  private emitConversations(): boolean {
    const all = this.conversations.all()
    const changed = this.changedIDs
    this.changedIDs = new Set()
    const data = this.deps.isPartial ? all.filter(({ conversationID }) => changed.has(conversationID)) : all
    this.emitter.emit(EVENT.CONVERSATION_LIST_UPDATED, data, { isSyncCompleted: this.client.isSyncComplete })
    return true
  }

  private emitUnread(): boolean {
    const total = this.conversations.totalUnread()
    if (total === this.toldUnread) return false
    this.toldUnread = total
    this.emitter.emit(EVENT.TOTAL_UNREAD_MESSAGE_COUNT_UPDATED, total)
    return true
  }
}

/** A request fell because the login was over, not for a reason of its own. */
function isEnd(error: unknown): boolean {
  if (!(error instanceof Error) || !('failure' in error)) return false
  const failure: unknown = error.failure
  return failure === ('CLOSED' satisfies ClientFailure['failure']) || failure === 'NOT_LOGGED_IN'
}
