import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { toGroupId } from '../mapping/ids.ts'
import type { Message } from '../mapping/message.ts'
import { toTimPerson } from '../mapping/person.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { isStored, placeOfMessage } from './stored-message.ts'

/** Messages that a group keeps in sight. */
export function pinnedMethods(chat: Chat) {
  return {
    pinGroupMessage: (options: { groupID: string; message: Message; isPinned: boolean }) => {
      const isGood = isObject(options) && isText(options.groupID) && isObject(options.message)
      const wanted = '{ groupID, message, isPinned }'
      assertParameter(isGood && typeof options.isPinned === 'boolean', 'pinGroupMessage', wanted)
      return chat.run('group', async () => {
        const { groupID, message, isPinned } = options
        if (!isStored(message) || message.conversationID !== TYPES.CONV_GROUP + groupID) throw timError(10004)
        await chat.client.ask('group.pinMessage', { ...placeOfMessage(chat, message), pinned: isPinned })
        return {}
      })
    },
    getPinnedGroupMessageList: (groupID: string) => {
      assertParameter(isText(groupID), 'getPinnedGroupMessageList', 'a groupID')
      return chat.run('group', async () => {
        const { pinned } = await chat.client.ask('group.pinnedMessages', { groupId: toGroupId(groupID) })
        const messageList = pinned.map(({ message, by }) =>
          Object.assign(chat.messageOf(message), { pinnerInfo: toTimPerson(by) }),
        )
        chat.messages.keepAside(messageList)
        return { messageList }
      })
    },
  }
}
