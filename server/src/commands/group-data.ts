import type { GroupDataService } from '../group-data/group-data-service.ts'
import type { FamilyHandlers } from './handler.ts'
import type { GroupDataCommand } from './group.ts'

/** The part of the group family that is about what a group keeps besides messages and members. */
export function groupDataHandlers(groupData: GroupDataService): Pick<FamilyHandlers<'group'>, GroupDataCommand> {
  return {
    'group.setAttributes': async (caller, body) => {
      await groupData.setAttributes(caller, body)
      return {}
    },
    'group.deleteAttributes': async (caller, body) => ({ keys: await groupData.deleteAttributes(caller, body) }),
    'group.attributes': async (caller, { groupId }) => ({
      attributes: Object.fromEntries(await groupData.attributes(caller, groupId)),
    }),
    'group.setCounters': async (caller, body) => ({
      counters: Object.fromEntries(await groupData.setCounters(caller, body)),
    }),
    'group.counters': async (caller, { groupId }) => ({
      counters: Object.fromEntries(await groupData.counters(caller, groupId)),
    }),
    'group.pinMessage': async (caller, body) => {
      await groupData.pinMessage(caller, body)
      return {}
    },
    'group.pinnedMessages': async (caller, { groupId }) => ({
      pinned: [...(await groupData.pinnedMessages(caller, groupId))],
    }),
  }
}
