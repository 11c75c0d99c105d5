import { LIMITS, parseUserId } from '@hongyan/protocol/constants'
import type { ReplyOf } from '@hongyan/protocol'
import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import type { Group } from '../mapping/group.ts'
import { toGroupId } from '../mapping/ids.ts'
import { assertParameter, isObject, isText, isTextList } from '../validation.ts'
import { usersIn } from './group-members.ts'

export interface DeleteMemberOptions {
  groupID: string
  userIDList: string[]
  reason?: string
  /** In seconds: they may not come back for so long. */
  duration?: number
}

/** Who is brought into a group, and who is sent away (tim-semantics §2.3 MBR). */
export function membershipMethods(chat: Chat) {
  async function add(groupID: string, userIDList: readonly string[]) {
    if (chat.groups.ours(groupID)?.type === 'live') throw timError(2661)
    const groupId = toGroupId(groupID)
    const userIds = usersIn(userIDList)
    const malformed = userIDList.filter((userID) => parseUserId(userID) === undefined)
    const replies = []
    for (const some of chunks(userIds, LIMITS.membersPerRequest))
      replies.push(await chat.client.ask('group.invite', { groupId, userIds: some }))
    const joined = replies.flatMap((reply) => reply.joined)
    const isForNothing = replies.length > 0 && replies.every(areAllOverLimit)
    if (isForNothing && isFull(chat.groups.get(groupId))) throw timError(10014)
    const group = joined.length > 0 ? chat.groups.get(groupId) : undefined
    return {
      successUserIDList: joined as string[],
      failureUserIDList: [...malformed, ...replies.flatMap(({ unknown }) => unknown)],
      existedUserIDList: replies.flatMap(({ already }): string[] => already),
      overLimitUserIDList: replies.flatMap(({ overLimit }): string[] => overLimit),
      /** Who has to agree first, or for whom an admin has to. */
      waitingUserIDList: replies.flatMap(({ waiting }): string[] => waiting),
      ...(group ? { group } : {}),
    }
  }

  async function remove({ groupID, userIDList, reason, duration }: DeleteMemberOptions) {
    const groupId = toGroupId(groupID)
    const group = chat.groups.get(groupId)
    if (!group) throw timError(2603)
    const isLive = chat.groups.ours(groupID)?.type === 'live'
    const isDuration = typeof duration === 'number' && duration > 0
    if (isLive && !isDuration) throw timError(2686)
    const removed: string[] = []
    for (const userIds of chunks(usersIn(userIDList), LIMITS.membersPerRequest)) {
      const reply = await chat.client.ask('group.kick', {
        ...{ groupId, userIds },
        ...(reason === undefined || reason === '' ? {} : { reason }),
        ...(isDuration ? { banSeconds: Math.floor(duration) } : {}),
      })
      removed.push(...reply.removed)
    }
    return { group, userIDList: removed }
  }

  return {
    addGroupMember: (options: { groupID: string; userIDList: string[] }) => {
      const isGood = isObject(options) && isText(options.groupID) && isTextList(options.userIDList)
      assertParameter(isGood, 'addGroupMember', '{ groupID, userIDList }')
      return chat.run('group', () => add(options.groupID, options.userIDList))
    },
    deleteGroupMember: (options: DeleteMemberOptions) => {
      const isGood = isObject(options) && isText(options.groupID) && isTextList(options.userIDList)
      assertParameter(isGood, 'deleteGroupMember', '{ groupID, userIDList, reason?, duration? }')
      return chat.run('group', () => remove(options))
    },
  }
}

function areAllOverLimit({ joined, waiting, already, unknown, overLimit }: ReplyOf<'group.invite'>): boolean {
  return overLimit.length > 0 && [joined, waiting, already, unknown].every((ids) => ids.length === 0)
}

function isFull(group: Group | undefined): boolean {
  return group !== undefined && group.memberCount >= group.maxMemberCount
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
}
