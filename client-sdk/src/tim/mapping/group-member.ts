import type { Member } from '@hongyan/protocol'
import type { CustomField } from './person.ts'
import { ROLES } from './words.ts'

/** A member of a group (tim-semantics §3.7). When he spoke last, and whether he is there, is not kept. */
export class GroupMember {
  userID: string
  nick: string
  avatar: string
  role: string
  joinTime: number
  lastSendMsgTime = 0
  nameCard: string
  /** In seconds; past or 0 when he may speak. */
  muteUntil: number
  memberCustomField: CustomField[]
  isOnline = false

  constructor(member: Member) {
    this.userID = member.userId
    this.nick = member.nick
    this.avatar = member.avatar
    this.role = ROLES.toTim(member.role)
    this.joinTime = Math.floor(member.joinedAtMs / 1000)
    this.nameCard = member.nameCard
    this.muteUntil = Math.ceil(member.mutedUntilMs / 1000)
    this.memberCustomField = member.custom
  }
}
