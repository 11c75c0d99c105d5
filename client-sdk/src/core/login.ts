import {
  CLIENT_PROTOCOL_VERSION,
  conversationOfTimeline,
  conversationTimeline,
  groupOf,
} from '@hongyan/protocol/constants'
import type { ConversationId, Message, ReplyOf, TimelineId, UserId } from '@hongyan/protocol'
import { getConversation } from '../commands/conversation.ts'
import { send, travelling } from '../commands/message.ts'
import { closeSession, openSession } from '../commands/session.ts'
import { pull } from '../commands/sync.ts'
import type { Change, Conversation, Draft, EndReason, NetState, Platform, Self } from './client-api.ts'
import { Connection } from './connection.ts'
import { mergeState } from './conversation-rules.ts'
import { clientFailure, type Failure, type Outcome } from './failure.ts'
import { Follower } from './follower.ts'
import type { Incoming } from './frames.ts'
import { LiveRooms } from './live-rooms.ts'
import { Marks } from './marks.ts'
import { httpOriginOf, Media } from './media.ts'
import { RememberedDoings } from './own-doings.ts'
import { Refresher } from './refresher.ts'
import { Requests } from './requests.ts'
import { Sender } from './sender.ts'
import { Store, type Placed } from './store.ts'
import { Syncer } from './syncer.ts'

export interface LoginPorts {
  readonly url: string
  readonly sdkAppId: number
  readonly platform: Platform
  readonly agent: string
  readonly instanceId: string
  readonly timeoutMs: number
  /** Told in order; nothing is told after the login is over. */
  readonly tell: (change: Change) => void
  readonly onNet: (state: NetState) => void
  /** The login is over without the application asking for it; `reason` is absent when it never began. */
  readonly onOver: (reason?: EndReason) => void
  readonly onError: (error: unknown) => void
}

/**
 * One login, from its first dial to its end, with everything that belongs to it: nothing of a login survives it. Wires
 * the parts; each of them knows only its ports.
 */
export class Login {
  readonly userId: UserId
  /** Settles when the server has judged the signature, or could not be asked. */
  readonly opened: Promise<Self>
  readonly store: Store
  readonly requests: Requests
  readonly sender: Sender
  readonly marks: Marks
  readonly rooms: LiveRooms
  readonly media: Media
  readonly own = new RememberedDoings()
  self: Self | undefined = undefined
  userSig: string
  private readonly ports: LoginPorts
  private readonly connection: Connection
  private readonly follower: Follower
  private readonly syncer: Syncer
  private readonly refresher: Refresher
  private waiters: { resolve: () => void; reject: (error: Error) => void }[] = []
  private settleOpened: { resolve: (self: Self) => void; reject: (error: Error) => void } | undefined = undefined
  private loginKey: number | undefined = undefined
  /** Of the store that let us in; undefined where the server's wire does not tell it yet. */
  private epoch: string | undefined = undefined
  private clockOffsetMs = 0
  private isOver = false
  private stopWaking: (() => void) | undefined = undefined

  constructor(userId: UserId, userSig: string, ports: LoginPorts) {
    const { platform, timeoutMs } = ports
    const { clock } = platform
    const random = (): number => platform.random()
    this.userId = userId
    this.userSig = userSig
    this.ports = ports
    this.opened = new Promise((resolve, reject) => {
      this.settleOpened = { resolve, reject }
    })
    this.store = new Store(userId, this.own)
    this.requests = new Requests({ clock, random, timeoutMs, transmit: (text) => this.connection.send(text) })
    this.connection = this.makeConnection()
    this.follower = this.makeFollower()
    this.syncer = new Syncer({
      clock,
      requests: this.requests,
      store: this.store,
      follower: this.follower,
      onConversations: (ids) => this.onConversations(ids),
      onGone: (ids) => this.onGone(ids),
      onComplete: () => this.onComplete(),
      onCaughtUp: () => this.connection.caughtUp(),
      onFailed: (failure) => this.connection.lose(failure),
    })
    this.sender = new Sender({
      clock,
      timeoutMs,
      ask: (draft, remainingMs, settle) => send(this.requests, draft, remainingMs, settle),
      onStored: (draft, reply) => this.onStored(draft, reply),
      isConnected: () => this.connection.isOpen,
    })
    this.marks = new Marks({ requests: this.requests, store: this.store, tell: (changes) => this.tellAll(changes) })
    this.rooms = new LiveRooms({
      requests: this.requests,
      store: this.store,
      tell: (changes) => this.tellAll(changes),
    })
    this.media = new Media({
      clock,
      platform,
      origin: httpOriginOf(ports.url),
      serverNowMs: () => this.serverNowMs(),
      ask: (command, body) => this.requests.call(command, body),
    })
    this.refresher = new Refresher({
      clock,
      isReady: () => this.connection.isReady,
      isNeeded: (id) => this.isIncomplete(id),
      fetch: (id, done) => {
        this.fetch(id, (outcome) => done(outcome.ok ? 'fetched' : outcome.isFinal ? 'refused' : 'later'))
      },
    })
  }

