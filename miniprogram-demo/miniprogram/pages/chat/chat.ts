import type { RowAction } from '../../components/message-row/message-row'
import { chat, conversations, groups } from '../../im/chat'
import { askConsent, offerSettings } from '../../im/consent'
import { errorText } from '../../im/error-text'
import type { Told } from '../../im/events'
import { isAdmitted, whenReady } from '../../im/gate'
import { hold, release } from '../../im/held'
import { destinationOf, fileMessage, textMessage, type PickedFile } from '../../im/outgoing'
import { membersOf } from '../../im/people'
import { pickFiles, pickMedia } from '../../im/pick'
import { decoded, openClassPage, openPersonPage, openReceiptsPage } from '../../im/places'
import { Player } from '../../im/player'
import { Recorder } from '../../im/recorder'
import { me } from '../../im/session'
import { confirm, tell, trying } from '../../im/tell'
import { Thread } from '../../im/thread'
import type { Message } from '../../im/sdk'
import { words } from '../../text/words'
import { Blocks, type Patch } from '../../views/blocks'
import { leads, personOf, personRow, type PersonRow } from '../../views/contacts'
import { textAt } from '../../views/fields'
import { beginsMention, everyone, insertMention, type Mention } from '../../views/mentions'
import { anchorOf, senderName } from '../../views/message-row'
import { quoteData } from '../../views/quote'
import { summaryOf } from '../../views/summary'
import { openMenu } from './message-menu'
import { openMessage } from './open-message'
import { enter, leadsHere, placeOf } from './place'
import { isAtBottom, keptTop, measure } from './scroll'
import { OwnTyping, PeerTyping } from './typing'

const NO_QUOTE = { id: '', sender: '', text: '' }

