import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Group } from '../../client-sdk/src/tim/mapping/group.ts'
import type { Message } from '../../client-sdk/src/tim/mapping/message.ts'
import { EVENT } from '../../client-sdk/src/tim/events.ts'
import { TYPES } from '../../client-sdk/src/tim/types.ts'
import { Device } from './kit/device.ts'
import { until } from './kit/until.ts'
import { WireClient } from './kit/wire-client.ts'
import { startWorld, type World } from './kit/world.ts'

/** What TIM's applications rely on in groups, met by hand against tim-semantics §2.3, §3.3–3.6 and §4.9. */

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

const { GRP_PUBLIC, GRP_MEETING, GRP_COMMUNITY, GRP_AVCHATROOM, JOIN_OPTIONS_FREE_ACCESS } = TYPES

function open(...userIDs: string[]): Promise<Device[]> {
  return Promise.all(userIDs.map((userID) => Device.login(world, userID)))
}

/** A group with these members, who all know that they are in it. */
async function found(owner: Device, groupID: string, type: string, members: readonly Device[]): Promise<Group> {
  const memberList = members.map(({ userID }) => ({ userID }))
  const { group } = (await owner.chat.createGroup({ groupID, type, name: `group ${groupID}`, memberList })).data
  for (const one of members) await until('the member knows it', () => isIn(one, groupID))
  return group
}

async function isIn({ chat }: Device, groupID: string): Promise<boolean> {
  return (await chat.getGroupList()).data.groupList.some((group) => group.groupID === groupID && group.name !== '')
}

async function groupOf({ chat }: Device, groupID: string): Promise<Group> {
  return (await chat.getGroupProfile({ groupID })).data.group
}

function say({ chat }: Device, groupID: string, text = 'x'): Promise<unknown> {
  return chat.sendMessage(
    chat.createTextMessage({ to: groupID, conversationType: TYPES.CONV_GROUP, payload: { text } }),
  )
}

const operations = (device: Device, groupID: string, type: string): unknown[] =>
  device
    .received()
    .filter((message) => message.to === groupID && message.type === type)
    .map(({ payload }) => payload['operationType'])

async function conversationIDs({ chat }: Device): Promise<string[]> {
  return (await chat.getConversationList()).data.conversationList.map(({ conversationID }) => conversationID)
}

describe('founding', () => {
  test('a community’s own id begins as TIM’s do, and no other group’s does', async () => {
    const [head] = (await open('head1')) as [Device]
    const create = (type: string, groupID: string) => head.chat.createGroup({ name: 'x', type, groupID })
    for (const groupID of ['@TGS#_school', '@TGS#_@TGS#school']) {
      expect((await create(GRP_COMMUNITY, groupID)).data.group).toMatchObject({ groupID, type: GRP_COMMUNITY })
    }
    for (const groupID of ['school', '@TGS#_', '@TGS#school', '@TGS#_a@TOPIC#_b']) {
      await expect(create(GRP_COMMUNITY, groupID)).rejects.toMatchObject({ code: 2602 })
    }
    for (const groupID of ['@TGS#_x', '@TGS#x']) {
      await expect(create(GRP_PUBLIC, groupID)).rejects.toMatchObject({ code: 2602 })
    }
    const wire = await WireClient.open(world.endpoint(), 'head1', { instanceId: 'wire' })
    const body = { requestId: 'r-1', type: 'public', name: 'x', groupId: '@TGS#_x' } as never
    await expect(wire.request('group.create', body)).rejects.toThrow('BAD_GROUP_ID')
    wire.close()
  })

  test('what a type has no use for is left out, and what is of the wrong kind throws', async () => {
    const [head] = (await open('head2')) as [Device]
    const options = { name: 'x', type: GRP_AVCHATROOM, inviteOption: TYPES.INVITE_OPTIONS_FREE_ACCESS }
    expect((await head.chat.createGroup(options)).data.group.type).toBe(GRP_AVCHATROOM)
    const wrong = { name: 'x', type: GRP_PUBLIC, memberList: [{ userID: 'a', memberCustomField: 5 as never }] }
    expect(() => head.chat.createGroup(wrong)).toThrow('createGroup')
    for (const one of [{ groupID: 5 as never }, { maxMemberNum: '5' as never }]) {
      expect(() => head.chat.createGroup({ name: 'x', type: GRP_PUBLIC, ...one })).toThrow('createGroup')
    }
    const groupCustomField = ['1', '2'].map((value) => ({ key: 'a', value }))
    const { group } = (await head.chat.createGroup({ name: 'x', type: GRP_PUBLIC, groupCustomField })).data
    expect(group.groupCustomField).toEqual([{ key: 'a', value: '2' }])
  })
})

