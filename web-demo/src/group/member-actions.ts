import type { Group, GroupMember } from '@hongyan/client-sdk'
import { TYPES } from '../im/chat.ts'
import type { GroupRights } from './group-rights.ts'
import { mayActOn } from './group-rights.ts'

/** What can be done with a member, as the menu of his row offers it. */
export type MemberAction = 'message' | 'makeAdmin' | 'dropAdmin' | 'mute' | 'unmute' | 'transfer' | 'remove'

/** `nowS`: the server's time in seconds, by which a mute has ended or not. */
export function memberActions(
  member: GroupMember,
  group: Group,
  rights: GroupRights,
  nowS: number,
): readonly MemberAction[] {
  if (member.userID === group.selfInfo.userID) return []
  const acts = mayActOn(group.selfInfo.role, member.role)
  const isAdmin = member.role === TYPES.GRP_MBR_ROLE_ADMIN
  const role: MemberAction = isAdmin ? 'dropAdmin' : 'makeAdmin'
  const mute: MemberAction = member.muteUntil > nowS ? 'unmute' : 'mute'
  return [
    'message',
    ...(rights.setsRoles ? [role] : []),
    ...(rights.mutes && acts ? [mute] : []),
    ...(rights.transfers ? (['transfer'] as const) : []),
    ...(rights.removes && acts ? (['remove'] as const) : []),
  ]
}
