import { Refused } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { groupHandlers } from './group.ts'
import type { Caller } from './handler.ts'

const caller = { userId: 'anna', accountKey: 1 } as unknown as Caller

/** Services of which each call is written down and answered with nothing; rooms are those of the ids given. */
function standHandlers(roomIds: readonly string[] = []) {
  const calls: string[] = []
  const service = (name: string): never =>
    new Proxy(
      {},
      {
        get: (_target, method) => () => {
          calls.push(`${name}.${String(method)}`)
          return Promise.resolve({})
        },
      },
    ) as never
  const isRoom = (groupId: string): boolean => roomIds.includes(groupId)
  const rooms = {
    join: (_caller: Caller, groupId: string) => Promise.resolve(isRoom(groupId) ? { status: 'joined' } : undefined),
    quit: (_caller: Caller, groupId: string) => Promise.resolve(isRoom(groupId)),
    visitors: (_caller: Caller, groupId: string) => Promise.resolve(isRoom(groupId) ? [] : undefined),
    count: (groupId: string) => Promise.resolve(isRoom(groupId) ? 3 : undefined),
    counted: (group: object) => group,
  } as never
  const handlers = groupHandlers({
    founding: service('founding'),
    groups: service('groups'),
    membership: service('membership'),
    members: service('members'),
    applications: service('applications'),
    rooms,
  })
  return { handlers, calls }
}

async function refusalOf(run: () => unknown): Promise<string | undefined> {
  try {
    await run()
    return undefined
  } catch (err) {
    return err instanceof Refused ? err.code : String(err)
  }
}

describe('a group command', () => {
  const bad = ['', ' ', 'a b', '七年级', 'x'.repeat(49), 'a\n', 'a\u007f'] as never[]

  test.each(bad)('%j is no group to found, find, join, leave, end or give away', async (groupId) => {
    const { handlers, calls } = standHandlers()
    const founding = { requestId: 'r', type: 'work', name: 'x', groupId } as const
    for (const run of [
      () => handlers['group.create'](caller, founding),
      () => handlers['group.find'](caller, { groupIds: ['fine' as never, groupId] }),
      () => handlers['group.join'](caller, { groupId }),
      () => handlers['group.quit'](caller, { groupId }),
      () => handlers['group.dismiss'](caller, { groupId }),
      () => handlers['group.transfer'](caller, { groupId, userId: 'bert' as never }),
      () => handlers['group.members'](caller, { groupId, limit: 1 }),
    ]) {
      expect(await refusalOf(run)).toBe('BAD_GROUP_ID')
    }
    expect(calls).toEqual([])
  })

  test.each(['', ' ', '@system', 'a b', 'x'.repeat(33)] as never[])(
    '%j is nobody to invite, remove or look for',
    async (userId) => {
      const { handlers, calls } = standHandlers()
      const body = { groupId: 'g' as never, userIds: ['bert' as never, userId] }
      const founding = { requestId: 'r', type: 'work', name: 'x', members: [{ userId }] } as const
      for (const run of [
        () => handlers['group.create'](caller, founding as never),
        () => handlers['group.invite'](caller, body),
        () => handlers['group.kick'](caller, body),
        () => handlers['group.findMembers'](caller, body),
        () => handlers['group.transfer'](caller, { groupId: body.groupId, userId }),
      ]) {
        expect(await refusalOf(run)).toBe('BAD_USER_ID')
      }
      expect(calls).toEqual([])
    },
  )

  test('of a live room goes to the rooms, of any other group to its members', async () => {
    const { handlers, calls } = standHandlers(['room'])
    const room = { groupId: 'room' as never }
    expect(await handlers['group.join'](caller, room)).toEqual({ status: 'joined' })
    await handlers['group.quit'](caller, room)
    expect(await handlers['group.members'](caller, { ...room, limit: 1 })).toEqual({ members: [] })
    expect(await handlers['group.onlineCount'](caller, room)).toEqual({ count: 3 })
    expect(calls).toEqual([])
    const other = { groupId: 'class' as never }
    await handlers['group.join'](caller, other)
    await handlers['group.quit'](caller, other)
    await handlers['group.members'](caller, { ...other, limit: 1 })
    await handlers['group.onlineCount'](caller, other)
    expect(calls).toEqual(['membership.join', 'membership.quit', 'members.list', 'members.onlineCount'])
  })
})
