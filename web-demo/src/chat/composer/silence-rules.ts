import type { Group } from '@hongyan/client-sdk'
import { TYPES } from '../../im/chat.ts'

/** Why nothing can be written here. */
export type Silence =
  | { readonly reason: 'not-a-member' | 'all-muted' | 'no-answers' }
  | { readonly reason: 'muted'; readonly untilMs: number }

export interface Place {
  readonly type: 'C2C' | 'GROUP' | 'SYSTEM'
  /** Whether the server has said in which groups the user is. */
  readonly isKnown: boolean
  readonly group: Pick<Group, 'muteAllMembers' | 'selfInfo'> | undefined
}

/** Undefined when one may write. The server decides in the end; this only spares a refusal. */
export function silenceIn({ type, isKnown, group }: Place, nowMs: number): Silence | undefined {
  if (type === 'SYSTEM') return { reason: 'no-answers' }
  if (type === 'C2C' || !isKnown) return undefined
  if (group === undefined) return { reason: 'not-a-member' }
  const { role, muteTime } = group.selfInfo
  const untilMs = muteTime * 1000
  if (untilMs > nowMs) return { reason: 'muted', untilMs }
  return group.muteAllMembers && role === TYPES.GRP_MBR_ROLE_MEMBER ? { reason: 'all-muted' } : undefined
}
