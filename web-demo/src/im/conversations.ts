import type { Conversation } from '@hongyan/client-sdk'
import { computed, readonly, shallowReactive } from 'vue'
import { chat, EVENT, listen, TYPES } from './chat.ts'
import { hiddenConversations } from './hidden.ts'

/** The SDK's list in its order, pinned ones first; copies, because the SDK changes its objects in place. */
export interface ConversationList {
  all: readonly Conversation[]
  isLoaded: boolean
  unreadTotal: number
}

const state = shallowReactive<ConversationList>({ all: [], isLoaded: false, unreadTotal: 0 })

export const conversations = readonly(state) as Readonly<ConversationList>

/** Those that the list shows: without the hidden ones. */
export const listedConversations = computed(() =>
  state.all.filter((conversation) => !hiddenConversations.isHidden(conversation)),
)

/** Begins to follow the list; once, when the instance is there. */
export function followConversations(): void {
  listen(EVENT.SDK_READY, () => void load())
  listen(EVENT.CONVERSATION_LIST_UPDATED, take)
  listen(EVENT.TOTAL_UNREAD_MESSAGE_COUNT_UPDATED, (total) => (state.unreadTotal = total))
  listen(EVENT.SDK_NOT_READY, () => chat.getLoginUser() === '' && forgetAll())
}

export function conversationOf(conversationID: string): Conversation | undefined {
  return state.all.find((conversation) => conversation.conversationID === conversationID)
}

/** What a conversation is called: the remark, the nickname or the group's name, else the id. Empty for system notices. */
export function nameOf({ conversationID, type, remark, userProfile, groupProfile }: Conversation): string {
  if (type === TYPES.CONV_SYSTEM) return ''
  if (type === TYPES.CONV_GROUP) return groupProfile?.name || conversationID.slice(TYPES.CONV_GROUP.length)
  return remark || userProfile?.nick || conversationID.slice(TYPES.CONV_C2C.length)
}

export function pictureOf({ type, userProfile, groupProfile }: Conversation): string | undefined {
  return type === TYPES.CONV_GROUP ? groupProfile?.avatar : userProfile?.avatar
}

/** Its messages come without a sound and do not count in the total. */
export function isMuted({ type, messageRemindType }: Conversation): boolean {
  return type !== TYPES.CONV_SYSTEM && messageRemindType !== TYPES.MSG_REMIND_ACPT_AND_NOTE
}

export async function togglePin({ conversationID, isPinned }: Conversation): Promise<void> {
  await chat.pinConversation({ conversationID, isPinned: !isPinned })
}

export async function toggleMute(conversation: Conversation): Promise<void> {
  const { conversationID, type } = conversation
  const messageRemindType = isMuted(conversation) ? TYPES.MSG_REMIND_ACPT_AND_NOTE : TYPES.MSG_REMIND_ACPT_NOT_NOTE
  if (type === TYPES.CONV_GROUP) {
    await chat.setMessageRemindType({ groupID: conversationID.slice(TYPES.CONV_GROUP.length), messageRemindType })
  } else {
    const userIDList = [conversationID.slice(TYPES.CONV_C2C.length)]
    await chat.setMessageRemindType({ userIDList, messageRemindType })
  }
}

export async function markRead({ conversationID }: Conversation): Promise<void> {
  await chat.setMessageRead({ conversationID })
}

/** With everything in it, for this user alone. */
export async function deleteConversation({ conversationID }: Conversation): Promise<void> {
  await chat.deleteConversation(conversationID)
}

/** It comes back with the next message. */
export function hideConversation(conversation: Conversation): void {
  hiddenConversations.hide(conversation)
}

async function load(): Promise<void> {
  hiddenConversations.of(chat.getLoginUser())
  const { conversationList } = (await chat.getConversationList()).data
  take(conversationList)
  state.unreadTotal = chat.getTotalUnreadMessageCount()
}

function take(list: readonly Conversation[]): void {
  state.all = list.map((conversation) => ({ ...conversation, lastMessage: { ...conversation.lastMessage } }))
  state.isLoaded = true
}

function forgetAll(): void {
  Object.assign(state, { all: [], isLoaded: false, unreadTotal: 0 })
}