/** One conversation. What it shows of messages comes from the thread (im/thread.ts) as patches. */
Page({
  data: {
    t: words().chat,
    ...Blocks.EMPTY,
    isComplete: false,
    isOpen: false,
    isGroup: false,
    notice: '',
    closed: '',
    playing: '',
    quote: NO_QUOTE,
    given: { text: '', isFocused: false },
    newCount: 0,
    showsNewest: false,
    scrollTo: '',
    scrollTop: 0,
    keyboardPx: 0,
    folds: 0,
    people: [] as readonly PersonRow[],
    isMentioning: false,
  },

  id: '',
  text: '',
  title: '',
  isVisible: false,
  /** Left for good: what was asked for before is of no use any more. */
  isGone: false,
  isPanelOpen: false,
  atBottom: true,
  visiblePx: 0,
  mentions: [] as Mention[],
  opening: Promise.resolve(),
  thread: undefined as Thread | undefined,
  player: undefined as Player | undefined,
  ownTyping: undefined as OwnTyping | undefined,
  peerTyping: undefined as PeerTyping | undefined,

  onLoad({ id }: { id?: string }) {
    this.id = decoded(id)
    this.mentions = []
    this.setData({ t: words().chat })
    if (isAdmitted()) this.opening = this.open()
  },

  async open() {
    await whenReady()
    if (this.isGone) return
    this.player = new Player(
      (playing) => this.setData({ playing }),
      () => tell(words().chat.voiceFailed),
    )
    this.peerTyping = new PeerTyping((isTyping) => {
      void wx.setNavigationBarTitle({ title: isTyping ? words().chat.typing : this.title })
    })
    const conversation = await trying(() => enter(this.id))
    if (conversation === undefined || this.isGone) return
    if (!placeOf(this.id).isGroup) this.ownTyping = new OwnTyping(destinationOf(this.id))
    const show = (): void => this.showPlace()
    hold(this, conversations.subscribe(show), groups.subscribe(show))
    // Who is quick has begun to write before.
    if (this.text === '') this.give(conversation.draftText)
    const onKeyboard = ({ height }: { readonly height: number }): void => this.onKeyboard(height)
    wx.onKeyboardHeightChange(onKeyboard)
    hold(this, () => wx.offKeyboardHeightChange(onKeyboard))
    await this.openThread()
  },

  async openThread() {
    const thread = new Thread(this.id, {
      apply: (patch) => this.apply(patch),
      grew: (others) => this.onGrew(others),
      typing: (isTyping) => this.peerTyping?.tell(isTyping),
      isWatched: () => this.isVisible,
      isAtBottom: () => this.atBottom,
    })
    this.thread = thread
    await trying(() => thread.open())
    if (this.isGone) return
    this.setData({ isOpen: true })
    this.toEnd()
  },

  onShow() {
    this.isVisible = true
    this.thread?.markRead()
  },

  onHide() {
    this.isVisible = false
    this.player?.stop()
    this.keepDraft()
  },

  onUnload() {
    this.isGone = true
    this.isVisible = false
    this.keepDraft()
    this.player?.stop()
    this.ownTyping?.stop()
    this.peerTyping?.end()
    this.thread?.close()
    release(this)
  },

  keepDraft() {
    if (this.thread === undefined) return
    void keepDraft(this.id, this.text)
  },

  showPlace() {
    const { title, ...place } = placeOf(this.id)
    const { notice, closed, isGroup } = this.data
    if (title !== this.title) void wx.setNavigationBarTitle({ title })
    this.title = title
    if (place.notice !== notice || place.closed !== closed || place.isGroup !== isGroup) this.setData(place)
  },

  // ── the list ──

  /** Who is at the bottom stays there, whatever grows: a row that came, or one that got a receipt. */
  apply(patch: Patch) {
    this.setData(patch, () => {
      if (this.atBottom) this.toEnd()
    })
  },

  onGrew(others: number) {
    if (others === 0) this.toEnd()
    else if (!this.atBottom) this.setData({ newCount: this.data.newCount + others })
  },

  toEnd() {
    this.atBottom = true
    // The same anchor twice would not scroll again.
    const scrollTo = this.data.scrollTo === 'end-a' ? 'end-b' : 'end-a'
    const { newCount, showsNewest } = this.data
    this.setData(newCount > 0 || showsNewest ? { scrollTo, newCount: 0, showsNewest: false } : { scrollTo })
  },

  onScroll({ detail }: Told<{ scrollTop: number; scrollHeight: number }>) {
    if (this.visiblePx === 0) return void this.measure()
    this.atBottom = isAtBottom({ top: detail.scrollTop, height: detail.scrollHeight, visible: this.visiblePx })
    const isFar = detail.scrollHeight - detail.scrollTop > this.visiblePx * 3
    if (this.atBottom && this.data.newCount > 0) this.setData({ newCount: 0 })
    if (isFar !== this.data.showsNewest) this.setData({ showsNewest: isFar })
  },

  async measure() {
    this.visiblePx = (await measure(this, '#list')).visible
  },

  async onOlder() {
    const { thread } = this
    if (thread === undefined || !this.data.isOpen || this.data.isComplete) return
    const before = await measure(this, '#list')
    const count = await trying(() => thread.older())
    if (count === undefined || count === 0) return
    const after = await measure(this, '#list')
    const top = keptTop(before, after)
    // The same number twice would not scroll again.
    if (top !== undefined) this.setData({ scrollTop: top === this.data.scrollTop ? top + 1 : top })
  },

  onTouchList() {
    if (this.isPanelOpen) this.setData({ folds: this.data.folds + 1 })
  },

  onKeyboard(height: number) {
    const { safeArea, screenHeight } = wx.getWindowInfo()
    const safePx = safeArea === undefined ? 0 : screenHeight - safeArea.bottom
    this.setData({ keyboardPx: Math.max(0, height - safePx) })
    this.onComposerGrew()
  },

  onPanel({ detail }: Told<{ isOpen: boolean }>) {
    this.isPanelOpen = detail.isOpen
    this.onComposerGrew()
  },

  onComposerGrew() {
    this.visiblePx = 0
    if (this.atBottom) wx.nextTick(() => this.toEnd())
  },

  // ── what the user does with a message ──

  async onAct({ detail }: Told<{ action: RowAction; id: string }>) {
    const { action, id } = detail
    const message = this.thread?.message(id)
    if (message === undefined || this.thread === undefined) return
    const row = this.thread.row(id)
    if (action === 'open') return this.openBody(message)
    if (action === 'menu') return this.openMenu(message)
    if (action === 'resend') return this.resend(message)
    if (action === 'quote') return this.toQuoted(message)
    if (action === 'person') return openPersonPage(message.from)
    if (action === 'mention' && this.data.isGroup && message.flow === 'in') return this.mention(message)
    if (action === 'reedit') return this.give(this.text + textAt(message.payload, 'text'), true)
    if (action === 'readers' && row?.kind === 'bubble' && row.receipt.hasNames) openReceiptsPage(id)
  },

  async openBody(message: Message) {
    const { thread, player } = this
    if (thread === undefined || player === undefined) return
    await openMessage(message, { all: thread.all(), player, refresh: (id) => thread.refresh([id]) })
  },

  async openMenu(message: Message) {
    const { thread } = this
    if (thread === undefined) return
    const reply = (quoted: Message): void => {
      const text = summaryOf(quoted, me(), words())
      this.setData({ quote: { id: quoted.ID, sender: senderName(quoted), text } })
      this.give(this.text, true)
    }
    await openMenu(message, { thread, isLeader: leadsHere(this.id), reply })
  },

  async resend({ ID }: Message) {
    const { chat: t, common } = words()
    if (!(await confirm({ title: t.resendTitle, yes: common.ok }))) return
    await trying(async () => this.thread?.resend(ID))
  },

  toQuoted({ ID }: Message) {
    const row = this.thread?.row(ID)
    const quoted = row?.kind === 'bubble' && row.quote !== null ? row.quote.id : ''
    if (this.thread?.row(quoted) === undefined) return tell(words().chat.goneQuote)
    this.setData({ scrollTo: anchorOf(quoted) })
  },

  // ── what the user writes ──

  /** Puts a text into the field. */
  give(text: string, isFocused = false) {
    this.text = text
    this.setData({ given: { text, isFocused } })
  },

  onText({ detail }: Told<{ text: string }>) {
    const before = this.text
    this.text = detail.text
    this.ownTyping?.changed(detail.text, Date.now())
    if (this.data.isGroup && beginsMention(before, detail.text)) void this.openMentions()
  },

  async onSend({ detail }: Told<{ text: string }>) {
    const { quote } = this.data
    const cloudCustomData = quote.id === '' ? '' : this.quoteOf(quote.id)
    const extras = { mentions: this.mentions, cloudCustomData }
    this.text = ''
    this.mentions = []
    this.ownTyping?.sent()
    if (quote.id !== '') this.setData({ quote: NO_QUOTE })
    await this.send(() => textMessage(destinationOf(this.id), detail.text, extras))
  },

  quoteOf(id: string): string {
    const { quote } = this.data
    const message = this.thread?.message(id)
    return message === undefined ? '' : quoteData(message, quote.sender, quote.text)
  },

  onUnquote() {
    this.setData({ quote: NO_QUOTE })
  },

  async send(create: () => Message) {
    // A message that came before the others would be swept away by them.
    await this.opening
    const { thread } = this
    if (thread === undefined) return
    try {
      const message = create()
      await thread.send(message)
    } catch (error) {
      // The row says that it failed and offers to try again; here is why.
      tell(errorText(error))
    }
  },

  async onAttach({ detail }: Told<{ kind: string }>) {
    if (detail.kind === 'mention') return this.openMentions()
    const picked =
      detail.kind === 'file' ? await pickFiles() : await pickMedia(detail.kind === 'camera' ? 'camera' : 'album')
    await Promise.all(picked.map((file) => this.sendFile(file)))
  },

  async sendFile(file: PickedFile) {
    const onProgress = (message: Message, part: number): void => this.thread?.progress(message.ID, part)
    await this.send(() => fileMessage(destinationOf(this.id), file, onProgress))
  },

  // ── recordings ──

  async onRecord({ detail }: Told<{ phase: 'start' | 'stop' | 'cancel' }>) {
    const recorder = theRecorder()
    if (detail.phase === 'stop') return recorder.stop()
    if (detail.phase === 'cancel') return recorder.cancel()
    this.player?.stop()
    const recording = await recorder.record()
    if (recording.end === 'recorded') return this.sendFile({ kind: 'audio', file: recording.file })
    if (recording.end === 'tooShort') tell(words().chat.tooShort)
    if (recording.end === 'denied') await offerSettings(words().chat.recordDenied)
    if (recording.end === 'needsConsent') await askConsent()
  },

  // ── mentions ──

  async openMentions() {
    if (this.data.people.length === 0) {
      const people = await trying(() => this.findPeople())
      if (people === undefined) return
      this.setData({ people })
    }
    this.setData({ isMentioning: true })
  },

  async findPeople(): Promise<readonly PersonRow[]> {
    const { to } = destinationOf(this.id)
    const members = (await membersOf(to)).filter(({ userID }) => userID !== me())
    const rows = members.map((member) => {
      const hint = leads(member.role) ? words().common.teacher : ''
      return { ...personRow(personOf(member, { name: '' }, words())), hint }
    })
    const { userID, name } = everyone(words().common.everyone)
    return leadsHere(this.id) ? [personRow({ userID, name, avatar: '', isTeacher: false, hint: '' }), ...rows] : rows
  },

  onMentioned({ detail }: Told<{ userID: string }>) {
    const person = this.data.people.find(({ id }) => id === detail.userID)
    this.setData({ isMentioning: false })
    if (person !== undefined) this.addMention({ userID: person.id, name: person.name })
  },

  mention(message: Message) {
    this.addMention({ userID: message.from, name: senderName(message) })
  },

  addMention(mention: Mention) {
    this.mentions = [...this.mentions, mention]
    this.give(insertMention(this.text, mention), true)
  },

  onMentionsClosed() {
    this.setData({ isMentioning: false })
  },

  // ── elsewhere ──

  onNotice() {
    openClassPage(destinationOf(this.id).to)
  },
})

/** Nobody waits for it: who was signed out has no drafts. */
async function keepDraft(conversationID: string, draftText: string): Promise<void> {
  try {
    await chat().setConversationDraft({ conversationID, draftText })
  } catch {
    // Nothing to tell.
  }
}

let recorder: Recorder | undefined

/** Made when it is first needed: most chats are never spoken in. */
function theRecorder(): Recorder {
  recorder ??= new Recorder()
  return recorder
}
