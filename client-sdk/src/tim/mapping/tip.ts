import type { Group, GroupChange, Tip } from '@hongyan/protocol'
import { TYPES } from '../types.ts'
import type { Payload } from './payload.ts'
import { toTimUserID } from './ids.ts'
import { toTimPerson } from './person.ts'
import { INVITE_OPTIONS, JOIN_OPTIONS } from './words.ts'

const OPERATIONS: Readonly<Record<Tip['op'], number>> = {
  joined: TYPES.GRP_TIP_MBR_JOIN,
  quit: TYPES.GRP_TIP_MBR_QUIT,
  kicked: TYPES.GRP_TIP_MBR_KICKED_OUT,
  'admin-set': TYPES.GRP_TIP_MBR_SET_ADMIN,
  'admin-unset': TYPES.GRP_TIP_MBR_CANCELED_ADMIN,
  'group-changed': TYPES.GRP_TIP_GRP_PROFILE_UPDATED,
  'members-muted': TYPES.GRP_TIP_MBR_PROFILE_UPDATED,
}

/** What a tip tells an application (tim-semantics §3.3). */
export function toTipPayload(tip: Tip, groupID: string, group: Group | undefined): Payload {
  const users = 'users' in tip ? tip.users : []
  const memberCount = 'memberCount' in tip ? tip.memberCount : (group?.memberCount ?? 0)
  const operatorInfo = toTimPerson(tip.by)
  return {
    operationType: OPERATIONS[tip.op],
    operatorID: operatorInfo.userID,
    operatorInfo,
    userIDList: users.length > 0 ? users.map(({ userId }) => toTimUserID(userId)) : [operatorInfo.userID],
    memberList: users.map((user) => ({ ...toTimPerson(user), ...moreOf(tip) })),
    groupProfile: { from: TYPES.CONV_SYSTEM, to: groupID, groupID, groupName: group?.name ?? '' },
    ...(tip.op === 'group-changed' ? { newGroupProfile: toNewGroupProfile(tip.changed) } : {}),
    memberCount,
    memberNum: memberCount,
    // What TIM's own SDK puts where the server says nothing of it.
    ...(tip.op === 'joined' ? { groupJoinType: 1 } : tip.op === 'quit' ? { groupJoinType: 0 } : {}),
  }
}

/** Whose face goes with the tip: of whom it is about, or of who did it. */
export function faceOfTip(tip: Tip) {
  const isAboutUsers = tip.op === 'joined' || tip.op === 'kicked' || tip.op.startsWith('admin-')
  return toTimPerson((isAboutUsers && 'users' in tip ? tip.users[0] : undefined) ?? tip.by)
}

function moreOf(tip: Tip): { muteTime?: number; reason?: string } {
  if (tip.op === 'members-muted') return { muteTime: tip.seconds }
  return tip.op === 'kicked' && tip.reason !== undefined ? { reason: tip.reason } : {}
}

/** Only what changed. */
function toNewGroupProfile(changed: GroupChange): object {
  const { name, introduction, notice, avatar, ownerId, joinOption, inviteOption, custom, isMuted } = changed
  const all = {
    groupName: name,
    introduction,
    notification: notice,
    avatar,
    ownerID: ownerId,
    joinOption: joinOption && JOIN_OPTIONS.toTim(joinOption),
    inviteOption: inviteOption && INVITE_OPTIONS.toTim(inviteOption),
    groupCustomField: custom,
    muteAllMembers: isMuted,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
