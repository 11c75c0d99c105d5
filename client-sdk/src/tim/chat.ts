import { SYSTEM_USER_ID, systemConversationId } from '@hongyan/protocol/constants'
import type { ConversationId, Group, Message as WireMessage, Person, Seq } from '@hongyan/protocol'
import type { Change, Client, ClientFailure, EndReason, ForeignUploader, Platform, Self } from '../core/client-api.ts'
import { AnnotationTeller } from './annotation-teller.ts'
import { ConversationList } from './conversation-list.ts'
import { tellModified, tellRevoked } from './corrections.ts'
import { TimEmitter } from './emitter.ts'
import { timError, timErrorOf, type ErrorContext, type TimError } from './errors.ts'
import { EVENT } from './events.ts'
import { Faces } from './faces.ts'
import { GroupAttributes } from './group-attributes.ts'
import { GroupList } from './group-list.ts'
import { LateGroups } from './late-groups.ts'
import { isDiscarded } from './mapping/conversation.ts'
import type { UrlOf } from './mapping/element.ts'
import { toTimConversationID, toTimMessageID } from './mapping/ids.ts'
import { refreshMessage, toTimMessage, toTimVolatileMessage, type Message } from './mapping/message.ts'
import { toTimProfile, updateProfile, type Profile } from './mapping/profile.ts'
import { MessageCache } from './message-cache.ts'
import { Preparations } from './preparations.ts'
import { KICKED_OUT_TYPES, REFUSAL_CODES, type Readiness } from './readiness.ts'
import { NO_MARKS, ReadMarks } from './read-marks.ts'
import { tellReceiptCounts, tellReceipts } from './receipt-changes.ts'
import { SendingLine } from './sending-line.ts'
import type { Telling } from './telling.ts'
import { Throttle } from './throttle.ts'
import { TYPES } from './types.ts'

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
  /** Joining a live room leaves no other one (`unlimitedAVChatRoom`). */
  readonly isInManyLiveRooms?: boolean
  /** Hears what listeners throw. */
  readonly onThrown: (error: unknown) => void
}

type ChangeOf<Kind extends Change['kind']> = Extract<Change, { kind: Kind }>

/** One TIM instance's state: turns the client's changes into TIM's objects and events. The methods stand in methods/. */
export class Chat implements Telling {
  readonly client: Client
  readonly platform: Platform
  readonly emitter: TimEmitter
  readonly messages = new MessageCache()
  /** Uploads that go before messages. */
  readonly preparations = new Preparations()
  /** Messages with files wait in it for those sent before. */
  readonly sendingLine: SendingLine
  /** The uploader that the application registered; undefined when uploading is ours. */
  uploader: ForeignUploader | undefined = undefined
  readonly groups: GroupList
  readonly conversations: ConversationList
  readonly attributes: GroupAttributes
  readonly annotations: AnnotationTeller
  readonly deps: ChatDeps
  readonly tellsOwnRevokes: boolean
  readiness: Readiness = 'never'
  /** The application's object of the user's own profile, once there is one. */
  myProfile: Profile | undefined = undefined
  /** Files have addresses of the client's making. */
  readonly urlOf: UrlOf = (...file) => this.client.mediaUrl(...file)
  private readonly faces = new Faces(this.messages)
  private readonly listThrottle: Throttle
  private readonly unreadThrottle: Throttle
  private readonly groupThrottle: Throttle
  private readonly marks = new ReadMarks(this)
  private readonly lateGroups = new LateGroups(this)
  private changedIDs = new Set<string>()
  private toldUnread = 0
  /** Groups changed before the first lists were whole. */
  private areGroupsDue = false

