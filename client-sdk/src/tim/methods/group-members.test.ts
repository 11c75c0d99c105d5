import { describe, expect, test } from 'vitest'
import type { RequestOf } from '@hongyan/protocol'
import { classStand, lastAsked, member, putGroup } from '../test/group-stand.ts'
import type { Stand } from '../test/stand.ts'

/** A class of so many, whose server pages by the number of the last member as a text. */
async function bigClass(count: number): Promise<Stand> {
  const stand = await classStand()
  stand.client.answer('group.members', ({ after = '0', limit }: RequestOf<'group.members'>) => {
    const from = Number(after)
    const to = Math.min(count, from + limit)
    const members = Array.from({ length: to - from }, (_, index) => member(`u${from + index}`))
    return { members, ...(to < count ? { next: String(to) } : {}) }
  })
  return stand
}

async function list({ chat }: Stand, more: object = {}) {
  const { memberList, offset } = (await chat.getGroupMemberList({ groupID: 'class1', ...more })).data
  return { names: memberList.map(({ userID }) => userID), offset }
}

const names = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `u${from + index}`)

describe('getGroupMemberList', () => {
  test('is paged by offsets; 0 says that there are no more', async () => {
    const stand = await bigClass(40)
    expect(await list(stand)).toEqual({ names: names(0, 15), offset: 15 })
    expect(await list(stand, { offset: 15, count: 100 })).toEqual({ names: names(15, 40), offset: 0 })
    expect(await list(stand, { count: 500 })).toEqual({ names: names(0, 40), offset: 0 })
  })

  test('goes to an offset that it never gave', async () => {
    const stand = await bigClass(250)
    expect(await list(stand, { offset: 230, count: 50 })).toEqual({ names: names(230, 250), offset: 0 })
    expect(await list(stand, { offset: 300, count: 50 })).toEqual({ names: [], offset: 0 })
  })

  test('has TIM’s members', async () => {
    const stand = await classStand()
    const custom = [{ key: 'seat', value: '7' }]
    const one = member('parent', { role: 'admin', nameCard: '妈妈', mutedUntilMs: 1_700_000_000_001, custom })
    stand.client.answer('group.members', { members: [one] })
    const { memberList } = (await stand.chat.getGroupMemberList({ groupID: 'class1', role: 'Admin' })).data
    expect(lastAsked(stand)?.body).toEqual({ groupId: 'class1', role: 'admin', limit: 15 })
    expect(Object.assign({}, memberList[0])).toEqual({
      ...{ userID: 'parent', nick: 'nick of parent', avatar: 'https://school.example/parent.png', role: 'Admin' },
      ...{ joinTime: 1_650_000_000, lastSendMsgTime: 0, nameCard: '妈妈', muteUntil: 1_700_000_001, isOnline: false },
      memberCustomField: custom,
    })
  })

  test('of a group the user is not in is empty', async () => {
    const stand = await classStand()
    stand.client.failing.set('group.members', 'NOT_A_MEMBER')
    expect(await list(stand)).toEqual({ names: [], offset: 0 })
  })

  test('of a live room may be asked for four times in 30 s', async () => {
    const stand = await bigClass(3)
    putGroup(stand, { group: { type: 'live' } })
    for (let i = 0; i < 4; i++) await list(stand)
    await expect(list(stand)).rejects.toMatchObject({ code: 2996 })
  })
})

test('getGroupMemberProfile asks for fifty at most and passes over what is no user id', async () => {
  const stand = await classStand()
  stand.client.answer('group.findMembers', ({ userIds }) => ({ members: userIds.map((userId) => member(userId)) }))
  const userIDList = ['with space', 'u0', ...names(0, 60)]
  const { memberList } = (await stand.chat.getGroupMemberProfile({ groupID: 'class1', userIDList })).data
  expect(memberList.map(({ userID }) => userID)).toEqual(names(0, 50))
})

describe('addGroupMember', () => {
  test('says of each what became of him; the group only where somebody came in', async () => {
    const stand = await classStand()
    const [joined, waiting, already, overLimit, unknown] = ['a', 'b', 'c', 'd', 'e'].map((id) => [id as never])
    stand.client.answer('group.invite', { joined, waiting, already, overLimit, unknown } as never)
    const { data } = await stand.chat.addGroupMember({
      groupID: 'class1',
      userIDList: ['a', 'b', 'c', 'd', 'e', 'f f'],
    })
    expect(data).toMatchObject({
      ...{ successUserIDList: ['a'], failureUserIDList: ['f f', 'e'], existedUserIDList: ['c'] },
      ...{ overLimitUserIDList: ['d'], waitingUserIDList: ['b'], group: { groupID: 'class1' } },
    })
    const none = { joined: [], waiting: [], already, overLimit: [], unknown: [] } as never
    stand.client.answer('group.invite', none)
    const { data: second } = await stand.chat.addGroupMember({ groupID: 'class1', userIDList: ['c'] })
    expect(Object.keys(second)).not.toContain('group')
  })

  test('asks for three hundred at a time, and for nobody in a live room', async () => {
    const stand = await classStand()
    stand.client.answer('group.invite', ({ userIds }) => ({
      ...{ joined: userIds, waiting: [], already: [], overLimit: [], unknown: [] },
    }))
    const { data } = await stand.chat.addGroupMember({ groupID: 'class1', userIDList: names(0, 700) })
    expect(data.successUserIDList).toHaveLength(700)
    expect(stand.client.asked).toHaveLength(3)
    putGroup(stand, { group: { type: 'live' } })
    const call = stand.chat.addGroupMember({ groupID: 'class1', userIDList: ['a'] })
    await expect(call).rejects.toMatchObject({ code: 2661 })
  })
})

