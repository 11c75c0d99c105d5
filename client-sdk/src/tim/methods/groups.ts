import type { Chat, Result } from '../chat.ts'
import { timError } from '../errors.ts'
import { synced } from '../first-lists.ts'
import type { Group } from '../mapping/group.ts'
import { toGroupId } from '../mapping/ids.ts'
import { RateLimit } from '../rate-limit.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { OnlineCounts } from './online-counts.ts'

/** Looking at groups (tim-semantics §2.3 GRP). */
export function groupMethods(chat: Chat) {
  const profileLimit = new RateLimit(chat.platform.clock, 8, 1_000)
  const onlineCounts = new OnlineCounts(chat)

  async function find(groupID: string): Promise<Group> {
    const { groups } = await chat.client.ask('group.find', { groupIds: [toGroupId(groupID)] })
    const [found] = groups
    if (!found) throw timError(10010)
    return chat.groups.adopt(found)
  }

  /** Of the user's own groups everything is known here; live rooms do not tell who comes and goes. */
  async function profile(groupID: string): Promise<{ group: Group }> {
    const known = chat.groups.get(toGroupId(groupID))
    if (known && known.type !== TYPES.GRP_AVCHATROOM) return { group: known }
    profileLimit.take()
    return { group: await find(groupID) }
  }

  return {
    /** TIM's filter of fields is taken and has no effect: all of them are here. */
    getGroupList: (_options?: object) =>
      chat.run('group', async () => {
        await synced(chat)
        return { groupList: chat.groups.all(), isSyncCompleted: chat.client.isSyncComplete }
      }),
    getGroupProfile: (options: { groupID: string; groupCustomFieldFilter?: string[] }) => {
      assertParameter(isObject(options) && isText(options.groupID), 'getGroupProfile', '{ groupID }')
      return chat.run('group', () => profile(options.groupID))
    },
    searchGroupByID: (groupID: string) => {
      assertParameter(isText(groupID), 'searchGroupByID', 'a groupID')
      return chat.run('group', async () => ({ group: await find(groupID) }))
    },
    getGroupOnlineMemberCount: (groupID: string): Promise<Result<{ memberCount: number }>> => {
      assertParameter(isText(groupID), 'getGroupOnlineMemberCount', 'a groupID')
      return chat.run('group', async () => ({ memberCount: await onlineCounts.get(groupID) }))
    },
  }
}