  constructor(deps: ChatDeps) {
    this.deps = deps
    this.tellsOwnRevokes = deps.tellsOwnRevokes ?? false
    this.client = deps.client
    this.platform = deps.platform
    this.sendingLine = new SendingLine(deps.platform.clock)
    this.emitter = new TimEmitter(deps.onThrown)
    this.groups = new GroupList(deps.client)
    this.conversations = new ConversationList(deps.client, this.groups)
    this.attributes = new GroupAttributes(deps.client, deps.platform.clock)
    this.annotations = new AnnotationTeller(this)
    const throttle = (run: () => boolean): Throttle =>
      new Throttle({ clock: deps.platform.clock, isOn: deps.isThrottled, run })
    this.listThrottle = throttle(() => this.emitConversations())
    this.unreadThrottle = throttle(() => this.emitUnread())
    this.groupThrottle = throttle(() => this.emitGroups())
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

  /** For calls that are let through without a login: rejects for the same reason as the others. */
  mustBeReady(): void {
    if (this.readiness !== 'ready') throw timError(REFUSAL_CODES[this.readiness])
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

  /** Does what nobody waits for; only a mistake of ours is told. */
  inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!isFailure(error)) this.deps.onThrown(error)
    })
  }

  /** These conversations changed. */
  touchConversations(conversationIDs: readonly string[]): void {
    for (const conversationID of conversationIDs) this.changedIDs.add(conversationID)
    this.listThrottle.call()
    this.unreadThrottle.call()
  }

  /** Groups changed. Nothing is told before the first lists are whole. */
  touchGroups(): void {
    this.areGroupsDue = true
    this.tellGroups()
  }

  /** The application's object for a message that came over the wire: the one it holds already, brought up to date. */
  messageOf(wire: WireMessage, known = this.messages.find(toTimMessageID(wire.id, wire.senderId))): Message {
    const marks = this.client.conversation(wire.conversationId) ?? NO_MARKS
    if (!known) return toTimMessage(wire, this.self(), marks, this.urlOf)
    refreshMessage(known, wire, marks, this.urlOf)
    return known
  }

  /** A message by its place, fetched where it is not kept; undefined where the user does not see it. */
  async messageAt(conversationId: ConversationId, seq: Seq): Promise<Message | undefined> {
    const query = { direction: 'older', from: { seq: seq + 1 }, limit: 1 } as const
    const { messages } = await this.client.history(conversationId, query)
    const [wire] = messages
    if (wire?.seq !== seq) return undefined
    const message = this.messageOf(wire)
    this.messages.keepAside([message])
    return message
  }

  /** After a login ended: nothing of it stays. Listeners do (ui-kits §2). */
  reset(readiness: Readiness): void {
    const wasReady = this.isReady
    this.readiness = readiness
    this.messages.clearAll()
    this.preparations.clear()
    this.faces.clear()
    this.conversations.clear()
    this.groups.clear()
    this.attributes.clear()
    this.annotations.clear()
    this.marks.clear()
    this.lateGroups.clear()
    this.listThrottle.reset()
    this.unreadThrottle.reset()
    this.groupThrottle.reset()
    this.changedIDs.clear()
    this.toldUnread = 0
    this.areGroupsDue = false
    this.myProfile = undefined
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
      case 'groups':
        this.groups.note(change.ids)
        return this.touchGroups()
      case 'left':
        return this.leave(change, self)
      case 'messages':
        return this.receive(change, self)
      case 'volatile':
        return this.receiveVolatile(change, self)
      case 'revoked':
        return tellRevoked(this, change, self)
      case 'modified':
        return tellModified(this, change, self)
      case 'annotated':
        return this.annotations.tell(change.conversationId, change.annotation, self)
      case 'read-by-peer':
        return this.marks.readByPeer(toTimConversationID(change.conversationId, self.userId), change.seq)
      case 'receipted':
        return tellReceipts(this, toTimConversationID(change.conversationId, self.userId), change)
      case 'receipt-counts':
        return tellReceiptCounts(this, toTimConversationID(change.conversationId, self.userId), change.counts)
      case 'profile':
        return this.changeProfile(change)
      case 'deleted':
        return this.forget(toTimConversationID(change.conversationId, self.userId), (seq) => change.seqs.includes(seq))
      case 'cleared':
        return this.forget(toTimConversationID(change.conversationId, self.userId), (seq) => seq <= change.upToSeq)
    }
  }

  private changeConversations(ids: readonly ConversationId[], self: Self): void {
    this.conversations.note(ids)
    this.groups.note(ids)
    for (const id of ids) {
      this.marks.move(id, toTimConversationID(id, self.userId))
      this.lateGroups.complete(id, self)
      // At once, whenever it is told: what the last message showed stays there when it is revoked.
      this.conversations.get(id)
    }
    this.touchConversations(ids.map((id) => toTimConversationID(id, self.userId)))
    this.tellGroups()
  }

  private tellGroups(): void {
    if (!this.areGroupsDue || !this.client.isSyncComplete) return
    this.areGroupsDue = false
    this.groupThrottle.call()
  }

  private leave({ conversation, dismissedBy }: ChangeOf<'left'>, self: Self): void {
    const { about } = conversation
    this.conversations.leave(conversation)
    this.groups.remove(conversation.conversationId)
    this.marks.forget(conversation.conversationId)
    this.lateGroups.forget(conversation.conversationId)
    this.touchConversations([toTimConversationID(conversation.conversationId, self.userId)])
    if (about.type !== 'group') return
    this.touchGroups()
    // Members find it among what the server has told them. Who is in a live room is no member, and hears it here alone.
    if (about.group.type === 'live' && dismissedBy) this.tellDismissed(about.group, dismissedBy, self)
  }

  private tellDismissed({ groupId, name, type }: Group, by: Person, self: Self): void {
    const notice = { type: 'notice', op: 'dismissed', groupId, groupName: name, groupType: type, by } as const
    const wire = {
      id: this.client.newClientMsgId(),
      conversationId: systemConversationId(self.userId),
      senderId: SYSTEM_USER_ID,
      sentAtMs: this.client.serverNowMs(),
      elements: [notice],
    }
    this.emitter.emit(EVENT.MESSAGE_RECEIVED, [toTimVolatileMessage(wire, self)])
  }

  private end(reason: EndReason): void {
    this.emitter.emit(EVENT.KICKED_OUT, { type: KICKED_OUT_TYPES[reason] })
    this.reset(reason)
  }

  private receive({ conversationId, messages }: ChangeOf<'messages'>, self: Self): void {
    const fresh = messages
      .filter(({ id, senderId }) => !this.messages.isListed(toTimMessageID(id, senderId)))
      .map((wire) => this.messageOf(wire))
    for (const message of fresh) {
      this.messages.append(message)
      this.faces.see(message)
    }
    const told = fresh.filter((message) => this.isWanted(conversationId, message, self))
    if (told.length > 0) this.emitter.emit(EVENT.MESSAGE_RECEIVED, told)
    if (!fresh.some(({ conversationType }) => conversationType === TYPES.CONV_GROUP)) return
    this.touchGroups()
    this.lateGroups.note(conversationId)
  }

  private receiveVolatile({ message }: ChangeOf<'volatile'>, self: Self): void {
    const about = this.client.conversation(message.conversationId)?.about
    const received = toTimVolatileMessage(message, self, about, this.urlOf)
    if (!this.isWanted(message.conversationId, received, self)) return
    this.emitter.emit(EVENT.MESSAGE_RECEIVED, [received])
  }

  /** What the user discards is kept, but not told (tim-semantics §4.3). */
  private isWanted(conversationId: ConversationId, { flow, atUserList }: Message, self: Self): boolean {
    const isCalled = atUserList.includes(self.userId) || atUserList.includes(TYPES.MSG_AT_ALL)
    return flow === 'out' || !isDiscarded(this.client.conversation(conversationId), isCalled)
  }

  private changeProfile({ profile }: ChangeOf<'profile'>): void {
    if (this.myProfile) updateProfile(this.myProfile, profile)
    else this.myProfile = toTimProfile(profile)
    const { userID, nick, avatar } = this.myProfile
    this.faces.see({ from: userID, nick, avatar, isSystemMessage: false })
    this.emitter.emit(EVENT.PROFILE_UPDATED, [this.myProfile])
  }

  private forget(conversationID: string, isGone: (seq: number) => boolean): void {
    for (const message of this.messages.sent(conversationID).filter(({ sequence }) => isGone(sequence))) {
      message.isDeleted = true
      this.messages.remove(message)
    }
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

  private emitGroups(): boolean {
    this.emitter.emit(EVENT.GROUP_LIST_UPDATED, this.groups.all())
    return true
  }
}

function isFailure(error: unknown): boolean {
  return error instanceof Error && 'failure' in error
}

/** A request fell because the login was over, not for a reason of its own. */
function isEnd(error: unknown): boolean {
  if (!(error instanceof Error) || !('failure' in error)) return false
  const failure: unknown = error.failure
  return failure === ('CLOSED' satisfies ClientFailure['failure']) || failure === 'NOT_LOGGED_IN'
}
