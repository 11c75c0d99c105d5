import { nodePlatform } from '../../client-sdk/src/platform/node.ts'
import { EVENT } from '../../client-sdk/src/tim/events.ts'
import type { TimInstance } from '../../client-sdk/src/tim/facade.ts'
import type { Message } from '../../client-sdk/src/tim/mapping/message.ts'
import { createModule } from '../../client-sdk/src/tim/module.ts'
import { TYPES } from '../../client-sdk/src/tim/types.ts'

/** One person on one device, with the SDK as every application has it. */
export class Client {
  readonly userID: string
  /** The texts that came in, in their order. */
  readonly received: string[] = []
  /** How often the connection was lost since the login. */
  losses = 0
  readonly #chat: TimInstance

  private constructor(userID: string, chat: TimInstance) {
    this.userID = userID
    this.#chat = chat
    chat.on(EVENT.MESSAGE_RECEIVED, ({ data }) => {
      for (const { payload } of data as readonly Message[]) this.received.push(String(Reflect.get(payload, 'text')))
    })
    chat.on(EVENT.NET_STATE_CHANGE, ({ data }) => {
      if ((data as { state: string }).state !== TYPES.NET_STATE_CONNECTED) this.losses++
    })
  }

  static async login(endpoint: string, userID: string, userSig: string): Promise<Client> {
    const tim = createModule(nodePlatform())
    const chat = tim.create({ SDKAppID: 1_400_000_000, endpoint, eventThrottling: false })
    if (!chat) throw new Error('the SDK made no instance')
    const ready = new Promise<void>((resolve) => chat.on(EVENT.SDK_READY, () => resolve()))
    const client = new Client(userID, chat)
    await chat.login({ userID, userSig })
    await ready
    return client
  }

  isReady(): boolean {
    return this.#chat.isReady()
  }

  /** Resolves when the server has it; rejects with the SDK's error. */
  async say(to: string, text: string): Promise<void> {
    const message = this.#chat.createTextMessage({ to, conversationType: TYPES.CONV_C2C, payload: { text } })
    await this.#chat.sendMessage(message)
  }

  /** Logs out, and ends the instance. */
  async leave(): Promise<void> {
    await this.#chat.destroy()
  }
}
