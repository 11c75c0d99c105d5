import type { Group } from '@hongyan/protocol'
import { TYPES } from '../types.ts'
import type { Message } from './message.ts'
import { isPayload } from './payload.ts'
import { GROUP_TYPES } from './words.ts'

/** Adds to a message what it could not say of its group while the group's state was still on its way. */
export function completeWithGroup(message: Message, { type, name }: Group): void {
  message.conversationSubType ??= GROUP_TYPES.toTim(type)
  const profile = message.type === TYPES.MSG_GRP_TIP ? message.payload['groupProfile'] : undefined
  if (isPayload(profile) && profile['groupName'] === '') profile['groupName'] = name
}
