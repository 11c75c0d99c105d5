import type {
  ConversationId,
  FileKind,
  ReplyOf,
  RequestOf,
  Seq,
  StoredFile,
  UserId,
  UserProfile,
} from '@hongyan/protocol'
import { ask } from '../commands/ask.ts'
import { pin } from '../commands/conversation.ts'
import { deleteMessages, history, modify, revoke, sendVolatile } from '../commands/message.ts'
import { getProfiles } from '../commands/profile.ts'
import type {
  AskedCommand,
  Change,
  Client,
  ClientFailure,
  Conversation,
  Draft,
  HistoryPage,
  NetState,
  Platform,
  Self,
  Sent,
  UploadSource,
} from './client-api.ts'
import { digestOf } from './digest.ts'
import { clientFailure } from './failure.ts'
import { Login } from './login.ts'
import { makeInstanceId, MessageIds } from './message-ids.ts'

export interface ClientOptions {
  /** WebSocket address of the server, `ws://…` or `wss://…`. */
  readonly url: string
  readonly sdkAppId: number
  readonly platform: Platform
  /** Name and version of the client, for the help desk. */
  readonly agent: string
  /** `A-Za-z0-9_-`, at most 64; made up when absent. */
  readonly instanceId?: string
  /** Time for an answer, ms; 15 s when absent. */
  readonly requestTimeoutMs?: number
  /** Told what a listener or a broken entry threw; nothing of it reaches the core. */
  readonly onError?: (error: unknown) => void
}

/** Makes a client. Nothing is dialled before its login. */
export function createClient(options: ClientOptions): Client {
  return new LoginClient(options)
}

/** The client as the application holds it: at most one login at a time, and what outlives it. */
class LoginClient implements Client {
  readonly instanceId: string
  private readonly options: ClientOptions
  private readonly ids: MessageIds
  private current: Login | undefined = undefined
  private leaving: Promise<void> | undefined = undefined
  private net: NetState = 'connected'
  private listen: (change: Change) => void = () => undefined

  constructor(options: ClientOptions) {
    const random = (): number => options.platform.random()
    this.options = options
    this.instanceId = options.instanceId ?? makeInstanceId(random)
    this.ids = new MessageIds(random)
  }

  get self(): Self | undefined {
    return this.current?.self
  }

  get isSyncComplete(): boolean {
    return this.current?.isSyncComplete ?? false
  }

  serverNowMs(): number {
    return this.current?.serverNowMs() ?? this.options.platform.clock.now()
  }

  onChange(listen: (change: Change) => void): void {
    this.listen = listen
  }

  login(userId: UserId, userSig: string): Promise<Self> {
    const { current } = this
    if (
      current !== undefined &&
      current.userId === userId &&
      (current.self !== undefined || current.userSig === userSig)
    ) {
      current.userSig = userSig
      return current.opened
    }
    if (current !== undefined) void this.logout()
    const login = this.makeLogin(userId, userSig)
    this.current = login
    // One socket at a time: WeChat allows five, and the server should see the old place free.
    if (this.leaving === undefined) login.start()
    else void this.leaving.then(() => login.start())
    return login.opened
  }

  logout(): Promise<void> {
    const login = this.current
    if (login === undefined) return this.leaving ?? Promise.resolve()
    this.current = undefined
    const leaving = Promise.all([this.leaving, login.close()]).then(() => {
      if (this.leaving === leaving) this.leaving = undefined
    })
    this.leaving = leaving
    return leaving
  }

  whenSynced(): Promise<void> {
    return this.during((login) => login.whenSynced())
  }

  conversation(id: ConversationId): Conversation | undefined {
    return this.current?.store.get(id)?.seen
  }

  conversations(): readonly Conversation[] {
    const all = this.current === undefined ? [] : [...this.current.store.all()]
    return all.map(({ seen }) => seen).filter(({ isVisible }) => isVisible)
  }

  fetchConversation(id: ConversationId): Promise<Conversation> {
    return this.during(
      (login) =>
        new Promise((resolve, reject) => {
          login.fetch(id, (outcome) => (outcome.ok ? resolve(outcome.body) : reject(clientFailure(outcome.failure))))
        }),
    )
  }

  newClientMsgId(): string {
    return this.ids.next(this.serverNowMs())
  }

  send(draft: Draft): Promise<Sent> {
    return this.during(async (login, self) => {
      // What is said in a live room is not kept.
      if (login.rooms.has(draft.conversationId)) return { seq: 0, ...(await this.sendVolatile(draft)) }
      login.own.rememberSent(`${self.tinyId}-${draft.clientMsgId}`)
      return login.sender.send(draft)
    })
  }

  sendVolatile(draft: Draft): Promise<{ readonly sentAtMs: number }> {
    return this.during((login, self) => {
      login.own.meetVolatile(`${self.tinyId}-${draft.clientMsgId}`)
      return sendVolatile(login.requests, draft)
    })
  }

