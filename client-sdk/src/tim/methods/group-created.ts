import type { GroupType } from '@hongyan/protocol'
import type { Self } from '../../core/client-api.ts'

/** What kits draw as “… created the group” (tim-semantics §4.10): TIM's own SDK sends it after founding a group. */
export function groupCreatedText({ nick, userId }: Self, type: GroupType): string {
  return JSON.stringify({
    businessID: 'group_create',
    version: 4,
    opUser: nick === '' ? userId : nick,
    content: type === 'community' ? '创建社群' : '创建群组',
    cmd: type === 'community' ? 1 : 0,
  })
}
