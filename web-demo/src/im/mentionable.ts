import type { GroupMember } from '@hongyan/client-sdk'
import { TYPES, chat } from './chat.ts'

const PAGE = 100
/** Who reads more names than this does not look for one in a list. */
const MAX_MEMBERS = 1_000

/** The members of the group but the user himself, page by page. Rejects with TIM's code. */
export async function loadOtherMembers(groupID: string): Promise<readonly GroupMember[]> {
  const members: GroupMember[] = []
  let offset = 0
  do {
    const { data } = await chat.getGroupMemberList({ groupID, count: PAGE, offset })
    members.push(...data.memberList)
    offset = data.offset
  } while (offset > 0 && members.length < MAX_MEMBERS)
  const self = chat.getLoginUser()
  return members.filter(({ userID }) => userID !== self)
}

/** Owners and administrators call everybody. */
export function mayCallAll(role: string): boolean {
  return role === TYPES.GRP_MBR_ROLE_OWNER || role === TYPES.GRP_MBR_ROLE_ADMIN
}
