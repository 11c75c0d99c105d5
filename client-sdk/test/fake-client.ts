import {
  SYSTEM_USER_ID,
  unreadOf,
  type CommandName,
  type ConversationId,
  type Element,
  type FileKind,
  type Message,
  type ReplyOf,
  type RequestOf,
  type Seq,
  type StoredFile,
  type UserId,
} from '@hongyan/protocol'
import { aboutOf } from '../src/core/about-rules.ts'
import type {
  AskedCommand,
  Change,
  Client,
  ClientFailure,
  Conversation,
  Draft,
  HistoryPage,
  Platform,
  Self,
  Sent,
  UploadSource,
} from '../src/core/client-api.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** A failure as the core rejects with. */
export function failure(name: ClientFailure['failure']): ClientFailure {
  return Object.assign(new Error(name), { failure: name })
}

/** A little model of the core in memory: one user's view, driven by the test. */
export class FakeClient implements Client {
  self: Self | undefined = undefined
  readonly instanceId = 'fake'
  isSyncComplete = true
  /** What the next call of a method rejects with. */
  readonly failing = new Map<string, ClientFailure['failure']>()
  readonly drafts: Draft[] = []
  readonly reads: ConversationId[] = []
  readonly stored = new Map<ConversationId, Message[]>()
  /** What was asked by `ask` and `modify`, in order. */
  readonly asked: { readonly command: CommandName; readonly body: object }[] = []
  readonly uploads: { readonly conversationId: ConversationId; readonly kind: FileKind; readonly name: string }[] = []
  /** What `fetchText` finds, by file id. */
  readonly texts = new Map<string, string>()
  private readonly answers = new Map<CommandName, (body: never) => object>()
  private readonly states = new Map<ConversationId, Conversation>()
  private listen: (change: Change) => void = () => undefined
  private ids = 0

