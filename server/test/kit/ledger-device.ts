import { nodePlatform } from '../../../client-sdk/src/platform/node.ts'
import { EVENT } from '../../../client-sdk/src/tim/events.ts'
import type { TimInstance } from '../../../client-sdk/src/tim/facade.ts'
import type { Message } from '../../../client-sdk/src/tim/mapping/message.ts'
import { createModule } from '../../../client-sdk/src/tim/module.ts'
import { SDK_APP_ID, userSigOf } from './world.ts'

/** A device that notes what it gets; what it sends itself is noted when it is acknowledged. */
export class LedgerDevice {
  readonly name: string
  readonly userID: string
  readonly chat: TimInstance
  readonly received: Message[] = []

  constructor(endpoint: string, userID: string, name: string) {
    this.userID = userID
    this.name = name
    const chat = createModule(nodePlatform()).create({ SDKAppID: SDK_APP_ID, endpoint })
    if (!chat) throw new Error('no instance')
    this.chat = chat
    chat.on(EVENT.MESSAGE_RECEIVED, ({ data }) => this.received.push(...data))
  }

  async login(): Promise<void> {
    await this.chat.login({ userID: this.userID, userSig: userSigOf(this.userID) })
    await this.chat.getConversationList()
  }

  /** What it was told of one conversation, in the order in which it was told. */
  receivedIn(conversationID: string): readonly Message[] {
    return this.received.filter((message) => message.conversationID === conversationID)
  }

  /** The unread number of each conversation in its list. */
  async unreads(): Promise<ReadonlyMap<string, number>> {
    const { data } = await this.chat.getConversationList()
    return new Map(data.conversationList.map(({ conversationID, unreadCount }) => [conversationID, unreadCount]))
  }

  /** Everything of a conversation that is stored, from the server, page by page, oldest first. */
  async wholeHistory(conversationID: string): Promise<readonly Message[]> {
    const pages: Message[][] = []
    let sequence: number | string = 2 ** 40
    while (sequence !== '') {
      const { data }: { data: { messageList: Message[]; nextMessageSeq: number | '' } } = await untilDone(() =>
        this.chat.getMessageListHopping({ conversationID, sequence, direction: 0, count: 15 }),
      )
      pages.unshift(data.messageList)
      sequence = data.nextMessageSeq
    }
    return pages.flat()
  }
}

const PAUSE_MS = 50
const DEADLINE_MS = 60_000

/** As a patient application: asks again until it is done. Whatever is asked for here may be asked for twice. */
export async function untilDone<T>(ask: () => Promise<T>, isDone: () => boolean = () => false): Promise<T> {
  const endMs = performance.now() + DEADLINE_MS
  for (;;) {
    try {
      return await ask()
    } catch (err) {
      if (isDone()) return undefined as T
      if (performance.now() > endMs) throw err
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}
