import { words } from '../text/words'
import { Blocks, type Patch } from '../views/blocks'
import { typingIn } from '../views/custom-text'
import { textAt } from '../views/fields'
import { rowOf, type Row } from '../views/message-row'
import { chat } from './chat'
import { isHeard } from './heard'
import { me } from './session'
import { EVENT, TYPES, type Conversation, type EventData, type Message } from './sdk'
import { wait } from './wait'

/** What a thread tells the page that shows it. */
export interface ThreadView {
  /** For `setData`. */
  apply(patch: Patch): void
  /** Rows came at the bottom; `others` of them are not mine. */
  grew(others: number): void
  /** The peer types, or has stopped. */
  typing(isTyping: boolean): void
  /** Whether the user looks at it now: only then it counts as read. */
  isWatched(): boolean
  isAtBottom(): boolean
}

/** Above this, the rows begin anew with the latest ones, as soon as the user is at the bottom. */
const MOST_ROWS = 600
/** A hole is looked for after this: the SDK tells of the list and of the messages one after the other. */
const SETTLE_MS = 500
const PROGRESS_STEP = 10

/** The messages of one conversation, as rows of a page, from the moment it is opened until it is closed. */
export class Thread {
  readonly conversationID: string
  private readonly view: ThreadView
  private readonly blocks = new Blocks<Row>()
  private readonly messages = new Map<string, Message>()
  private readonly percents = new Map<string, number>()
  private readonly acknowledged = new Set<string>()
  private readonly names = new Map<string, string>()
  /** Of the newest message here. */
  private newest = 0
  private readonly unlisten: (() => void)[] = []
  private cursor = ''
  private isComplete = false
  private isLoading = false
  private isClosed = false

  constructor(conversationID: string, view: ThreadView) {
    this.conversationID = conversationID
    this.view = view
  }

  /** Shows the latest messages and listens from then on. */
  async open(): Promise<void> {
    this.listen(EVENT.MESSAGE_RECEIVED, (list) => this.onReceived(list))
    this.listen(EVENT.MESSAGE_REVOKED, (list) => this.onRevoked(list))
    this.listen(EVENT.MESSAGE_MODIFIED, (list) => this.refresh(list.map(({ ID }) => ID)))
    this.listen(EVENT.MESSAGE_READ_BY_PEER, (list) => this.refresh(list.map(({ ID }) => ID)))
    this.listen(EVENT.MESSAGE_READ_RECEIPT_RECEIVED, (news) => this.refresh(news.map(({ messageID }) => messageID)))
    this.listen(EVENT.CONVERSATION_LIST_UPDATED, (list) => void this.mendHole(list))
    await this.reload()
  }

  close(): void {
    this.isClosed = true
    for (const end of this.unlisten) end()
  }

  message(id: string): Message | undefined {
    return this.messages.get(id) ?? chat().findMessage(id) ?? undefined
  }

  row(id: string): Row | undefined {
    return this.blocks.find(id)
  }

  /** All messages on the page, oldest first. */
  all(): readonly Message[] {
    return this.blocks.all().flatMap(({ id }) => this.messages.get(id) ?? [])
  }

  /** Shows a page of earlier messages. Resolves with how many rows came. */
  async older(): Promise<number> {
    if (this.isLoading || this.isComplete) return 0
    this.isLoading = true
    try {
      const list = await this.fetchPage(this.cursor)
      const patch = this.blocks.prepend(this.rowsOf(list, 0))
      this.show({ ...patch, isComplete: this.isComplete })
      void this.afterPage(list)
      return list.length
    } finally {
      this.isLoading = false
    }
  }

  /** Marks all as read, and tells the senders who wanted to know. */
  markRead(): void {
    if (!this.view.isWatched()) return
    void ignoring(chat().setMessageRead({ conversationID: this.conversationID }))
    const asking = this.all().filter(
      ({ ID, flow, needReadReceipt }) => flow === 'in' && needReadReceipt && !this.acknowledged.has(ID),
    )
    if (asking.length === 0) return
    for (const { ID } of asking) this.acknowledged.add(ID)
    void ignoring(chat().sendMessageReadReceipt(asking))
  }

  /** Shows the message and sends it. Rejects as `sendMessage` does; the row then says that it failed. */
  async send(message: Message): Promise<void> {
    this.add([message])
    await this.settling(message, chat().sendMessage(message))
  }

  /** The same message once more, at the end. */
  async resend(id: string): Promise<void> {
    const message = this.message(id)
    if (message === undefined) return
    this.show(this.blocks.remove(id))
    this.percents.delete(id)
    message.status = 'unSend'
    this.add([message])
    await this.settling(message, chat().resendMessage(message))
  }

  async revoke(id: string): Promise<void> {
    const message = this.message(id)
    if (message === undefined) return
    await chat().revokeMessage(message)
    this.refresh([id])
  }

  async remove(id: string): Promise<void> {
    const message = this.message(id)
    if (message === undefined) return
    await chat().deleteMessage([message])
    this.messages.delete(id)
    this.show(this.blocks.remove(id))
  }

  /** Of an upload, 0 to 1. */
  progress(id: string, part: number): void {
    const percent = Math.floor((part * 100) / PROGRESS_STEP) * PROGRESS_STEP
    if (this.percents.get(id) === percent) return
    this.percents.set(id, percent)
    this.refresh([id])
  }

  refresh(ids: readonly string[]): void {
    this.show(merge(ids.map((id) => this.refreshed(id))))
  }

