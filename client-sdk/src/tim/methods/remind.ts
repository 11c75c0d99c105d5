import { parseUserId } from '@hongyan/protocol/constants'
import type { Remind } from '@hongyan/protocol'
import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import type { Group } from '../mapping/group.ts'
import { toConversationId, toGroupId } from '../mapping/ids.ts'
import { REMINDS } from '../mapping/words.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject, isText, isTextList } from '../validation.ts'

const MAX_USERS = 30
/** There is no conversation with him. */
const NO_CONVERSATION = 2500

export interface RemindOptions {
  groupID?: string
  userIDList?: string[]
  messageRemindType: string
}

export interface RemindedUsers {
  successUserIDList: { userID: string }[]
  failureUserIDList: { userID: string; code: number }[]
}

/** What a user wants to hear of a conversation (tim-semantics §2.3 CONV). */
export function remindMethods(chat: Chat) {
  async function ofGroup(groupID: string, remind: Remind): Promise<{ group: Group }> {
    const conversationId = toConversationId(TYPES.CONV_GROUP + groupID, chat.self().userId)
    const { conversationIds } = await chat.client.ask('conversation.remind', {
      conversationIds: [conversationId],
      remind,
    })
    const group = chat.groups.get(toGroupId(groupID))
    if (conversationIds.length === 0 || !group) throw timError(10007)
    group.selfInfo.messageRemindType = REMINDS.toTim(remind)
    return { group }
  }

  async function ofUsers(userIDList: readonly string[], remind: Remind): Promise<RemindedUsers> {
    const { userId } = chat.self()
    const idOf = (userID: string) => toConversationId(TYPES.CONV_C2C + userID, userId)
    const wellFormed = userIDList.filter((userID) => parseUserId(userID) !== undefined)
    if (wellFormed.length === 0) return { successUserIDList: [], failureUserIDList: userIDList.map(failed) }
    const reply = await chat.client.ask('conversation.remind', { conversationIds: wellFormed.map(idOf), remind })
    const done = new Set(wellFormed.filter((userID) => reply.conversationIds.includes(idOf(userID))))
    return {
      successUserIDList: [...done].map((userID) => ({ userID })),
      failureUserIDList: userIDList.filter((userID) => !done.has(userID)).map(failed),
    }
  }

  /** Of a group or of users; a group comes first. */
  function setMessageRemindType(
    options: RemindOptions & { groupID: string },
  ): Promise<{ code: 0; data: { group: Group } }>
  function setMessageRemindType(options: RemindOptions): Promise<{ code: 0; data: RemindedUsers }>
  function setMessageRemindType(options: RemindOptions): Promise<{ code: 0; data: object }> {
    const wanted = `{ groupID | userIDList (1 to ${MAX_USERS}), messageRemindType }`
    assertParameter(isObject(options), 'setMessageRemindType', wanted)
    const { groupID, userIDList = [], messageRemindType } = options
    const isForUsers = isTextList(userIDList) && userIDList.length > 0 && userIDList.length <= MAX_USERS
    assertParameter(isText(groupID) || isForUsers, 'setMessageRemindType', wanted)
    const remind = REMINDS.toOurs(messageRemindType)
    assertParameter(remind !== undefined, 'setMessageRemindType', wanted)
    if (isText(groupID)) return chat.run('group', () => ofGroup(groupID, remind))
    return chat.run('conversation', () => ofUsers(userIDList, remind))
  }

  return { setMessageRemindType }
}

function failed(userID: string): { userID: string; code: number } {
  return { userID, code: NO_CONVERSATION }
}
