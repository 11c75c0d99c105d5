import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { toGroupId, toMemberId } from '../mapping/ids.ts'
import { isFieldList, type CustomField } from '../mapping/person.ts'
import { ROLES } from '../mapping/words.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { memberResult } from './group-members.ts'

/** What a member may do in a group and what he is called there. */
export function memberPlaceMethods(chat: Chat) {
  async function setRole(groupID: string, userID: string, word: string) {
    const role = word === TYPES.GRP_MBR_ROLE_OWNER ? undefined : ROLES.toOurs(word)
    if (role === undefined) throw timError(2683, word)
    const { userId } = chat.self()
    if (userID === userId) throw timError(2684)
    const own = chat.groups.get(toGroupId(groupID))?.selfInfo.role
    if (own !== undefined && own !== TYPES.GRP_MBR_ROLE_OWNER) throw timError(2681)
    const body = { groupId: toGroupId(groupID), userId: toMemberId(userID), role }
    return memberResult(chat, groupID, (await chat.client.ask('group.setRole', body)).member)
  }

  async function mute(groupID: string, userID: string, muteTime: number) {
    if (userID === chat.self().userId) throw timError(2685)
    const body = { groupId: toGroupId(groupID), userId: toMemberId(userID), seconds: Math.floor(muteTime) }
    return memberResult(chat, groupID, (await chat.client.ask('group.mute', body)).member)
  }

  async function setMember(groupID: string, userID: string | undefined, set: { nameCard: string } | CustomField[]) {
    if (chat.groups.ours(groupID)?.type === 'live') throw timError(2687)
    const who = { groupId: toGroupId(groupID), userId: toMemberId(userID ?? chat.self().userId) }
    const fields = Array.isArray(set) ? { custom: set } : set
    return memberResult(chat, groupID, (await chat.client.ask('group.setMember', { ...who, ...fields })).member)
  }

  return {
    setGroupMemberRole: (options: { groupID: string; userID: string; role: string }) => {
      const isGood = isObject(options) && isText(options.groupID) && isText(options.userID) && isText(options.role)
      assertParameter(isGood, 'setGroupMemberRole', '{ groupID, userID, role }')
      return chat.run('group', () => setRole(options.groupID, options.userID, options.role))
    },
    /** In seconds; 0 ends it. */
    setGroupMemberMuteTime: (options: { groupID: string; userID: string; muteTime: number }) => {
      const isGood = isObject(options) && isText(options.groupID) && isText(options.userID)
      assertParameter(isGood && options.muteTime >= 0, 'setGroupMemberMuteTime', '{ groupID, userID, muteTime }')
      return chat.run('group', () => mute(options.groupID, options.userID, options.muteTime))
    },
    setGroupMemberNameCard: (options: { groupID: string; userID?: string; nameCard: string }) => {
      const isGood = isObject(options) && isText(options.groupID) && typeof options.nameCard === 'string'
      assertParameter(isGood, 'setGroupMemberNameCard', '{ groupID, userID?, nameCard }')
      const { groupID, userID, nameCard } = options
      return chat.run('group', () => setMember(groupID, userID, { nameCard }))
    },
    setGroupMemberCustomField: (options: { groupID: string; userID?: string; memberCustomField: CustomField[] }) => {
      const isGood = isObject(options) && isText(options.groupID) && isFieldList(options.memberCustomField)
      assertParameter(isGood, 'setGroupMemberCustomField', '{ groupID, userID?, memberCustomField }')
      const { groupID, userID, memberCustomField } = options
      return chat.run('group', () => setMember(groupID, userID, [...memberCustomField]))
    },
  }
}
