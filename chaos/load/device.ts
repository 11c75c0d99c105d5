import { conversationOfTimeline } from '@hongyan/protocol/constants'
import type { ConversationId, Message, ReplyOf, TimelineId } from '@hongyan/protocol'
import type { Change, Client, Draft, Platform, Sent } from '../../client-sdk/src/core/client-api.ts'
import { createClient } from '../../client-sdk/src/core/client.ts'
import { nodePlatform } from '../../client-sdk/src/platform/node.ts'
import { Chat } from '../../client-sdk/src/tim/chat.ts'
import { EVENT } from '../../client-sdk/src/tim/events.ts'
import { createFacade, type TimInstance } from '../../client-sdk/src/tim/facade.ts'
import { toConversationId, toTimConversationID } from '../../client-sdk/src/tim/mapping/ids.ts'
import type { Message as TimMessage } from '../../client-sdk/src/tim/mapping/message.ts'
import { TYPES } from '../../client-sdk/src/tim/types.ts'
import type { EventLine } from '../record/lines.ts'
import type { PlannedDevice } from '../rig/population.ts'
import { SDK_APP_ID, userSigOf } from '../rig/signing.ts'
import { dozingClock, type DozingClock } from './dozing-clock.ts'
import { onceAt, type PlantedBug } from './planted-bug.ts'
import type { Tally } from './tally.ts'
import { witnessTransport, type WireSight, type WitnessTransport } from './witness-transport.ts'

export interface DeviceDeps {
  readonly planned: PlannedDevice
  readonly note: (line: EventLine) => void
  readonly tally: Tally
  readonly port: () => number
  /** Conversations in which the user comes and goes: what is pushed to him there is noted as it comes. */
  readonly wanders: ReadonlySet<ConversationId>
  readonly bugs: ReadonlySet<PlantedBug>
}

/** What is sent, and how. */
export interface Composed {
  readonly id: string
  /** For those who would send it again after its answer. */
  readonly draft: Draft | undefined
  readonly send: () => Promise<Sent>
}

const LATE_MS = 1_000
const PUSH_PLACE = /^\{"type":"push","timeline":"((?:[^"\\]|\\.)*)","offset":(\d+)/
const LOGIN_PAUSE_MS = 250
/** WeChat gives a mini-program in the background so long. */
const BACKGROUND_MS = 5_000

/** One device with the SDK on it, that notes all it sees. Wakes, sleeps and wrong clocks are its platform's. */
export class RiggedDevice implements WireSight {
  readonly planned: PlannedDevice
  readonly client: Client
  readonly clock: DozingClock
  epoch = ''
  isEnded = false
  isOnline = true
  /** See `Asker`. */
  cutOffUntilMs = 0
  readonly #deps: DeviceDeps
  readonly #tim: TimInstance | undefined
  readonly #transport: WitnessTransport
  readonly #known = new Set<ConversationId>()
  readonly #marks = new Map<ConversationId, string>()
  readonly #isDropDue = onceAt(10)
  readonly #isDoubleDue = onceAt(15)
  readonly #isRevivalDue = onceAt(3)
  #wake: () => void = () => {}

