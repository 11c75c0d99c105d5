import type { Platform, Transport } from '../../../client-sdk/src/core/client-api.ts'
import { nodePlatform } from '../../../client-sdk/src/platform/node.ts'
import type { TimEvent } from '../../../client-sdk/src/tim/emitter.ts'
import type { TimInstance } from '../../../client-sdk/src/tim/facade.ts'
import type { Conversation } from '../../../client-sdk/src/tim/mapping/conversation.ts'
import type { Message } from '../../../client-sdk/src/tim/mapping/message.ts'
import { createModule, type TimModule } from '../../../client-sdk/src/tim/module.ts'
import { EVENT } from '../../../client-sdk/src/tim/events.ts'
import { TYPES } from '../../../client-sdk/src/tim/types.ts'
import { until } from './until.ts'
import { SDK_APP_ID, userSigOf, type World } from './world.ts'

export interface DeviceOptions {
  readonly node?: number
  readonly device?: Platform['device']
  readonly userSig?: string
  /** Puts something between the device and its network. */
  readonly transportOf?: (transport: Transport) => Transport
}

/** One application on one device, with the SDK as every application has it. */
export class Device {
  readonly userID: string
  readonly chat: TimInstance
  readonly tim: TimModule
  readonly events: TimEvent[] = []

  private constructor(userID: string, tim: TimModule, chat: TimInstance) {
    this.userID = userID
    this.tim = tim
    this.chat = chat
    for (const name of Object.values(EVENT)) chat.on(name, (event) => this.events.push(event))
  }

  /** A device that is not logged in. */
  static open(world: World, userID: string, options: DeviceOptions = {}): Device {
    const platform = nodePlatform()
    const { device = platform.device, transportOf = (transport: Transport) => transport } = options
    const tim = createModule({ ...platform, device, transport: transportOf(platform.transport) })
    const chat = tim.create({
      SDKAppID: SDK_APP_ID,
      endpoint: world.endpoint(options.node),
      eventThrottling: false,
    })
    if (!chat) throw new Error('no instance')
    return new Device(userID, tim, chat)
  }

  /** A device with a login, ready and synced. */
  static async login(world: World, userID: string, options: DeviceOptions = {}): Promise<Device> {
    const device = Device.open(world, userID, options)
    await device.login(options.userSig)
    return device
  }

  async login(userSig = userSigOf(this.userID)): Promise<void> {
    await this.chat.login({ userID: this.userID, userSig })
    await until('SDK_READY', () => this.chat.isReady())
    await this.chat.getConversationList()
  }

  text(to: string, text: string): Message {
    return this.chat.createTextMessage({ to, conversationType: TYPES.CONV_C2C, payload: { text } })
  }

  async say(to: string, text: string): Promise<Message> {
    return (await this.chat.sendMessage(this.text(to, text))).data.message
  }

  /** The data of all events of a name so far. */
  seen(name: string): readonly unknown[] {
    return this.events.filter((event) => event.name === name).map((event) => event.data)
  }

  /** Every message received, in order. */
  received(): readonly Message[] {
    return this.seen(EVENT.MESSAGE_RECEIVED).flatMap((data) => data as Message[])
  }

  receivedTexts(): readonly unknown[] {
    return this.received().map((message) => message.payload['text'])
  }

  unread(peer: string): Promise<number | undefined> {
    return this.conversation(peer).then((conversation) => conversation?.unreadCount)
  }

  async conversation(peer: string): Promise<Conversation | undefined> {
    const { data } = await this.chat.getConversationList()
    return data.conversationList.find(({ conversationID }) => conversationID === `C2C${peer}`)
  }

  async history(peer: string): Promise<readonly Message[]> {
    return (await this.chat.getMessageList({ conversationID: `C2C${peer}` })).data.messageList
  }

  /** Ends quietly, whatever its state. */
  async leave(): Promise<void> {
    await this.chat.destroy().catch(() => {})
  }
}
