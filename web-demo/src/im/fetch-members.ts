import type { GroupMember } from '@hongyan/client-sdk'
import { chat } from './chat.ts'

const PAGE = 100

/** The first members of a group, page by page, until there are `enough`; copies. `next` is 0 at the end. Rejects with TIM's code. */
export async function fetchMembers(
  groupID: string,
  enough: number,
): Promise<{ readonly members: readonly GroupMember[]; readonly next: number }> {
  const members: GroupMember[] = []
  let next = 0
  do {
    const { data } = await chat.getGroupMemberList({ groupID, count: PAGE, offset: next })
    members.push(...data.memberList.map((member) => ({ ...member })))
    next = data.offset
  } while (next > 0 && members.length < enough)
  return { members, next }
}
