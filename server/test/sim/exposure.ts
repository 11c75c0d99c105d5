import type { ConversationId, Entry, TimelineId, UserId } from '@hongyan/protocol'
import type { Line } from './line.ts'
import { isFor, isOf, type MessageOf, type Oracle } from './oracle.ts'

interface State {
  readonly conversationId: ConversationId
  readonly offset: number
  readonly lastMessage?: MessageOf
}

/** What the answers that show anything hold. */
interface Answer {
  readonly entries?: readonly { readonly offset: number; readonly entry: Entry }[]
  readonly messages?: readonly MessageOf[]
  readonly conversations?: readonly State[]
  readonly conversation?: State
}

const SHOWING = ['sync.pull', 'message.history', 'sync.snapshot', 'conversation.get']

/** I11: looks at all that goes out to a device, and says what of it is not its user's to see. */
export class Exposure {
  readonly #oracle: Oracle
  readonly #blame: (text: string) => void
  /** What was asked on each line, by the number of the request. */
  readonly #asked = new Map<Line, Map<number, { readonly command: string; readonly timeline?: TimelineId }>>()

  constructor(oracle: Oracle, blame: (text: string) => void) {
    this.#oracle = oracle
    this.#blame = blame
  }

  onRequest(line: Line, text: string): void {
    if (!SHOWING.some((command) => text.includes(`"command":"${command}"`))) return
    const { id, command, body } = JSON.parse(text) as {
      readonly id: number
      readonly command: string
      readonly body: { readonly timeline?: TimelineId }
    }
    const asked =
      this.#asked.get(line) ?? new Map<number, { readonly command: string; readonly timeline?: TimelineId }>()
    this.#asked.set(line, asked)
    asked.set(id, { command, ...(body.timeline === undefined ? {} : { timeline: body.timeline }) })
  }

  onReply(line: Line, userId: UserId, text: string): void {
    const id = Number(/"id":(\d+)/.exec(text)?.[1])
    const asked = this.#asked.get(line)?.get(id)
    if (!asked) return
    const { body } = JSON.parse(text) as { readonly body: Answer }
    for (const { offset, entry } of body.entries ?? []) {
      if (asked.timeline !== undefined) this.onEntry(userId, asked.timeline, offset, entry, 'by pull')
    }
    for (const message of body.messages ?? []) this.#onMessage(userId, message, 'in a history')
    for (const state of body.conversations ?? []) this.#onState(userId, state)
    if (body.conversation) this.#onState(userId, body.conversation)
  }

  onEntry(userId: UserId, timeline: TimelineId, offset: number, entry: Entry, how: string): void {
    if (!this.#oracle.isHis(userId, timeline, offset) && entry.kind !== 'skipped') {
      this.#blame(`${userId} got ${timeline} ${offset} (${entry.kind}) ${how}`)
    }
    if (entry.kind === 'message' && !isFor(entry.message, userId)) {
      this.#blame(`${userId} got ${timeline} ${offset} ${how}, which is for ${entry.message.receiverIds?.join()}`)
    }
    if (entry.kind !== 'modified' || entry.receiverIds === undefined || entry.senderId === userId) return
    if (!entry.receiverIds.includes(userId)) this.#blame(`${userId} got a change of ${timeline} ${entry.seq} ${how}`)
  }

  #onState(userId: UserId, { conversationId: id, offset, lastMessage }: State): void {
    const { groups } = this.#oracle
    const isHis = ({ from, before }: ReturnType<typeof groups.stays>[number]): boolean =>
      offset >= from && offset < before
    if (groups.isOne(id) && !groups.stays(id, userId).some(isHis)) {
      this.#blame(`${userId} got the state of ${id} at ${offset}`)
    }
    if (lastMessage) this.#onMessage(userId, lastMessage, 'as the last one')
  }

  #onMessage(userId: UserId, message: MessageOf, how: string): void {
    const { groups } = this.#oracle
    const { conversationId: id, seq } = message
    const place = this.#oracle
      .of(`c:${id}` as TimelineId)
      .find(({ entry }) => entry.kind === 'message' && entry.message.seq === seq)
    const isOpen = groups.isOne(id) ? groups.mayRead(id, userId, place?.offset ?? 0) : isOf(id, userId)
    if (!isOpen) this.#blame(`${userId} got ${id} ${seq} ${how}`)
    if (!isFor(message, userId)) this.#blame(`${userId} got ${id} ${seq} ${how}, which is for others`)
  }
}
