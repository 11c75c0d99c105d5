import type { Conversation } from '@hongyan/client-sdk'
import { TYPES } from '../../im/chat.ts'

/** A conversation to which something can be handed on. */
export interface ForwardTarget {
  readonly conversationID: string
  readonly name: string
  readonly avatar: string
}

/** All but the system's, in the list's order. */
export function targetsOf(conversations: readonly Conversation[]): readonly ForwardTarget[] {
  return conversations.filter(({ type }) => type !== TYPES.CONV_SYSTEM).map(targetOf)
}

/** Those whose name or ID has the words in it. */
export function targetsMatching(targets: readonly ForwardTarget[], words: string): readonly ForwardTarget[] {
  const wanted = words.trim().toLocaleLowerCase()
  return targets.filter(({ name, conversationID }) => `${name} ${conversationID}`.toLocaleLowerCase().includes(wanted))
}

function targetOf({ conversationID, type, groupProfile, userProfile, remark }: Conversation): ForwardTarget {
  if (type === TYPES.CONV_GROUP) {
    return { conversationID, name: groupProfile?.name || conversationID, avatar: groupProfile?.avatar ?? '' }
  }
  const { userID, nick, avatar } = userProfile
  return { conversationID, name: remark || nick || userID, avatar }
}