  get isSyncComplete(): boolean {
    return this.syncer.isComplete
  }

  start(): void {
    if (this.isOver) return
    this.stopWaking = this.ports.platform.onWake(() => this.connection.wake())
    this.connection.open()
  }

  serverNowMs(): number {
    return this.ports.platform.clock.now() + this.clockOffsetMs
  }

  whenSynced(): Promise<void> {
    if (this.isSyncComplete) return Promise.resolve()
    return new Promise((resolve, reject) => this.waiters.push({ resolve, reject }))
  }

  /** Ends the login as the application wishes; resolves when the server knows it, or cannot be told. */
  close(): Promise<void> {
    const canTell = !this.isOver && this.connection.isOpen
    this.finish('CLOSED')
    return new Promise((resolve) => {
      const done = (): void => {
        this.connection.close()
        resolve()
      }
      if (canTell) closeSession(this.requests, done)
      else done()
    })
  }

  /** Fetches a conversation's state into the store, and tells when that changed it. */
  fetch(id: ConversationId, done: (outcome: Outcome<Conversation>) => void): void {
    const asked = this.store.get(id)
    getConversation(this.requests, id, (outcome) => {
      if (!outcome.ok) return done(outcome)
      const { conversation } = outcome.body
      const answer = { how: 'answer', touches: asked?.touches ?? 0 } as const
      const known = this.store.get(id)
      // Left and joined again since it was asked: the answer may be of the earlier membership.
      if (asked !== undefined && known !== undefined && asked.since !== known.since) return this.fetch(id, done)
      // A group is kept from the entry on that says it is the user's: an answer may be from before he left it.
      if (known === undefined && groupOf(id) !== undefined) {
        return done({ ok: true, body: mergeState(undefined, conversation, answer).seen })
      }
      // Unknown after a complete snapshot: if it exists its entries are on their way from the first one on.
      if (this.isSyncComplete) this.store.ensure(id, false)
      this.store.merge(conversation, answer)
      const after = this.store.get(id)
      if (after === undefined) return done({ ok: false, failure: 'NO_SUCH_CONVERSATION', isFinal: true })
      this.onConversations([id])
      done({ ok: true, body: after.seen })
    })
  }

  private makeConnection(): Connection {
    const { url, platform, timeoutMs, onNet, onError } = this.ports
    return new Connection({
      url,
      platform,
      timeoutMs,
      onDialled: () => this.authenticate(),
      onOpened: () => this.onOpened(),
      onReady: () => this.onReady(),
      onFrame: (frame) => this.onFrame(frame),
      onDropped: () => this.onDropped(),
      onNet: (state) => this.isOver || onNet(state),
      onFailed: (failure) => this.end(failure),
      onEnded: (reason) => this.end('CLOSED', reason),
      onError,
    })
  }