describe('muting', () => {
  test('lasts as long as TIM’s longest, and through leaving and coming back, until it is ended', async () => {
    const [head, ann] = (await open('head3', 'ann3')) as [Device, Device]
    await found(head, 'meet3', GRP_MEETING, [ann])
    const forEver = 2 ** 32 - 1
    const mute = (muteTime: number) => head.chat.setGroupMemberMuteTime({ groupID: 'meet3', userID: 'ann3', muteTime })
    const { member } = (await mute(forEver)).data
    expect(member.muteUntil).toBeGreaterThan(Date.now() / 1000 + forEver - 60)
    await ann.chat.quitGroup('meet3')
    const { group } = (await ann.chat.joinGroup({ groupID: 'meet3' })).data
    expect(group?.selfInfo.muteTime).toBe(member.muteUntil)
    await expect(say(ann, 'meet3')).rejects.toMatchObject({ code: 10017 })
    await mute(0)
    await ann.chat.quitGroup('meet3')
    expect((await ann.chat.joinGroup({ groupID: 'meet3' })).data.group?.selfInfo.muteTime).toBe(0)
    await say(ann, 'meet3')
  })

  test('ends where a group is handed over: its owner may speak', async () => {
    const [head, ann] = (await open('head4', 'ann4')) as [Device, Device]
    await found(head, 'class4', GRP_PUBLIC, [ann])
    await head.chat.setGroupMemberMuteTime({ groupID: 'class4', userID: 'ann4', muteTime: 600 })
    await until('she knows', async () => (await groupOf(ann, 'class4')).selfInfo.muteTime > 0)
    await head.chat.changeGroupOwner({ groupID: 'class4', newOwnerID: 'ann4' })
    await until('she owns it', async () => (await groupOf(ann, 'class4')).selfInfo.role === 'Owner')
    expect((await groupOf(ann, 'class4')).selfInfo.muteTime).toBe(0)
    await say(ann, 'class4')
    const later = await Device.login(world, 'ann4')
    expect((await groupOf(later, 'class4')).selfInfo).toMatchObject({ role: 'Owner', muteTime: 0 })
  })
})

describe('custom fields', () => {
  test('that two set at once are both there', async () => {
    const [head, ann] = (await open('head5', 'ann5')) as [Device, Device]
    await found(head, 'class5', GRP_PUBLIC, [ann])
    await head.chat.setGroupMemberRole({ groupID: 'class5', userID: 'ann5', role: 'Admin' })
    const fields = [head, ann].map(({ userID }) => [{ key: userID, value: '1' }])
    const [one = [], other = []] = fields
    await Promise.all([
      head.chat.updateGroupProfile({ groupID: 'class5', groupCustomField: one }),
      ann.chat.updateGroupProfile({ groupID: 'class5', groupCustomField: other }),
      head.chat.setGroupMemberCustomField({ groupID: 'class5', userID: 'ann5', memberCustomField: one }),
      ann.chat.setGroupMemberCustomField({ groupID: 'class5', memberCustomField: other }),
    ])
    const later = await Device.login(world, 'head5')
    const keysOf = (list: readonly { key: string }[]): string[] => list.map(({ key }) => key).sort()
    expect(keysOf((await groupOf(later, 'class5')).groupCustomField)).toEqual(['ann5', 'head5'])
    const { memberList } = (await head.chat.getGroupMemberProfile({ groupID: 'class5', userIDList: ['ann5'] })).data
    expect(keysOf(memberList[0]?.memberCustomField ?? [])).toEqual(['ann5', 'head5'])
  })

  test('have a bound, however they are set', async () => {
    const [head] = (await open('head6')) as [Device]
    await found(head, 'class6', GRP_PUBLIC, [])
    const some = (prefix: string) =>
      Array.from({ length: 15 }, (_, index) => ({ key: `${prefix}${index}`, value: 'v' }))
    for (const [prefix, expected] of [
      ['a', undefined],
      ['b', 10004],
    ] as const) {
      for (const call of [
        head.chat.updateGroupProfile({ groupID: 'class6', groupCustomField: some(prefix) }),
        head.chat.setGroupMemberCustomField({ groupID: 'class6', memberCustomField: some(prefix) }),
      ]) {
        if (expected === undefined) await call
        else await expect(call).rejects.toMatchObject({ code: expected })
      }
    }
  })
})