describe('deleteGroupMember', () => {
  test('gives the group and who is gone, with reason and time passed on', async () => {
    const stand = await classStand()
    stand.client.answer('group.kick', ({ userIds }) => ({ removed: userIds }))
    const options = { groupID: 'class1', userIDList: ['a', 'b'], reason: '转学', duration: 60 }
    const { data } = await stand.chat.deleteGroupMember(options)
    expect(lastAsked(stand)?.body).toEqual({ groupId: 'class1', userIds: ['a', 'b'], reason: '转学', banSeconds: 60 })
    expect(data).toMatchObject({ group: { groupID: 'class1' }, userIDList: ['a', 'b'] })
  })

  test('rejects 2603 for a group that is not the user’s, 2686 in a live room without a time', async () => {
    const stand = await classStand({ group: { type: 'live' } })
    const kick = (groupID: string) => stand.chat.deleteGroupMember({ groupID, userIDList: ['a'] })
    await expect(kick('elsewhere')).rejects.toMatchObject({ code: 2603 })
    await expect(kick('class1')).rejects.toMatchObject({ code: 2686 })
  })
})

describe('a member’s place', () => {
  test('setGroupMemberRole: by the owner, of others, to admin or member', async () => {
    const stand = await classStand()
    stand.client.answer('group.setRole', ({ userId, role }) => ({ member: member(userId, { role }) }))
    const set = (userID: string, role: string) => stand.chat.setGroupMemberRole({ groupID: 'class1', userID, role })
    expect((await set('parent', 'Admin')).data).toMatchObject({
      group: { groupID: 'class1' },
      member: { role: 'Admin' },
    })
    expect(lastAsked(stand)?.body).toEqual({ groupId: 'class1', userId: 'parent', role: 'admin' })
    for (const role of ['Owner', 'Custom', 'Boss'])
      await expect(set('parent', role)).rejects.toMatchObject({ code: 2683 })
    await expect(set('teacher', 'Admin')).rejects.toMatchObject({ code: 2684 })
    putGroup(stand, { self: { role: 'admin' } })
    await expect(set('parent', 'Member')).rejects.toMatchObject({ code: 2681 })
  })

  test('setGroupMemberMuteTime: not of oneself; 0 ends it', async () => {
    const stand = await classStand()
    stand.client.answer('group.mute', ({ userId, seconds }) => ({
      member: member(userId, { mutedUntilMs: seconds * 1000 }),
    }))
    const mute = (userID: string, muteTime: number) =>
      stand.chat.setGroupMemberMuteTime({ groupID: 'class1', userID, muteTime })
    expect((await mute('parent', 60)).data.member.muteUntil).toBe(60)
    expect((await mute('parent', 0)).data.member.muteUntil).toBe(0)
    await expect(mute('teacher', 60)).rejects.toMatchObject({ code: 2685 })
    expect(() => mute('parent', -1)).toThrow(/setGroupMemberMuteTime/)
  })

  test('setGroupMemberNameCard: one’s own unless another is named; not in a live room', async () => {
    const stand = await classStand()
    stand.client.answer('group.setMember', ({ userId, nameCard = '' }) => ({ member: member(userId, { nameCard }) }))
    const { data } = await stand.chat.setGroupMemberNameCard({ groupID: 'class1', nameCard: '王老师' })
    expect(data.member).toMatchObject({ userID: 'teacher', nameCard: '王老师' })
    putGroup(stand, { group: { type: 'live' } })
    const call = stand.chat.setGroupMemberNameCard({ groupID: 'class1', nameCard: '' })
    await expect(call).rejects.toMatchObject({ code: 2687 })
  })

  test('setGroupMemberCustomField names no field that somebody else may be changing', async () => {
    const stand = await classStand()
    stand.client.answer('group.setMember', { member: member('parent', { custom: [{ key: 'a', value: '1' }] }) })
    const memberCustomField = [{ key: 'b', value: '2' }]
    await stand.chat.setGroupMemberCustomField({ groupID: 'class1', userID: 'parent', memberCustomField })
    expect(lastAsked(stand)?.body).toMatchObject({ custom: memberCustomField })
  })
})