  private refreshed(id: string): Patch {
    const row = this.blocks.find(id)
    const message = this.messages.get(id)
    if (row === undefined || message === undefined) return {}
    const next = this.rowOf(message, message.time)
    return this.blocks.replace({ ...next, time: row.time })
  }

  private async settling(message: Message, sending: Promise<unknown>): Promise<void> {
    try {
      await sending
    } finally {
      this.percents.delete(message.ID)
      this.keep(message)
      this.refresh([message.ID])
      if (message.conversationType === TYPES.CONV_GROUP) void this.countReaders([message])
    }
  }

  private onReceived(list: readonly Message[]): void {
    const here = list.filter(({ conversationID }) => conversationID === this.conversationID)
    const said = here.filter((message) => !this.isTyping(message))
    if (said.length === 0) return
    this.view.typing(false)
    this.add(said)
    this.markRead()
    if (this.blocks.size > MOST_ROWS && this.view.isAtBottom()) void ignoring(this.reload())
  }

  private isTyping({ type, payload }: Message): boolean {
    const isTyping = type === TYPES.MSG_CUSTOM ? typingIn(textAt(payload, 'data')) : undefined
    if (isTyping !== undefined) this.view.typing(isTyping)
    return isTyping !== undefined
  }

  private onRevoked(list: readonly Message[]): void {
    // The SDK changes the messages it holds in place; of others it tells only where they stood.
    this.refresh(list.flatMap(({ ID }) => ID ?? []))
  }

  private add(list: readonly Message[]): void {
    const fresh = list.filter(({ ID }) => this.blocks.find(ID) === undefined)
    if (fresh.length === 0) return
    let previous = this.lastSeconds()
    const patches = fresh.map((message) => {
      this.keep(message)
      const row = this.rowOf(message, previous)
      previous = message.time
      return this.blocks.append(row)
    })
    this.show(merge(patches))
    this.view.grew(fresh.filter(({ flow }) => flow === 'in').length)
  }

  private keep(message: Message): void {
    this.messages.set(message.ID, message)
    if (message.status === 'success') this.newest = Math.max(this.newest, message.sequence)
    const name = message.nameCard || message.nick
    if (name !== '' && !message.isSystemMessage) this.names.set(message.from, name)
  }

  private lastSeconds(): number {
    const rows = this.blocks.all()
    return rows[rows.length - 1]?.seconds ?? 0
  }

  /** The latest two pages, in place of what is shown: one may not fill a screen. */
  private async reload(): Promise<void> {
    let list = await this.fetchPage('')
    if (!this.isComplete) list = [...(await this.fetchPage(this.cursor)), ...list]
    this.show({ ...this.blocks.reset(this.rowsOf(list, 0)), isComplete: this.isComplete })
    this.view.grew(0)
    this.markRead()
    void this.afterPage(list)
  }

  private async fetchPage(cursor: string): Promise<readonly Message[]> {
    const { conversationID } = this
    const page = cursor === '' ? { conversationID } : { conversationID, nextReqMessageID: cursor }
    const { data } = await chat().getMessageList(page)
    this.cursor = data.nextReqMessageID
    this.isComplete = data.isCompleted
    return data.messageList
  }

  private rowsOf(list: readonly Message[], previousSeconds: number): Row[] {
    let previous = previousSeconds
    for (const message of list) this.keep(message)
    return list.map((message) => {
      const row = this.rowOf(message, previous)
      previous = message.time
      return row
    })
  }

  private rowOf(message: Message, previousSeconds: number): Row {
    return rowOf(message, previousSeconds, {
      me: me(),
      words: words(),
      nowMs: chat().getServerTime(),
      isGroup: message.conversationType === TYPES.CONV_GROUP,
      isHeard,
      percentOf: (id) => this.percents.get(id) ?? 0,
      nameOf: (userID) => this.names.get(userID) ?? '',
    })
  }

  private async afterPage(list: readonly Message[]): Promise<void> {
    const mine = list.filter(
      ({ flow, needReadReceipt, status }) => flow === 'out' && needReadReceipt && status === 'success',
    )
    if (mine[0]?.conversationType === TYPES.CONV_GROUP) await this.countReaders(mine)
  }

  private async countReaders(mine: readonly Message[]): Promise<void> {
    const sent = mine.filter(({ status }) => status === 'success')
    if (sent.length === 0) return
    await ignoring(chat().getMessageReadReceiptList([...sent]))
    this.refresh(sent.map(({ ID }) => ID))
  }

  /** After a very long absence the SDK tells the newest state only: then messages are missing between. */
  private async mendHole(list: readonly Conversation[]): Promise<void> {
    if (!this.isBehind(list)) return
    await wait(SETTLE_MS)
    if (!this.isClosed && this.isBehind(list)) await ignoring(this.reload())
  }

  private isBehind(list: readonly Conversation[]): boolean {
    const last = list.find(({ conversationID }) => conversationID === this.conversationID)?.lastMessage
    if (last === undefined || last.onlineOnlyFlag) return false
    return this.newest > 0 && last.lastSequence > this.newest
  }

  private show(patch: Patch): void {
    if (!this.isClosed && Object.keys(patch).length > 0) this.view.apply(patch)
  }

  private listen<Name extends keyof EventData>(name: Name, handle: (data: EventData[Name]) => void): void {
    const listener = ({ data }: { readonly data: EventData[Name] }): void => handle(data)
    chat().on(name, listener)
    this.unlisten.push(() => chat().off(name, listener))
  }
}

function merge(patches: readonly Patch[]): Patch {
  return Object.assign({}, ...patches) as Patch
}

/** What fails here is tried again with the next message, or not worth a word. */
async function ignoring(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch {
    // Nothing to tell.
  }
}