  history(conversationId: ConversationId, query: Parameters<Client['history']>[1]): Promise<HistoryPage> {
    return this.during((login) => history(login.requests, { conversationId, ...query }))
  }

  revoke(conversationId: ConversationId, seq: Seq, reason?: string): Promise<void> {
    return this.during(async (login) => {
      login.own.rememberRevoked(conversationId, seq)
      const body = { conversationId, seq, ...(reason === undefined ? {} : { reason }) }
      await revoke(login.requests, body).catch((error: ClientFailure) => {
        // Without an answer it may have been done all the same, and its entry will come.
        if (error.failure !== 'TIMEOUT') login.own.forgetRevoked(conversationId, seq)
        throw error
      })
    })
  }

  deleteMessages(conversationId: ConversationId, seqs: readonly Seq[]): Promise<void> {
    return this.during(async (login) => {
      await deleteMessages(login.requests, { conversationId, seqs: [...seqs] })
    })
  }

  read(conversationId: ConversationId): Promise<void> {
    return this.during((login) => login.marks.read(conversationId))
  }

  modify(request: RequestOf<'message.modify'>): Promise<ReplyOf<'message.modify'>> {
    return this.during(async ({ own, requests }) => {
      own.rememberModified(request)
      return modify(requests, request).catch((error: ClientFailure) => {
        // It was done, and the answer lost: sent again it meets its own change.
        const done = error.failure === 'MODIFY_CONFLICT' ? own.modifiedHere(request) : undefined
        if (done !== undefined) return done
        if (error.failure !== 'TIMEOUT') own.forgetModified(request)
        throw error
      })
    })
  }

  ask<Name extends AskedCommand>(command: Name, body: RequestOf<Name>): Promise<ReplyOf<Name>> {
    return this.during(async ({ requests, rooms }) => {
      const reply = await ask(requests, command, body)
      // Being in a live room is this connection's own affair: no entry tells of it.
      if (command === 'group.join') rooms.enter(reply as ReplyOf<'group.join'>)
      if (command === 'group.quit') rooms.leave((body as RequestOf<'group.quit'>).groupId)
      return reply
    })
  }

  upload(
    conversationId: ConversationId,
    kind: FileKind,
    source: UploadSource,
    options: Parameters<Client['upload']>[3],
  ): Promise<StoredFile> {
    return this.during(({ media }) => media.upload(conversationId, kind, source, options))
  }

  mediaUrl(fileId: string, variant?: 'small' | 'large'): string {
    return this.current?.media.mediaUrl(fileId, variant) ?? ''
  }

  fetchText(fileId: string): Promise<string> {
    return this.during(({ media }) => media.fetchText(fileId))
  }

  pin(conversationId: ConversationId, pinned: boolean): Promise<void> {
    return this.during(async (login) => {
      await pin(login.requests, { conversationId, pinned })
    })
  }

  hide(conversationIds: readonly ConversationId[], options: { readonly clears: boolean }): Promise<void> {
    return this.during((login) => login.marks.hide(conversationIds, options))
  }

  clear(conversationId: ConversationId): Promise<void> {
    return this.during((login) => login.marks.clear(conversationId))
  }

  profiles(userIds: readonly UserId[]): Promise<readonly UserProfile[]> {
    return this.during((login) => getProfiles(login.requests, userIds))
  }

  stateDigest(): string {
    return digestOf(this.current === undefined ? [] : [...this.current.store.all()].map(({ seen }) => seen))
  }

  private makeLogin(userId: UserId, userSig: string): Login {
    const { url, sdkAppId, platform, agent, requestTimeoutMs = 15_000 } = this.options
    const isCurrent = (): boolean => this.current === login
    const login: Login = new Login(userId, userSig, {
      url,
      sdkAppId,
      platform,
      agent,
      instanceId: this.instanceId,
      timeoutMs: requestTimeoutMs,
      tell: (change) => this.tell(change),
      onNet: (state) => {
        if (state === this.net) return
        this.net = state
        this.tell({ kind: 'net', state })
      },
      onOver: (reason) => {
        if (!isCurrent()) return
        this.current = undefined
        if (reason !== undefined) this.tell({ kind: 'ended', reason })
      },
      onError: (error) => this.options.onError?.(error),
    })
    return login
  }

  private tell(change: Change): void {
    try {
      this.listen(change)
    } catch (error) {
      this.options.onError?.(error)
    }
  }

  /** Runs what needs a login that has been accepted. */
  private during<T>(run: (login: Login, self: Self) => Promise<T>): Promise<T> {
    const login = this.current
    if (login?.self === undefined) return Promise.reject(clientFailure('NOT_LOGGED_IN'))
    return run(login, login.self)
  }
}
