import type { Conversation, Message } from '@hongyan/client-sdk'

export interface Situation {
  /** Of the message; undefined while the list does not have it yet. */
  readonly conversation: Pick<Conversation, 'type' | 'messageRemindType' | 'groupAtInfoList'> | undefined
  readonly message: Pick<Message, 'flow' | 'type' | 'sequence' | 'status' | '_onlineOnlyFlag'>
  /** The reader has this conversation before his eyes. */
  readonly isBeingRead: boolean
}

/** Whether a message is worth a sound and a notification. */
export function isWorthTelling({ conversation, message, isBeingRead }: Situation): boolean {
  if (message.flow === 'out' || message.type === 'TIMGroupTipElem' || message._onlineOnlyFlag || isBeingRead)
    return false
  switch (conversation?.messageRemindType) {
    case 'AcceptNotNotify':
    case 'Discard':
      return false
    case 'AcceptNotNotifyExceptAt':
    case 'NotReceiveMsgExceptAt':
      return conversation.groupAtInfoList.some(({ messageSequence }) => messageSequence === message.sequence)
    default:
      return true
  }
}