test('attributes and counters have keys, of a length', async () => {
  const [head] = (await open('head7')) as [Device]
  await found(head, 'class7', GRP_PUBLIC, [])
  const attribute = (groupAttributes: object) =>
    head.chat.setGroupAttributes({ groupID: 'class7', groupAttributes: groupAttributes as Record<string, string> })
  const counter = (key: string) => head.chat.setGroupCounters({ groupID: 'class7', counters: { [key]: 1 } })
  await expect(attribute({ '': 'x' })).rejects.toMatchObject({ code: 10004 })
  expect(() => attribute(['x'])).toThrow('setGroupAttributes')
  for (const key of ['', 'k'.repeat(33)]) await expect(counter(key)).rejects.toMatchObject({ code: 10004 })
  await counter('k'.repeat(32))
})

describe('coming and going', () => {
  test('who is in no such group cannot leave it, and says so at once', async () => {
    const [head, ann] = (await open('head8', 'ann8')) as [Device, Device]
    await found(head, 'class8', GRP_PUBLIC, [])
    for (const groupID of ['class8', 'nothing8']) {
      await expect(ann.chat.quitGroup(groupID)).rejects.toMatchObject({ code: 2623 })
    }
  })

  test('a full group takes nobody: one who would join and one who would be brought are told the same', async () => {
    const [head, ann] = (await open('head9', 'ann9')) as [Device, Device]
    const options = { groupID: 'tiny9', type: GRP_PUBLIC, name: 'tiny', joinOption: JOIN_OPTIONS_FREE_ACCESS }
    await head.chat.createGroup({ ...options, maxMemberNum: 2, memberList: [{ userID: 'x9' }] })
    await until('it is known', () => isIn(head, 'tiny9'))
    await expect(ann.chat.joinGroup({ groupID: 'tiny9' })).rejects.toMatchObject({ code: 10014 })
    const bring = (...userIDList: string[]) => head.chat.addGroupMember({ groupID: 'tiny9', userIDList })
    await expect(bring('ann9')).rejects.toMatchObject({ code: 10014 })
    expect((await bring('ann9', 'x9')).data).toMatchObject({ overLimitUserIDList: ['ann9'], existedUserIDList: ['x9'] })
  })

  test('who joins finds the group named in what he hears, and no empty conversation with the server', async () => {
    const [head, ann] = (await open('head10', 'ann10')) as [Device, Device]
    const options = { groupID: 'class10', type: GRP_PUBLIC, name: '春游', joinOption: JOIN_OPTIONS_FREE_ACCESS }
    await head.chat.createGroup(options)
    await ann.chat.joinGroup({ groupID: 'class10' })
    const tips = (): Message[] =>
      ann.received().filter(({ type, to }) => type === TYPES.MSG_GRP_TIP && to === 'class10')
    await until('the tip is complete', () => tips()[0]?.conversationSubType === GRP_PUBLIC)
    expect(tips()[0]?.payload['groupProfile']).toMatchObject({ groupID: 'class10', groupName: '春游' })
    expect(await conversationIDs(ann)).toEqual(['GROUPclass10'])
  })

  test('what decides nothing is told from what was decided', async () => {
    const [head] = (await open('head11')) as [Device]
    const decide = (message: object) =>
      head.chat.handleGroupApplication({ handleAction: 'Agree', message: message as Message })
    await expect(decide({})).rejects.toMatchObject({ code: 10024 })
    const calls = Array.from({ length: 16 }, () => head.chat.getGroupApplicationList())
    await expect(Promise.all(calls)).rejects.toMatchObject({ code: 2996 })
  })
})

