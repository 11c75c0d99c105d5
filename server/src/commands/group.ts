import { parseGroupId, parseUserId, Refused, type GroupId, type UserId } from '@hongyan/protocol'
import type { ApplicationsService } from '../groups/applications-service.ts'
import type { FoundingService } from '../groups/founding-service.ts'
import type { GroupsService } from '../groups/groups-service.ts'
import type { MembershipService } from '../groups/membership-service.ts'
import type { MembersService } from '../groups/members-service.ts'
import type { RoomsService } from '../rooms/rooms-service.ts'
import type { FamilyHandlers, Handlers } from './handler.ts'

export interface GroupServices {
  readonly founding: FoundingService
  readonly groups: GroupsService
  readonly membership: MembershipService
  readonly members: MembersService
  readonly applications: ApplicationsService
  readonly rooms: RoomsService
}

/** The part of the family that stands in group-data.ts. */
export type GroupDataCommand =
  | 'group.setAttributes'
  | 'group.deleteAttributes'
  | 'group.attributes'
  | 'group.setCounters'
  | 'group.counters'
  | 'group.pinMessage'
  | 'group.pinnedMessages'

export function groupHandlers(services: GroupServices): Omit<FamilyHandlers<'group'>, GroupDataCommand> {
  const { founding, groups, membership, members, applications, rooms } = services
  return {
    'group.create': (caller, body) => {
      if (body.groupId !== undefined) mustBeGroupId(body.groupId)
      for (const { userId } of body.members ?? []) mustBeUserId(userId)
      return founding.create(caller, body)
    },
    'group.find': async (caller, body) => {
      const found = await groups.find(caller, body.groupIds.map(mustBeGroupId))
      return { groups: found.map((group) => rooms.counted(group)) }
    },
    'group.update': async (caller, body) => {
      const { group, ...rest } = await groups.update(caller, body)
      return { ...rest, group: rooms.counted(group) }
    },
    'group.dismiss': async (caller, body) => {
      await groups.dismiss(caller, mustBeGroupId(body.groupId))
      return {}
    },
    'group.transfer': (caller, body) => groups.transfer(caller, mustBeGroupId(body.groupId), mustBeUserId(body.userId)),
    'group.join': async (caller, body) =>
      (await rooms.join(caller, mustBeGroupId(body.groupId))) ?? membership.join(caller, body),
    'group.quit': async (caller, body) => {
      const groupId = mustBeGroupId(body.groupId)
      if (!(await rooms.quit(caller, groupId))) await membership.quit(caller, groupId)
      return {}
    },
    'group.invite': (caller, body) => membership.invite(caller, { ...body, userIds: body.userIds.map(mustBeUserId) }),
    'group.kick': (caller, body) => membership.kick(caller, { ...body, userIds: body.userIds.map(mustBeUserId) }),
    'group.setRole': async (caller, body) => ({ member: await members.setRole(caller, body) }),
    'group.mute': async (caller, body) => ({ member: await members.mute(caller, body) }),
    'group.setMember': async (caller, body) => ({ member: await members.setMember(caller, body) }),
    'group.members': async (caller, body) => {
      const visitors = await rooms.visitors(caller, mustBeGroupId(body.groupId))
      return visitors ? { members: [...visitors] } : members.list(caller, body)
    },
    'group.findMembers': async (caller, body) => {
      const userIds = body.userIds.map(mustBeUserId)
      const visitors = await rooms.visitors(caller, mustBeGroupId(body.groupId), userIds)
      return { members: [...(visitors ?? (await members.find(caller, body.groupId, userIds)))] }
    },
    'group.onlineCount': async (caller, body) => ({
      count: (await rooms.count(body.groupId)) ?? (await members.onlineCount(caller, body.groupId)),
    }),
    'group.applications': (caller) => applications.list(caller),
    'group.decide': async (caller, body) => ({ group: await applications.decide(caller, body) }),
  } satisfies Partial<Handlers>
}

function mustBeGroupId(text: string): GroupId {
  const groupId = parseGroupId(text)
  if (groupId === undefined) throw new Refused('BAD_GROUP_ID')
  return groupId
}

function mustBeUserId(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Refused('BAD_USER_ID')
  return userId
}