  private makeFollower(): Follower {
    const { platform } = this.ports
    return new Follower({
      clock: platform.clock,
      random: () => platform.random(),
      cursorOf: (timeline) => this.store.cursorOf(timeline),
      isUnplaced: (timeline) => this.isUnplaced(timeline),
      apply: (timeline, entries) => this.apply(timeline, entries),
      pull: (timeline, after, settle) => pull(this.requests, timeline, after, settle),
      reset: (timeline, done) => this.syncer.reset(timeline, done),
      gone: (timeline) => this.syncer.leave([timeline]),
    })
  }

  private authenticate(): void {
    const { sdkAppId, instanceId, platform, agent } = this.ports
    const { userId, userSig, loginKey } = this
    const who = { protocolVersion: CLIENT_PROTOCOL_VERSION, sdkAppId, userId, userSig }
    const where = { instanceId, device: platform.device, agent }
    const resume = loginKey === undefined ? {} : { resume: loginKey }
    openSession(this.requests, { ...who, ...where, ...resume }, (outcome) => {
      if (outcome.ok) this.onAccepted(outcome.body)
      else if (outcome.failure !== 'CLOSED') this.onRefused(outcome.failure, outcome.isFinal)
    })
  }

  private onAccepted(reply: ReplyOf<'session.open'>): void {
    const { tinyId, nick, avatar } = reply
    this.loginKey = reply.loginKey
    this.epoch = reply.epoch
    this.clockOffsetMs = reply.serverTimeMs - this.ports.platform.clock.now()
    this.self = { userId: this.userId, tinyId, nick, avatar }
    this.media.onOpened(reply.media)
    this.settleOpened?.resolve(this.self)
    this.settleOpened = undefined
    this.connection.opened(reply.pingEveryMs)
  }

  private onRefused(failure: Failure, isFinal: boolean): void {
    if (this.self === undefined || !isFinal) return this.connection.lose(failure)
    this.connection.end(endReasonOf(failure))
  }

  private onOpened(): void {
    // What is sent needs nothing to be repaired first, but the store to be the one it was meant for.
    if (this.store.epoch === undefined) this.requests.flow()
    this.syncer.start()
    if (!this.connection.isOpen) return
    if (this.store.epoch === this.epoch) this.requests.flow()
    this.ports.onNet('connected')
  }

  private onReady(): void {
    this.requests.flow()
    this.rooms.enterAgain()
    for (const { seen } of this.store.all())
      if (this.isIncomplete(seen.conversationId)) this.refresher.want(seen.conversationId)
  }

  private onDropped(): void {
    this.syncer.stop()
    this.follower.forget()
    this.requests.lose()
  }

  private onFrame(frame: Exclude<Incoming, { type: 'ping' | 'pong' }>): void {
    if (frame.type === 'reply' || frame.type === 'error') return this.requests.onAnswer(frame)
    if (this.isOver) return
    if (frame.type === 'push') {
      this.syncer.progress()
      this.follower.offer(frame.timeline, frame.offset, frame.entry)
    } else if (frame.entry.kind === 'volatile-message') {
      const { message } = frame.entry
      this.rooms.onVolatile(message)
      if (this.own.meetVolatile(message.id)) this.ports.tell({ kind: 'volatile', message })
    } else if (frame.entry.kind === 'receipt-counts') this.ports.tell(frame.entry)
  }

  private apply(timeline: TimelineId, entries: readonly Placed[]): void {
    const changes = this.store.apply(timeline, entries, this.ports.onError)
    for (const change of changes) {
      if (change.kind === 'left') {
        this.follower.leave(conversationTimeline(change.conversation.conversationId))
        this.rooms.forget(change.conversation.conversationId)
      }
      if (change.kind === 'messages') this.rooms.onMessages(change.messages)
    }
    this.tellAll(changes)
    for (const { entry } of entries) {
      if (entry.kind === 'joined') this.follower.place(conversationTimeline(entry.conversationId))
    }
  }

  /** The answer says all that the entry will say: when it is the next one, it need not be waited for. */
  private onStored(draft: Draft, reply: ReplyOf<'message.send'>): void {
    const timeline = conversationTimeline(draft.conversationId)
    if (this.self === undefined || reply.offset !== this.store.cursorOf(timeline) + 1) return
    const about = this.store.get(draft.conversationId)?.seen.about
    const card = about?.type === 'group' ? about.self.nameCard : ''
    const message = ownMessage(this.self, card, draft, reply)
    this.follower.offer(timeline, reply.offset, { kind: 'message', message })
  }

