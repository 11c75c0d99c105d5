import { LIMITS, parseUserId } from '@hongyan/protocol/constants'
import type { Member, UserId } from '@hongyan/protocol'
import type { Chat } from '../chat.ts'
import { GroupMember } from '../mapping/group-member.ts'
import { toGroupId } from '../mapping/ids.ts'
import { ROLES } from '../mapping/words.ts'
import { PageCursors } from '../page-cursors.ts'
import { RateLimit } from '../rate-limit.ts'
import { assertParameter, isObject, isText, isTextList } from '../validation.ts'

/** TIM's page, unless more are asked for. */
const PAGE = 15

export interface MemberListOptions {
  groupID: string
  count?: number
  offset?: number
  role?: string
}

/** Who is in a group (tim-semantics §2.3 MBR). */
export function groupMemberMethods(chat: Chat) {
  const cursors = new PageCursors()
  const liveLimit = new RateLimit(chat.platform.clock, 4, 30_000)

  async function list({ groupID, count, offset, role }: MemberListOptions) {
    const groupId = toGroupId(groupID)
    if (chat.groups.ours(groupID)?.type === 'live') liveLimit.take()
    const word = ROLES.toOurs(role)
    const only = word === undefined ? {} : { role: word }
    const { items, next } = await cursors.page(
      `${groupID} ${word ?? ''}`,
      wholeFrom0(offset),
      Math.min(LIMITS.memberPage, wholeFrom0(count) || PAGE),
      async (after, limit) => {
        const from = after === undefined ? {} : { after }
        const reply = await chat.client.ask('group.members', { groupId, ...only, ...from, limit })
        return { items: reply.members, next: reply.next }
      },
    )
    return { memberList: items.map(toTimMember), offset: next }
  }

  /** Of a group the user is not in TIM gives an empty list. */
  async function listOrNothing(options: MemberListOptions) {
    try {
      return await list(options)
    } catch (error) {
      if (isNotAMember(error)) return { memberList: [], offset: 0 }
      throw error
    }
  }

  async function profiles(groupID: string, userIDs: readonly string[]): Promise<GroupMember[]> {
    const groupId = toGroupId(groupID)
    const userIds = usersIn(userIDs).slice(0, LIMITS.memberProfilesPerRequest)
    if (userIds.length === 0) return []
    const { members } = await chat.client.ask('group.findMembers', { groupId, userIds })
    return members.map(toTimMember)
  }

  return {
    getGroupMemberList: (options: MemberListOptions) => {
      const wanted = '{ groupID, count?, offset?, role? }'
      assertParameter(isObject(options) && isText(options.groupID), 'getGroupMemberList', wanted)
      return chat.run('group', () => listOrNothing(options))
    },
    getGroupMemberProfile: (options: { groupID: string; userIDList: string[]; memberCustomFieldFilter?: string[] }) => {
      const isGood = isObject(options) && isText(options.groupID) && isTextList(options.userIDList)
      assertParameter(isGood, 'getGroupMemberProfile', '{ groupID, userIDList }')
      return chat.run('group', async () => ({ memberList: await profiles(options.groupID, options.userIDList) }))
    },
  }
}

export function toTimMember(member: Member): GroupMember {
  return new GroupMember(member)
}

/** The group and a member of it, as the server has just said. */
export function memberResult(chat: Chat, groupID: string, member: Member) {
  return { group: chat.groups.getOrEmpty(toGroupId(groupID)), member: toTimMember(member) }
}

/** Those that can be users, each once. */
export function usersIn(userIDs: readonly string[]): UserId[] {
  return [...new Set(userIDs)].flatMap((userID) => parseUserId(userID) ?? [])
}

function wholeFrom0(value: unknown): number {
  const number = Number(value)
  return Number.isSafeInteger(number) && number > 0 ? number : 0
}

function isNotAMember(error: unknown): boolean {
  return error instanceof Error && 'failure' in error && error.failure === 'NOT_A_MEMBER'
}
