import type { Conversation, Group } from '@hongyan/client-sdk'
import { TYPES } from '../../im/chat.ts'

/** A conversation to which something can be handed on. */
export interface ForwardTarget {
  readonly conversationID: string
  readonly name: string
  readonly avatar: string
  /** What the colour of its letter belongs to: a person has the same everywhere. */
  readonly faceID: string
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
    // Of a group that the user has left nothing may be there.
    const group: Group | undefined = groupProfile
    const name = group?.name || conversationID
    return { conversationID, name, avatar: group?.avatar ?? '', faceID: conversationID }
  }
  const { userID, nick, avatar } = userProfile
  return { conversationID, name: remark || nick || userID, avatar, faceID: userID }
}