  private isUnplaced(timeline: TimelineId): boolean {
    const id = conversationOfTimeline(timeline)
    if (id === undefined || this.store.get(id) !== undefined) return false
    return !this.isSyncComplete || groupOf(id) !== undefined
  }

  private onConversations(ids: readonly ConversationId[]): void {
    const groups = ids.filter((id) => groupOf(id) !== undefined)
    this.tellAll([
      { kind: 'conversations', ids, isSyncComplete: this.isSyncComplete },
      ...(groups.length === 0 ? [] : [{ kind: 'groups', ids: groups } as const]),
    ])
  }

  /** The server does not name them as the user's any more. */
  private onGone(ids: readonly ConversationId[]): void {
    const gone = ids.flatMap((id) => this.store.get(id)?.seen ?? [])
    for (const { conversationId } of gone) {
      this.store.drop(conversationId)
      this.follower.leave(conversationTimeline(conversationId))
    }
    this.tellAll(gone.map((conversation) => ({ kind: 'left', conversation })))
    if (gone.length > 0) this.onConversations(gone.map(({ conversationId }) => conversationId))
  }

  private onComplete(): void {
    const waiters = this.waiters
    this.waiters = []
    this.follower.placeAll()
    for (const waiter of waiters) waiter.resolve()
  }

  private tellAll(changes: readonly Change[]): void {
    for (const change of changes) {
      if (this.isOver) return
      const isList = change.kind === 'conversations'
      if (isList) for (const id of change.ids) if (this.isIncomplete(id)) this.refresher.want(id)
      if (change.kind === 'profile' && this.self !== undefined) {
        const { nick, avatar } = change.profile
        this.self = { ...this.self, nick, avatar }
      }
      this.ports.tell(isList ? { ...change, isSyncComplete: this.isSyncComplete } : change)
    }
  }

  private isIncomplete(id: ConversationId): boolean {
    const kept = this.store.get(id)
    return kept !== undefined && (!kept.isAboutKnown || kept.isLastUnknown)
  }

  /** Ended by the server, or never begun. */
  private end(failure: Failure, reason?: EndReason): void {
    if (this.isOver) return
    this.finish(failure)
    this.ports.onOver(reason)
  }

  private finish(failure: Failure): void {
    if (this.isOver) return
    this.isOver = true
    this.stopWaking?.()
    this.syncer.stop()
    this.refresher.stop()
    this.media.close(failure)
    this.follower.forget()
    // First the outbox: it answers the failure of one message by asking for the next.
    this.sender.close(failure)
    this.requests.close(failure)
    this.settleOpened?.reject(clientFailure(failure))
    this.settleOpened = undefined
    for (const waiter of this.waiters) waiter.reject(clientFailure(failure))
    this.waiters = []
  }
}

/** Why a login that was open once is not accepted again. */
function endReasonOf(refusal: Failure): EndReason {
  if (refusal === 'DISPLACED') return 'displaced-by-account'
  if (refusal === 'ACCOUNT_DISABLED') return 'signed-out-by-admin'
  // A new login with a new signature mends it, or its refusal names what is wrong.
  return 'signature-expired'
}

function ownMessage(self: Self, card: string, draft: Draft, reply: ReplyOf<'message.send'>): Message {
  const { clientMsgId, ...rest } = travelling(draft)
  const { seq, sentAtMs, countable } = reply
  return {
    ...rest,
    id: `${self.tinyId}-${clientMsgId}`,
    senderId: self.userId,
    sentAtMs,
    seq,
    countable,
    // What is for some alone counts for nobody, as the server stores it.
    ...(draft.receiverIds === undefined ? {} : { uncounted: true as const }),
    ...(self.nick === '' ? {} : { senderNick: self.nick }),
    ...(self.avatar === '' ? {} : { senderAvatar: self.avatar }),
    ...(card === '' ? {} : { senderCard: card }),
  }
}
