import { TYPES } from '../../../client-sdk/src/tim/types.ts'
import { balance, type Acknowledged, type Balance } from './ledger.ts'
import { LedgerDevice, untilDone } from './ledger-device.ts'
import { until } from './until.ts'

interface Ack extends Acknowledged {
  readonly when: 'before the backup' | 'after the backup' | 'after the restore'
}

const ROUNDS_PAUSE_MS = 20

/** People who talk while the store under them is put back, and what they were told of it. */
export class RewindStory {
  readonly senders: readonly LedgerDevice[]
  readonly peers: readonly LedgerDevice[]
  readonly acks: Ack[] = []
  #when: Ack['when'] = 'before the backup'
  #isTalking = false
  #talking: Promise<unknown> = Promise.resolve()
  readonly #endpointOf: (index: number) => string

  constructor(pairs: number, endpointOf: (index: number) => string) {
    this.#endpointOf = endpointOf
    const devices = (kind: string, node: number): LedgerDevice[] =>
      Array.from(
        { length: pairs },
        (_, index) => new LedgerDevice(endpointOf(node), `${kind}${index}`, `${kind}${index}`),
      )
    this.senders = devices('s', 0)
    this.peers = devices('r', 1)
  }

  get everybody(): readonly LedgerDevice[] {
    return [...this.senders, ...this.peers]
  }

  async open(): Promise<void> {
    await Promise.all(this.everybody.map((device) => device.login()))
  }

  /** One message of each sender to his peer, sent again until there is a definite answer. */
  async round(text: string): Promise<void> {
    await Promise.all(this.senders.map((sender, index) => this.#send(sender, `r${index}`, text)))
  }

  get isTalking(): boolean {
    return this.#isTalking
  }

  /** From now on what is acknowledged counts as this. */
  note(when: Ack['when']): void {
    this.#when = when
  }

  /** Talks on and on, whatever becomes of the server. */
  startTalking(): void {
    this.#isTalking = true
    this.#talking = Promise.all(
      this.senders.map(async (sender, index) => {
        for (let number = 1; this.isTalking; number++) {
          await this.#send(sender, `r${index}`, `on and on ${number}`)
          await new Promise((resolve) => setTimeout(resolve, ROUNDS_PAUSE_MS))
        }
      }),
    )
  }

  async stopTalking(): Promise<void> {
    this.#isTalking = false
    await this.#talking
  }

  async #send(sender: LedgerDevice, to: string, text: string): Promise<void> {
    const message = sender.chat.createTextMessage({ to, conversationType: TYPES.CONV_C2C, payload: { text } })
    // What it was when it was first sent: an answer may be on its way while the store is replaced.
    const when = this.#when
    for (let send = sender.chat.sendMessage(message); ; send = sender.chat.resendMessage(message)) {
      const isSent = await send.then(
        () => true,
        () => false,
      )
      if (isSent) break
      await new Promise((resolve) => setTimeout(resolve, ROUNDS_PAUSE_MS))
    }
    this.acks.push({ ID: message.ID, conversation: sender.userID, sequence: message.sequence, when })
  }

  /** Waits until every device shows what a device shows that logs in now; rejects with the first that does not. */
  async untilRebuilt(withinMs: number): Promise<void> {
    await Promise.all(
      this.everybody.map(async (device, index) => {
        const fresh = new LedgerDevice(this.#endpointOf(index % 2), device.userID, `${device.name} anew`)
        // Who logs in at the very moment in which all are sent away is told so, and tries again.
        await untilDone(() => fresh.login())
        try {
          await until(
            `${device.name} to show what is stored`,
            async () => (await shownBy(device)) === (await shownBy(fresh)),
            withinMs,
          )
        } finally {
          await fresh.chat.destroy()
        }
      }),
    )
  }

  /** What was acknowledged before the backup and since the restore, against what every device reads from the server. */
  async balance(): Promise<Balance & { readonly lost: number }> {
    const stored = new Map<string, readonly { readonly ID: string; readonly sequence: number }[]>()
    const logs = []
    for (const [index, sender] of this.senders.entries()) {
      const messages = await sender.wholeHistory(`C2Cr${index}`)
      stored.set(sender.userID, messages)
      const peer = this.peers[index]
      logs.push({
        device: peer?.name ?? '',
        conversation: sender.userID,
        messages: (await peer?.wholeHistory(`C2C${sender.userID}`)) ?? [],
      })
    }
    const kept = new Set([...stored.values()].flat().map(({ ID }) => ID))
    return {
      ...balance(
        this.acks.filter(({ when }) => when !== 'after the backup'),
        stored,
        logs,
      ),
      lost: this.acks.filter(({ when, ID }) => when === 'after the backup' && !kept.has(ID)).length,
    }
  }

  /** Everybody gets what is said now. */
  async assertNewSendsArrive(): Promise<void> {
    await this.round('and now')
    await Promise.all(
      this.peers.map((peer) =>
        until(`${peer.name} to be told`, () => peer.received.some(({ payload }) => payload['text'] === 'and now')),
      ),
    )
  }

  async close(): Promise<void> {
    await Promise.all(this.everybody.map(({ chat }) => chat.destroy().catch(() => {})))
  }
}

/** What a device has in its list. */
async function shownBy({ chat }: LedgerDevice): Promise<string> {
  const { data } = await untilDone(() => chat.getConversationList())
  return JSON.stringify(
    data.conversationList
      .map(({ conversationID, unreadCount, lastMessage }) => JSON.stringify([conversationID, unreadCount, lastMessage]))
      .sort(),
  )
}