describe('a live room', () => {
  test('counts who is in it, tells them alone who is there, and lets each device come and go for itself', async () => {
    const [head, pc, ann, stranger] = (await open('head12', 'head12', 'ann12', 'str12')) as [
      Device,
      Device,
      Device,
      Device,
    ]
    await head.chat.createGroup({ groupID: 'live12', type: GRP_AVCHATROOM, name: '直播课' })
    for (const { chat } of [head, pc, ann]) {
      expect((await chat.joinGroup({ groupID: 'live12' })).data.status).toBe(TYPES.JOIN_STATUS_SUCCESS)
    }
    expect((await groupOf(ann, 'live12')).memberCount).toBe(2)
    expect((await stranger.chat.searchGroupByID('live12')).data.group.memberCount).toBe(2)
    const edited = (await head.chat.updateGroupProfile({ groupID: 'live12', notification: '安静' })).data.group
    expect(edited.memberCount).toBe(2)

    await head.chat.setGroupMemberMuteTime({ groupID: 'live12', userID: 'ann12', muteTime: 600 })
    await ann.chat.quitGroup('live12')
    const again = (await ann.chat.joinGroup({ groupID: 'live12' })).data.group
    expect(again?.selfInfo.muteTime).toBeGreaterThan(Date.now() / 1000)
    const { memberList } = (await ann.chat.getGroupMemberList({ groupID: 'live12' })).data
    expect(memberList.find(({ userID }) => userID === 'ann12')?.muteUntil).toBeGreaterThan(Date.now() / 1000)
    const profiles = await head.chat.getGroupMemberProfile({ groupID: 'live12', userIDList: ['ann12', 'str12'] })
    expect(profiles.data.memberList.map(({ userID }) => userID)).toEqual(['ann12'])
    expect((await stranger.chat.getGroupMemberList({ groupID: 'live12' })).data.memberList).toEqual([])

    await pc.chat.deleteConversation('GROUPlive12')
    expect(await conversationIDs(pc)).not.toContain('GROUPlive12')
    await pc.chat.quitGroup('live12')
    await expect(pc.chat.quitGroup('live12')).rejects.toMatchObject({ code: 2623 })
    await head.chat.setGroupMemberMuteTime({ groupID: 'live12', userID: 'ann12', muteTime: 0 })
    await say(ann, 'live12', '还在吗')
    await until('the other device is still in', () => head.receivedTexts().includes('还在吗'))
    expect(pc.receivedTexts()).not.toContain('还在吗')
  })

  test('that is joined again is the same room, and goes on where it stands', async () => {
    const [head, ann] = (await open('head14', 'ann14')) as [Device, Device]
    await head.chat.createGroup({ groupID: 'live14', type: GRP_AVCHATROOM, name: '直播课' })
    await ann.chat.joinGroup({ groupID: 'live14' })
    const rename = (name: string) => head.chat.updateGroupProfile({ groupID: 'live14', name })
    const nameOf = async () => (await ann.chat.getConversationList()).data.conversationList[0]?.groupProfile?.name
    await rename('第一节')
    await until('she knows it', async () => (await nameOf()) === '第一节')
    expect((await ann.chat.joinGroup({ groupID: 'live14' })).data.status).toBe(TYPES.JOIN_STATUS_ALREADY_IN_GROUP)
    await rename('第二节')
    await until('she knows that, too', async () => (await nameOf()) === '第二节')
    await say(ann, 'live14')
  })

  test('says to everybody who is in it that it has ended', async () => {
    const [head, ann] = (await open('head13', 'ann13')) as [Device, Device]
    await head.chat.createGroup({ groupID: 'live13', type: GRP_AVCHATROOM, name: '直播课' })
    for (const { chat } of [head, ann]) await chat.joinGroup({ groupID: 'live13' })
    await head.chat.dismissGroup('live13')
    for (const one of [head, ann]) {
      await until('it is told', () => operations(one, 'live13', TYPES.MSG_GRP_SYS_NOTICE).includes(5))
      expect(operations(one, 'live13', TYPES.MSG_GRP_SYS_NOTICE).filter((operation) => operation === 5)).toHaveLength(1)
      expect(await conversationIDs(one)).not.toContain('GROUPlive13')
    }
    const notice = ann.received().find(({ payload }) => payload['operationType'] === 5)
    expect(notice).toMatchObject({
      ...{ conversationID: TYPES.CONV_SYSTEM, conversationType: TYPES.CONV_SYSTEM, from: TYPES.CONV_SYSTEM },
      payload: { operatorID: 'head13', groupProfile: { groupID: 'live13', name: '直播课', groupType: GRP_AVCHATROOM } },
    })
    expect(ann.seen(EVENT.TOTAL_UNREAD_MESSAGE_COUNT_UPDATED)).toEqual([])
  })
})
