import type { Message } from '../../../client-sdk/src/tim/mapping/message.ts'
import type {
  MessageSearchItem,
  MessageSearchOptions,
  SearchResult,
} from '../../../client-sdk/src/tim/methods/search.ts'
import { TYPES } from '../../../client-sdk/src/tim/types.ts'
import { Device } from './device.ts'
import { until } from './until.ts'
import type { World } from './world.ts'

/** Somebody who talks in groups and looks for what was said. */
export class Seeker {
  readonly device: Device

  private constructor(device: Device) {
    this.device = device
  }

  static async login(world: World, userID: string): Promise<Seeker> {
    return new Seeker(await Device.login(world, userID))
  }

  get chat(): Device['chat'] {
    return this.device.chat
  }

  async found(groupID: string, type: string, userIDs: readonly string[], name = groupID): Promise<void> {
    await this.chat.createGroup({ groupID, type, name, memberList: userIDs.map((userID) => ({ userID })) })
  }

  /** Waits until the news that he is a member has come: before it his SDK knows no such conversation. */
  async hearsOf(groupID: string): Promise<void> {
    await until(`${groupID} is heard of`, async () => {
      const { groupList } = (await this.chat.getGroupList()).data
      return groupList.some((group) => group.groupID === groupID)
    })
  }

  say(groupID: string, text: string, receiverList?: string[]): Promise<Message> {
    const to = { to: groupID, conversationType: TYPES.CONV_GROUP }
    const more = receiverList ? { receiverList } : {}
    return this.#send(this.chat.createTextMessage({ ...to, ...more, payload: { text } }))
  }

  tell(userID: string, text: string): Promise<Message> {
    return this.device.say(userID, text)
  }

  async #send(message: Message): Promise<Message> {
    return (await this.chat.sendMessage(message)).data.message
  }

  async search(options: MessageSearchOptions): Promise<SearchResult<MessageSearchItem>> {
    return (await this.chat.searchCloudMessages(options)).data
  }

  /** The texts found in one conversation, newest first. */
  async within(conversationID: string, ...keywordList: string[]): Promise<readonly unknown[]> {
    const { searchResultList } = await this.search({ keywordList, conversationID })
    return searchResultList.flatMap(({ messageList }) => messageList.map(({ payload }) => payload['text']))
  }

  /** The conversations in which something is found, with the number of hits. */
  async everywhere(...keywordList: string[]): Promise<Record<string, number>> {
    const { searchResultList } = await this.search({ keywordList })
    return Object.fromEntries(searchResultList.map((item) => [item.conversationID, item.messageCount]))
  }

  leave(): Promise<void> {
    return this.device.leave()
  }
}
