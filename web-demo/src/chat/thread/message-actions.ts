import type { Group, Message } from '@hongyan/client-sdk'
import { TYPES } from '../../im/chat.ts'
import { isStored } from '../../im/thread-window.ts'

/** What can be done with a message; also their order in the menu. */
export type ActionName =
  'copy' | 'reply' | 'forward' | 'react' | 'select' | 'pin' | 'unpin' | 'readers' | 'resend' | 'revoke' | 'remove'

/** What decides about it besides the message itself. */
export interface Standing {
  readonly me: string
  readonly group: Group | undefined
  readonly isPinned: boolean
}

/** What the user may do. Whether it is too late to recall only the server knows: it says so. */
export function actionsFor(message: Message, { me, group, isPinned }: Standing): readonly ActionName[] {
  if (message.isRevoked || message.isSystemMessage) return ['remove']
  const isText = message.type === TYPES.MSG_TEXT
  if (!isStored(message)) {
    return [
      ...(isText ? (['copy'] as const) : []),
      ...(message.status === 'fail' ? (['resend', 'remove'] as const) : []),
    ]
  }
  const names: readonly (ActionName | false)[] = [
    isText && 'copy',
    'reply',
    'forward',
    'react',
    'select',
    mayPin(group) && (isPinned ? 'unpin' : 'pin'),
    group !== undefined && message.from === me && message.needReadReceipt && 'readers',
    (message.from === me || mayRevokeOthers(group)) && 'revoke',
    'remove',
  ]
  return names.filter((name) => name !== false)
}

/** In a work group everybody, elsewhere who leads it. */
function mayPin(group: Group | undefined): boolean {
  if (!group) return false
  return group.type === TYPES.GRP_WORK || isLeader(group)
}

function mayRevokeOthers(group: Group | undefined): boolean {
  if (!group) return false
  return group.type === TYPES.GRP_WORK ? group.selfInfo.role === TYPES.GRP_MBR_ROLE_OWNER : isLeader(group)
}

function isLeader({ selfInfo }: Group): boolean {
  return selfInfo.role === TYPES.GRP_MBR_ROLE_OWNER || selfInfo.role === TYPES.GRP_MBR_ROLE_ADMIN
}
