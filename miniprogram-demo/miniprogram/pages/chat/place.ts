import { chat, conversations, groups, isReady } from '../../im/chat'
import { TYPES, type Conversation, type Group } from '../../im/sdk'
import { words } from '../../text/words'
import { leads } from '../../views/contacts'
import { titleOf } from '../../views/conversation-row'

/** What a chat page shows of the conversation itself. */
export interface Place {
  readonly title: string
  readonly notice: string
  /** Why nothing can be written now; empty when it can. */
  readonly closed: string
  readonly isGroup: boolean
}

/** Makes the conversation when there is none yet. */
export async function enter(conversationID: string): Promise<Conversation> {
  return (await chat().getConversationProfile(conversationID)).data.conversation
}

export function placeOf(conversationID: string): Place {
  const isGroup = conversationID.startsWith(TYPES.CONV_GROUP)
  return isGroup ? groupPlace(conversationID) : { title: peerTitle(conversationID), notice: '', closed: '', isGroup }
}

function peerTitle(conversationID: string): string {
  const conversation = conversations.get().find((one) => one.conversationID === conversationID)
  return conversation === undefined ? conversationID.slice(TYPES.CONV_C2C.length) : titleOf(conversation, words())
}

function groupPlace(conversationID: string): Place {
  const groupID = conversationID.slice(TYPES.CONV_GROUP.length)
  const group = groups.get().find((one) => one.groupID === groupID)
  const { says, chat: t } = words()
  if (group === undefined) return { title: groupID, notice: '', closed: isReady.get() ? t.gone : '', isGroup: true }
  const title = says.classTitle(group.name, group.memberCount)
  return { title, notice: group.notification, closed: closedWhy(group), isGroup: true }
}

function closedWhy({ muteAllMembers, selfInfo }: Group): string {
  const { chat: t } = words()
  if (leads(selfInfo.role)) return ''
  if (selfInfo.muteTime * 1000 > chat().getServerTime()) return t.mutedMe
  return muteAllMembers ? t.muted : ''
}

/** Whether I lead this class: leaders also take back what others said. */
export function leadsHere(conversationID: string): boolean {
  const group = groups.get().find(({ groupID }) => conversationID === `${TYPES.CONV_GROUP}${groupID}`)
  return group !== undefined && leads(group.selfInfo.role)
}
