import type { Message } from '@hongyan/client-sdk'
import { TYPES } from '../../im/chat.ts'

/** Who founded the group, if this is the message in which TIM's SDK says so; anybody can write such a one. */
export function founderIn({ type, payload }: Pick<Message, 'type' | 'payload'>): string | undefined {
  if (type !== TYPES.MSG_CUSTOM || !payload.data?.includes('group_create')) return undefined
  try {
    const data: unknown = JSON.parse(payload.data)
    if (typeof data !== 'object' || data === null) return undefined
    const isCreation = 'businessID' in data && data.businessID === 'group_create'
    return isCreation && 'opUser' in data && typeof data.opUser === 'string' ? data.opUser : undefined
  } catch {
    return undefined
  }
}
