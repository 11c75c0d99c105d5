import type { Group, UpdateGroupOptions } from '@hongyan/client-sdk'
import { chat, TYPES } from './chat.ts'

// What one does with groups and their members. Every call rejects with TIM's code.

/** The new group's conversationID. */
export async function createGroup(name: string, type: string, userIDs: readonly string[]): Promise<string> {
  const memberList = userIDs.map((userID) => ({ userID }))
  const { group } = (await chat.createGroup({ name, type, memberList })).data
  return `${TYPES.CONV_GROUP}${group.groupID}`
}

/** Who did not come in, for whatever reason. */
export async function addMembers(groupID: string, userIDList: readonly string[]): Promise<readonly string[]> {
  const { data } = await chat.addGroupMember({ groupID, userIDList: [...userIDList] })
  const isIn = new Set([...data.successUserIDList, ...data.existedUserIDList])
  return userIDList.filter((userID) => !isIn.has(userID))
}

/** What anybody may see of a group; rejects 10010 when there is none, or none that may be found. */
export async function findGroup(groupID: string): Promise<Group> {
  return (await chat.searchGroupByID(groupID)).data.group
}

/** `waiting`: somebody has to agree first. */
export async function joinGroup(groupID: string, applyMessage: string): Promise<'joined' | 'waiting'> {
  const { status } = (await chat.joinGroup({ groupID, applyMessage })).data
  return status === TYPES.JOIN_STATUS_WAIT_APPROVAL ? 'waiting' : 'joined'
}

export async function updateGroup(changes: UpdateGroupOptions): Promise<void> {
  await chat.updateGroupProfile(changes)
}

export async function setNameCard(groupID: string, nameCard: string): Promise<void> {
  await chat.setGroupMemberNameCard({ groupID, userID: chat.getLoginUser(), nameCard })
}

export async function setRole(groupID: string, userID: string, isAdmin: boolean): Promise<void> {
  const role = isAdmin ? TYPES.GRP_MBR_ROLE_ADMIN : TYPES.GRP_MBR_ROLE_MEMBER
  await chat.setGroupMemberRole({ groupID, userID, role })
}

/** For so many seconds; 0 lets him speak again. */
export async function muteMember(groupID: string, userID: string, muteTime: number): Promise<void> {
  await chat.setGroupMemberMuteTime({ groupID, userID, muteTime })
}

export async function removeMember(groupID: string, userID: string): Promise<void> {
  await chat.deleteGroupMember({ groupID, userIDList: [userID] })
}

export async function transferGroup(groupID: string, newOwnerID: string): Promise<void> {
  await chat.changeGroupOwner({ groupID, newOwnerID })
}

export async function leaveGroup(groupID: string): Promise<void> {
  await chat.quitGroup(groupID)
}

export async function dismissGroup(groupID: string): Promise<void> {
  await chat.dismissGroup(groupID)
}
