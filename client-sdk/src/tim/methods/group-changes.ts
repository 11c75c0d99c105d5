import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import type { Group } from '../mapping/group.ts'
import { toGroupId, toMemberId } from '../mapping/ids.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { areFields, fieldsOf, type GroupFields } from './group-fields.ts'

export interface UpdateGroupOptions extends GroupFields {
  groupID: string
  muteAllMembers?: boolean
}

/** Changing groups, handing them over, ending them (tim-semantics §2.3 GRP). */
export function groupChangeMethods(chat: Chat) {
  async function update(options: UpdateGroupOptions): Promise<{ group: Group }> {
    const { groupID, muteAllMembers } = options
    const fields = fieldsOf(options)
    const isMuted = muteAllMembers === undefined ? {} : { isMuted: muteAllMembers }
    const reply = await chat.client.ask('group.update', { groupId: toGroupId(groupID), ...fields, ...isMuted })
    return { group: chat.groups.adopt(reply.group, reply.self) }
  }

  return {
    dismissGroup: (groupID: string) => {
      assertParameter(isText(groupID), 'dismissGroup', 'a groupID')
      return chat.run('group', async () => {
        await chat.client.ask('group.dismiss', { groupId: toGroupId(groupID) })
        return { groupID }
      })
    },
    updateGroupProfile: (options: UpdateGroupOptions) => {
      const isGood = isObject(options) && isText(options.groupID) && areFields(options)
      assertParameter(isGood, 'updateGroupProfile', '{ groupID, name?, … }')
      return chat.run('group', () => update(options))
    },
    changeGroupOwner: (options: { groupID: string; newOwnerID: string }) => {
      const isGood = isObject(options) && isText(options.groupID) && isText(options.newOwnerID)
      assertParameter(isGood, 'changeGroupOwner', '{ groupID, newOwnerID }')
      return chat.run('group', async () => {
        const { groupID, newOwnerID } = options
        if (newOwnerID === chat.self().userId) throw timError(2621)
        if (chat.groups.ours(groupID)?.type === 'live') throw timError(2620)
        const body = { groupId: toGroupId(groupID), userId: toMemberId(newOwnerID) }
        const reply = await chat.client.ask('group.transfer', body)
        return { group: chat.groups.adopt(reply.group, reply.self) }
      })
    },
  }
}