  serverNowMs(): number {
    return 1_700_000_000_000
  }
  onChange(listen: (change: Change) => void): void {
    this.listen = listen
  }
  tell(change: Change): void {
    this.listen(change)
  }
  async login(userId: UserId): Promise<Self> {
    this.mayFail('login')
    this.self = { userId, tinyId: '100001', nick: '王老师', avatar: '' }
    return this.self
  }
  async logout(): Promise<void> {
    this.self = undefined
  }
  async whenSynced(): Promise<void> {
    this.mayFail('whenSynced')
  }
  conversation(id: ConversationId): Conversation | undefined {
    return this.states.get(id)
  }
  conversations(): readonly Conversation[] {
    return [...this.states.values()].filter(({ isVisible }) => isVisible)
  }
  async fetchConversation(id: ConversationId): Promise<Conversation> {
    this.mayFail('fetchConversation')
    return this.put(id, {})
  }
  newClientMsgId(): string {
    return `1700000000-${++this.ids}`
  }
  async send(draft: Draft): Promise<Sent> {
    this.mayFail('send')
    this.drafts.push(draft)
    const { seq, sentAtMs } = this.store(draft.conversationId, this.self?.userId ?? '', draft)
    return { seq, sentAtMs }
  }
  async sendVolatile(draft: Draft): Promise<{ readonly sentAtMs: number }> {
    this.mayFail('sendVolatile')
    this.drafts.push(draft)
    return { sentAtMs: this.serverNowMs() }
  }
  async history(id: ConversationId, query: Parameters<Client['history']>[1]): Promise<HistoryPage> {
    this.mayFail('history')
    const from = query.from && 'seq' in query.from ? query.from.seq : undefined
    const all = this.stored.get(id) ?? []
    const side = all.filter(({ seq }) => from === undefined || (query.direction === 'older' ? seq < from : seq > from))
    const messages = query.direction === 'older' ? side.slice(-query.limit) : side.slice(0, query.limit)
    return { messages, isComplete: side.length <= query.limit }
  }
  async revoke(): Promise<void> {
    this.mayFail('revoke')
  }
  async deleteMessages(): Promise<void> {
    this.mayFail('deleteMessages')
  }
  async read(id: ConversationId): Promise<void> {
    this.mayFail('read')
    this.reads.push(id)
    const { lastSeq = 0, countable = 0, own = 0 } = this.states.get(id) ?? {}
    this.put(id, { readSeq: lastSeq, base: { seq: lastSeq, countable, own }, mentions: [] })
    this.tell({ kind: 'conversations', ids: [id], isSyncComplete: true })
  }
  /** What a command is answered with from now on; without it `ask` and `modify` reject INTERNAL. */
  answer<Name extends CommandName>(
    command: Name,
    reply: ReplyOf<Name> | ((body: RequestOf<Name>) => ReplyOf<Name>),
  ): void {
    this.answers.set(command, (body: never) => (typeof reply === 'function' ? reply(body) : reply) as object)
  }
  async ask<Name extends AskedCommand>(command: Name, body: RequestOf<Name>): Promise<ReplyOf<Name>> {
    return this.answerTo(command, body)
  }
  async modify(request: RequestOf<'message.modify'>): Promise<ReplyOf<'message.modify'>> {
    this.mayFail('modify')
    return this.answerTo('message.modify', request)
  }
  async upload(
    conversationId: ConversationId,
    kind: FileKind,
    source: UploadSource,
    options: Parameters<Client['upload']>[3],
  ): Promise<StoredFile> {
    this.mayFail('upload')
    const fileId = `file${this.uploads.length + 1}`.padEnd(22, '0')
    const url = `http://fake/im/upload/${fileId}`
    options.onProgress?.(0.5)
    const downloadUrl = this.mediaUrl(fileId)
    await options.uploader?.({
      url,
      fileId,
      downloadUrl,
      kind,
      source,
      onProgress: (part) => options.onProgress?.(part),
    })
    options.onProgress?.(1)
    this.uploads.push({ conversationId, kind, name: source.name })
    const { name, bytes } = source
    const size = { bytes: 100, width: 198, height: 198 }
    const picture = { width: 400, height: 400, small: size, large: { bytes: 200, width: 400, height: 400 } }
    const format = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1) : ''
    return { fileId, kind, name, bytes, format, ...(kind === 'image' ? { picture } : {}) }
  }
  mediaUrl(fileId: string, variant?: 'small' | 'large'): string {
    return `http://fake/im/media/${fileId}${variant === undefined ? '' : `/${variant}`}?t=token`
  }
  async fetchText(fileId: string): Promise<string> {
    this.mayFail('fetchText')
    const text = this.texts.get(fileId)
    if (text === undefined) throw failure('NO_SUCH_FILE')
    return text
  }
  async pin(id: ConversationId, pinned: boolean): Promise<void> {
    this.mayFail('pin')
    this.put(id, pinned ? { pinnedAtMs: 1 } : {}, pinned ? [] : ['pinnedAtMs'])
  }
  async hide(ids: readonly ConversationId[]): Promise<void> {
    this.mayFail('hide')
    for (const id of ids) this.put(id, { isVisible: false })
  }
  async clear(): Promise<void> {
    this.mayFail('clear')
  }
  async profiles(userIds: readonly UserId[]) {
    return userIds
      .filter((userId) => userId !== ('nobody' as UserId))
      .map((userId) => ({ userId, nick: `nick of ${userId}`, avatar: '', details: {}, changedAtMs: 0 }))
  }
  stateDigest(): string {
    return ''
  }

  /** A message is stored, as if it came over the wire; the conversation moves with it. */
  store(
    id: ConversationId,
    senderId: string,
    said: { readonly elements: readonly Element[] } & Partial<
      Omit<Draft, 'elements'> & Omit<Message, 'elements' | keyof Draft>
    >,
  ): Message {
    const messages = this.stored.get(id) ?? []
    const seq: Seq = messages.length + 1
    const message: Message = {
      ...travelling(said),
      id: `${tinyIdOf(senderId, this.self)}-1700000000-${seq + 1000}`,
      conversationId: id,
      seq,
      senderId: senderId as UserId,
      sentAtMs: this.serverNowMs() + seq * 10,
      countable: seq,
      elements: [...said.elements],
    }
    this.stored.set(id, [...messages, message])
    const isOwn = senderId === this.self?.userId
    const own = (this.states.get(id)?.own ?? 0) + (isOwn ? 1 : 0)
    this.put(id, { lastSeq: seq, countable: seq, own, lastMessage: message, isVisible: true })
    return message
  }

  put(id: ConversationId, change: Partial<Conversation>, without: readonly (keyof Conversation)[] = []): Conversation {
    const before = this.states.get(id) ?? emptyConversation(id, this.self?.userId ?? ('' as UserId))
    const entries = Object.entries({ ...before, ...change }).filter(
      ([key]) => !without.includes(key as keyof Conversation),
    )
    const merged = Object.fromEntries(entries) as unknown as Conversation
    const after = { ...merged, unread: unreadOf(merged) }
    this.states.set(id, after)
    return after
  }

  /** The user is no longer in it. */
  leave(id: ConversationId): void {
    const conversation = this.states.get(id)
    this.states.delete(id)
    if (conversation !== undefined) this.tell({ kind: 'left', conversation })
    this.tell({ kind: 'groups', ids: [id] })
    this.tell({ kind: 'conversations', ids: [id], isSyncComplete: true })
  }

  private async answerTo<Name extends CommandName>(command: Name, body: RequestOf<Name>): Promise<ReplyOf<Name>> {
    this.asked.push({ command, body })
    this.mayFail(command)
    const answer = this.answers.get(command)
    if (answer === undefined) throw failure('INTERNAL')
    return answer(body as never) as ReplyOf<Name>
  }

  private mayFail(method: string): void {
    const name = this.failing.get(method)
    this.failing.delete(method)
    if (name) throw failure(name)
  }
}

/** The fields of a draft that a stored message has too. */
function travelling(said: object): object {
  const { clientMsgId: _clientMsgId, ...rest } = said as Partial<Draft>
  return rest
}

function tinyIdOf(senderId: string, self: Self | undefined): string {
  if (senderId === self?.userId) return '100001'
  return senderId === SYSTEM_USER_ID ? '1' : '100002'
}

function emptyConversation(conversationId: ConversationId, me: UserId): Conversation {
  const about = aboutOf(conversationId, me)
  return {
    conversationId,
    offset: 0,
    lastSeq: 0,
    countable: 0,
    own: 0,
    base: { seq: 0, countable: 0, own: 0 },
    uncounted: [],
    readSeq: 0,
    peerReadSeq: 0,
    peerReadAtMs: 0,
    clearedSeq: 0,
    hiddenSeq: 0,
    unread: 0,
    isVisible: true,
    remind: 'notify',
    mentions: [],
    about:
      about === undefined || about.type === 'c2c'
        ? { type: 'c2c', peer: { userId: 'parent' as UserId, nick: '小明妈妈', avatar: '' } }
        : about,
  }
}

/** A platform whose time the test turns. */
export function virtualPlatform(clock: VirtualClock): Platform {
  return {
    device: 'node',
    clock,
    random: () => 0.5,
    transport: { dial: () => ({ send: () => undefined, close: () => undefined }) },
    onWake: () => () => undefined,
  }
}
