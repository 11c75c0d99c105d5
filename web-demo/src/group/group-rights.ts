import type { Group } from '@hongyan/client-sdk'
import { TYPES } from '../im/chat.ts'

/** What the user may do in a group; the server decides, this only keeps away what it would refuse (tim-semantics §4.9). */
export interface GroupRights {
  readonly edits: boolean
  readonly mutes: boolean
  readonly removes: boolean
  readonly setsRoles: boolean
  readonly transfers: boolean
  readonly dismisses: boolean
  readonly leaves: boolean
  readonly invites: boolean
  /** How one comes in can be chosen in this type. */
  readonly choosesJoining: boolean
}

export function rightsIn({ type, inviteOption, selfInfo: { role } }: Group): GroupRights {
  const isOwner = role === TYPES.GRP_MBR_ROLE_OWNER
  const isLeader = isOwner || role === TYPES.GRP_MBR_ROLE_ADMIN
  const isWork = type === TYPES.GRP_WORK
  return {
    edits: isWork || isLeader,
    mutes: !isWork && isLeader,
    removes: isWork ? isOwner : isLeader,
    setsRoles: !isWork && isOwner,
    transfers: isOwner,
    dismisses: !isWork && isOwner,
    leaves: isWork || !isOwner,
    invites: isLeader || inviteOption !== TYPES.INVITE_OPTIONS_DISABLE_INVITE,
    choosesJoining: isLeader && (type === TYPES.GRP_PUBLIC || type === TYPES.GRP_COMMUNITY),
  }
}

/** An administrator acts on ordinary members only, the owner on everybody else. */
export function mayActOn(self: string, other: string): boolean {
  if (self === TYPES.GRP_MBR_ROLE_OWNER) return other !== TYPES.GRP_MBR_ROLE_OWNER
  return self === TYPES.GRP_MBR_ROLE_ADMIN && other === TYPES.GRP_MBR_ROLE_MEMBER
}