  constructor(deps: DeviceDeps) {
    this.#deps = deps
    this.planned = deps.planned
    const own = nodePlatform()
    this.clock = dozingClock(own.clock, deps.planned.skewMs)
    this.#transport = witnessTransport({ inner: own.transport, sight: this, port: deps.port })
    const platform: Platform = {
      ...own,
      device: deps.planned.deviceClass,
      clock: this.clock,
      transport: this.#transport,
      onWake: (wake) => {
        this.#wake = wake
        return () => (this.#wake = () => {})
      },
    }
    this.client = createClient({
      url: 'ws://127.0.0.1:1/im/ws',
      sdkAppId: SDK_APP_ID,
      platform,
      agent: 'chaos',
      onError: (error) => this.#deps.tally.noteError(`${this.planned.name}: ${String(error)}`),
    })
    this.#tim = this.#attach(platform)
  }

  get name(): string {
    return this.planned.name
  }

  /** A message that may be sent again and again until there is an answer: by TIM's words where the device has them. */
  compose(conversation: ConversationId, text: string): Composed {
    const tim = this.#tim
    if (tim === undefined) {
      const clientMsgId = this.client.newClientMsgId()
      const draft: Draft = { conversationId: conversation, clientMsgId, elements: [{ type: 'text', text }] }
      return { id: clientMsgId, draft, send: () => this.client.send(draft) }
    }
    const conversationID = toTimConversationID(conversation, this.planned.userId)
    const isToGroup = conversationID.startsWith(TYPES.CONV_GROUP)
    const message = tim.createTextMessage({
      to: conversationID.slice((isToGroup ? TYPES.CONV_GROUP : TYPES.CONV_C2C).length),
      conversationType: isToGroup ? TYPES.CONV_GROUP : TYPES.CONV_C2C,
      payload: { text },
    })
    let isAsked = false
    const send = async (): Promise<Sent> => {
      const sending = isAsked ? tim.resendMessage(message) : tim.sendMessage(message)
      isAsked = true
      await sending
      return { seq: message.sequence, sentAtMs: message.time * 1_000 }
    }
    return { id: message.ID.slice(message.ID.indexOf('-') + 1), draft: undefined, send }
  }

  /** Until somebody lets it in. */
  async login(): Promise<void> {
    const { userId } = this.planned
    const userSig = userSigOf(userId)
    for (let attempt = 0; ; attempt++) {
      try {
        if (this.#tim === undefined) await this.client.login(userId, userSig)
        else await this.#tim.login({ userID: userId, userSig })
        await this.client.whenSynced()
        return
      } catch (err) {
        if (attempt > 200) throw err
        await new Promise((resolve) => setTimeout(resolve, LOGIN_PAUSE_MS))
      }
    }
  }

  /** As a mini-program in the background: no timer runs, after 5 s the socket is cut with code 1000; then it wakes. */
  async doze(forMs: number): Promise<void> {
    this.cutOff()
    const wakeTimers = this.clock.freeze()
    const cut = setTimeout(() => this.#transport.interrupt(1000), BACKGROUND_MS)
    await new Promise((resolve) => setTimeout(resolve, forMs))
    clearTimeout(cut)
    this.giveBack()
    wakeTimers()
    this.#wake()
  }

  /** From now on the rig keeps its network from it. */
  cutOff(): void {
    this.cutOffUntilMs = Number.POSITIVE_INFINITY
  }

  giveBack(): void {
    this.cutOffUntilMs = Math.min(this.cutOffUntilMs, performance.now())
  }

  /** Its socket ends; it dials again. */
  interrupt(): void {
    this.#transport.interrupt(1006)
  }

  /** The network says that it changed. */
  wake(): void {
    this.#wake()
  }

  onDialled(): void {
    this.#deps.tally.dials++
    this.#note({ kind: 'dialled', device: this.name, atMs: Date.now() })
  }

  onOpened({ loginKey }: ReplyOf<'session.open'>): void {
    this.#note({ kind: 'opened', device: this.name, atMs: Date.now(), loginKey })
  }

  onClosed(code: number): void {
    this.#deps.tally.losses++
    this.#note({ kind: 'closed', device: this.name, atMs: Date.now(), code })
  }

  onRefused(): void {
    this.#deps.tally.refusals++
  }

  onShown(canaries: readonly string[], askedAtMs: number): void {
    this.#note({ kind: 'shown', device: this.name, askedAtMs, canaries })
  }

  onSnapshot({ epoch, conversations }: ReplyOf<'sync.snapshot'>, { isReset }: { readonly isReset: boolean }): void {
    if (epoch !== this.epoch) {
      this.epoch = epoch
      this.#known.clear()
      this.#marks.clear()
      this.#note({ kind: 'epoch', device: this.name, epoch, atMs: Date.now() })
    }
    for (const { conversationId, lastSeq } of conversations) {
      if (this.#known.has(conversationId) && !isReset) continue
      this.#known.add(conversationId)
      this.#note({ kind: 'base', device: this.name, conversation: conversationId, seq: lastSeq, isReset })
    }
  }

  onPush(text: string): string {
    const { wanders, bugs } = this.#deps
    const [, timeline, offset] = wanders.size === 0 ? [] : (PUSH_PLACE.exec(text) ?? [])
    const conversation = timeline === undefined ? undefined : conversationOfTimeline(timeline as TimelineId)
    if (conversation !== undefined && wanders.has(conversation)) {
      this.#note({ kind: 'pushed', device: this.name, conversation, offset: Number(offset) })
    }
    const isForDropping = bugs.has('dropped-push') && text.includes('"kind":"message"') && this.#isDropDue()
    return isForDropping ? withoutMessage(text) : text
  }

  /** The TIM face, where this device has one; both hear all changes. */
  #attach(platform: Platform): TimInstance | undefined {
    const record = (change: Change): void => this.#see(change)
    if (!this.planned.hasTimFace) {
      this.client.onChange(record)
      return undefined
    }
    const listenTo = this.client.onChange.bind(this.client)
    this.client.onChange = (listen) =>
      listenTo((change) => {
        record(change)
        listen(change)
      })
    const onThrown = (error: unknown): void => this.#deps.tally.noteError(`${this.name}: ${String(error)}`)
    const chat = new Chat({ client: this.client, platform, isThrottled: true, isPartial: true, onThrown })
    const tim = createFacade(chat, () => {}, { SDKAppID: SDK_APP_ID })
    tim.on(EVENT.MESSAGE_RECEIVED, ({ data }: { data: TimMessage[] }) => {
      for (const { conversationID, sequence } of data) {
        const conversation = toConversationId(conversationID, this.planned.userId)
        this.#note({ kind: 'tim', device: this.name, conversation, seq: sequence })
      }
    })
    return tim
  }

  #see(change: Change): void {
    if (change.kind === 'messages') for (const message of change.messages) this.#hear(change.conversationId, message)
    else if (change.kind === 'net') this.isOnline = change.state === 'connected'
    else if (change.kind === 'conversations') for (const id of change.ids) this.#lookAtMarks(id)
    else if (change.kind === 'left') {
      this.#known.delete(change.conversation.conversationId)
      this.#marks.delete(change.conversation.conversationId)
      this.#note({ kind: 'left', device: this.name, conversation: change.conversation.conversationId })
    } else if (change.kind === 'deleted') {
      const { conversationId: conversation, seqs } = change
      this.#note({ kind: 'deleted', device: this.name, conversation, seqs })
    } else if (change.kind === 'ended') {
      this.isEnded = true
      this.#note({ kind: 'ended', device: this.name, reason: change.reason, atMs: Date.now() })
    }
  }

  #hear(conversation: ConversationId, { id, seq, elements, revoked, sentAtMs }: Message): void {
    const { tally, bugs } = this.#deps
    const atMs = Date.now()
    this.#known.add(conversation)
    tally.delivered(atMs - sentAtMs, LATE_MS)
    const isBare = revoked !== undefined && elements.length === 0
    const line = { kind: 'told', device: this.name, conversation, seq, id, isBare, atMs } as const
    this.#note(line)
    if (bugs.has('told-twice') && this.#isDoubleDue()) this.#note(line)
  }

  #lookAtMarks(conversation: ConversationId): void {
    const seen = this.client.conversation(conversation)
    if (seen === undefined) return
    const { readSeq: read, peerReadSeq: peerRead, clearedSeq: cleared } = seen
    const marks = `${read} ${peerRead} ${cleared}`
    if (this.#marks.get(conversation) === marks) return
    this.#marks.set(conversation, marks)
    const line = { kind: 'marks', device: this.name, conversation, read, peerRead, cleared } as const
    this.#note(line)
    if (this.#deps.bugs.has('revived') && read > 0 && this.#isRevivalDue()) this.#note({ ...line, read: read - 1 })
  }

  #note(line: EventLine): void {
    this.#deps.note(line)
  }
}

/** The push as one of an entry that is not for the reader: his cursor moves, and he is told nothing. */
function withoutMessage(text: string): string {
  const push = JSON.parse(text) as { entry: { kind: string; message?: { seq: number } } }
  return JSON.stringify({ ...push, entry: { kind: 'skipped', seq: push.entry.message?.seq ?? 0 } })
}
