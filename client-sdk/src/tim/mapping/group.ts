import type { Group as OurGroup, Membership } from '@hongyan/protocol'
import type { Conversation as OurConversation } from '../../core/client-api.ts'
import type { LastMessage } from './last-message.ts'
import { toTimUserID } from './ids.ts'
import type { CustomField } from './person.ts'
import { GROUP_TYPES, INVITE_OPTIONS, JOIN_OPTIONS, REMINDS, ROLES } from './words.ts'

/** The user's own place in a group. */
export interface GroupSelfInfo {
  userID: string
  role: string
  nameCard: string
  joinTime: number
  messageRemindType: string
  memberCustomField: CustomField[]
  readedSequence: number
  excludedUnreadSequenceList: number[]
  /** Until when the user may not speak, in seconds; 0 when he may. */
  muteTime: number
}

/** TIM's group; one object as long as the user is in it, changed in place (tim-semantics §3.6). */
export class Group {
  groupID: string
  name = ''
  avatar = ''
  type = ''
  introduction = ''
  notification = ''
  ownerID = ''
  createTime = 0
  infoSequence = 0
  lastInfoTime = 0
  selfInfo: GroupSelfInfo
  lastMessage: Pick<LastMessage, 'lastTime' | 'lastSequence' | 'fromAccount' | 'messageForShow'> = {
    lastTime: 0,
    lastSequence: 0,
    fromAccount: '',
    messageForShow: '',
  }
  nextMessageSeq = 1
  memberCount = 0
  maxMemberCount = 0
  muteAllMembers = false
  joinOption = ''
  inviteOption = ''
  groupCustomField: CustomField[] = []
  isSupportTopic = false

  constructor(groupID: string, userID: string) {
    this.groupID = groupID
    this.selfInfo = {
      ...{ userID, role: '', nameCard: '', joinTime: 0, messageRemindType: '', memberCustomField: [] },
      ...{ readedSequence: 0, excludedUnreadSequenceList: [], muteTime: 0 },
    }
  }

  get memberNum(): number {
    return this.memberCount
  }

  get maxMemberNum(): number {
    return this.maxMemberCount
  }
}

/** Brings what everybody sees of a group up to date. */
export function updateGroup(group: Group, ours: OurGroup): void {
  group.name = ours.name
  group.avatar = ours.avatar
  group.type = GROUP_TYPES.toTim(ours.type)
  group.introduction = ours.introduction
  group.notification = ours.notice
  group.ownerID = toTimUserID(ours.ownerId)
  group.createTime = Math.floor(ours.createdAtMs / 1000)
  group.lastInfoTime = Math.floor(ours.changedAtMs / 1000)
  group.infoSequence = group.lastInfoTime
  group.memberCount = ours.memberCount
  group.maxMemberCount = ours.maxMembers
  group.muteAllMembers = ours.isMuted
  group.joinOption = JOIN_OPTIONS.toTim(ours.joinOption)
  group.inviteOption = INVITE_OPTIONS.toTim(ours.inviteOption)
  group.groupCustomField = ours.custom
}

/** And the user's place in it. */
export function updateSelfInfo(group: Group, self: Membership): void {
  group.selfInfo.role = ROLES.toTim(self.role)
  group.selfInfo.nameCard = self.nameCard
  group.selfInfo.joinTime = Math.floor(self.joinedAtMs / 1000)
  group.selfInfo.memberCustomField = self.custom
  group.selfInfo.muteTime = Math.ceil(self.mutedUntilMs / 1000)
}

/** And what its conversation says of it. */
export function updateFromConversation(group: Group, ours: OurConversation, lastMessage: LastMessage): void {
  const { lastTime, lastSequence, fromAccount, messageForShow } = lastMessage
  group.lastMessage = { lastTime, lastSequence, fromAccount, messageForShow }
  group.nextMessageSeq = ours.lastSeq + 1
  group.selfInfo.messageRemindType = REMINDS.toTim(ours.remind)
  group.selfInfo.readedSequence = ours.readSeq
  group.selfInfo.excludedUnreadSequenceList = [...ours.uncounted]
}
