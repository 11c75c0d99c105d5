import type { GroupMember } from '@hongyan/client-sdk'
import { TYPES, chat } from './chat.ts'
import { fetchMembers } from './fetch-members.ts'

/** Who reads more names than this does not look for one in a list. */
const MAX_MEMBERS = 1_000

/** The members of the group but the user himself, page by page. Rejects with TIM's code. */
export async function loadOtherMembers(groupID: string): Promise<readonly GroupMember[]> {
  const { members } = await fetchMembers(groupID, MAX_MEMBERS)
  const self = chat.getLoginUser()
  return members.filter(({ userID }) => userID !== self)
}

/** Owners and administrators call everybody. */
export function mayCallAll(role: string): boolean {
  return role === TYPES.GRP_MBR_ROLE_OWNER || role === TYPES.GRP_MBR_ROLE_ADMIN
}
