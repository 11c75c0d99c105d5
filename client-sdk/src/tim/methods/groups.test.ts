import { describe, expect, test } from 'vitest'
import { EVENT } from '../events.ts'
import { Group } from '../mapping/group.ts'
import { CLASS, CLASS_ID, classStand, GROUP, lastAsked, putGroup, says, SELF } from '../test/group-stand.ts'
import { readyStand } from '../test/stand.ts'

/** The fields of tim-semantics §3.6. */
const FIELDS = [
  ...['groupID', 'name', 'avatar', 'type', 'ownerID', 'introduction', 'notification', 'createTime', 'lastInfoTime'],
  ...['infoSequence', 'memberCount', 'maxMemberCount', 'joinOption', 'inviteOption', 'groupCustomField'],
  ...['muteAllMembers', 'isSupportTopic', 'nextMessageSeq', 'lastMessage', 'selfInfo'],
]
const SELF_FIELDS = [
  ...['userID', 'role', 'nameCard', 'joinTime', 'messageRemindType', 'memberCustomField', 'readedSequence'],
  ...['excludedUnreadSequenceList', 'muteTime'],
]

describe('a group', () => {
  test('has TIM’s fields, own and enumerable, and its two numbers under their old names besides', async () => {
    const stand = await classStand({ self: { mutedUntilMs: 1_700_000_000_001 } })
    says(stand, 'parent', '老师好')
    const [group] = (await stand.chat.getGroupList()).data.groupList
    expect(group).toBeInstanceOf(Group)
    expect(Object.keys(group ?? {}).sort()).toEqual([...FIELDS].sort())
    expect(Object.keys(group?.selfInfo ?? {}).sort()).toEqual([...SELF_FIELDS].sort())
    expect([group?.memberNum, group?.maxMemberNum]).toEqual([61, 2000])
    expect(group).toMatchObject({
      ...{ groupID: 'class1', name: '三年级二班', type: 'Public', ownerID: 'teacher', notification: '公告' },
      ...{ createTime: 1_600_000_000, lastInfoTime: 1_650_000_000, memberCount: 61, maxMemberCount: 2000 },
      ...{ joinOption: 'NeedPermission', inviteOption: 'DisableInvite', muteAllMembers: false, nextMessageSeq: 2 },
      groupCustomField: [{ key: 'grade', value: '3' }],
      lastMessage: { lastSequence: 1, fromAccount: 'parent', messageForShow: '老师好' },
      selfInfo: {
        ...{ userID: 'teacher', role: 'Owner', nameCard: '班主任', messageRemindType: 'AcceptAndNotify' },
        ...{ readedSequence: 0, excludedUnreadSequenceList: [], muteTime: 1_700_000_001 },
      },
    })
  })

  test('is one object: in the list, in its conversation, and as it changes', async () => {
    const stand = await classStand()
    const [group] = (await stand.chat.getGroupList()).data.groupList
    const { conversation } = (await stand.chat.getConversationProfile('GROUPclass1')).data
    expect(conversation.groupProfile).toBe(group)
    expect(Object.keys(conversation)).not.toContain('userProfile')
    expect(conversation).toMatchObject({ type: 'GROUP', subType: 'Public', toAccount: 'class1' })
    putGroup(stand, { group: { name: '三班', memberCount: 62 } })
    expect(group).toMatchObject({ name: '三班', memberCount: 62 })
    expect((await stand.chat.getGroupProfile({ groupID: 'class1' })).data.group).toBe(group)
    expect(stand.client.asked).toEqual([])
  })
})

describe('GROUP_LIST_UPDATED', () => {
  test('has the whole list, without live rooms, also with groups whose conversation was removed', async () => {
    const stand = await classStand()
    putGroup(stand, { group: { groupId: 'live1' as never, type: 'live' } })
    putGroup(stand, { group: { groupId: 'class2' as never }, state: { isVisible: false } })
    const list = stand.seen(EVENT.GROUP_LIST_UPDATED).at(-1) as Group[]
    expect(list.map(({ groupID }) => groupID)).toEqual(['class1', 'class2'])
  })

  test('waits until the first lists are whole', async () => {
    const stand = await readyStand()
    stand.client.isSyncComplete = false
    putGroup(stand)
    expect(stand.seen(EVENT.GROUP_LIST_UPDATED)).toHaveLength(0)
    stand.client.isSyncComplete = true
    stand.client.tell({ kind: 'conversations', ids: [], isSyncComplete: true })
    expect(stand.seen(EVENT.GROUP_LIST_UPDATED)).toHaveLength(1)
  })

  test('comes once a second at most', async () => {
    const stand = await classStand({}, { isThrottled: true })
    for (let i = 0; i < 5; i++) putGroup(stand, { group: { memberCount: i } })
    expect(stand.seen(EVENT.GROUP_LIST_UPDATED)).toHaveLength(1)
    await stand.clock.pass(1_001)
    expect(stand.seen(EVENT.GROUP_LIST_UPDATED)).toHaveLength(2)
  })
})

describe('a group the user is no longer in', () => {
  test('leaves the list; its conversation stays with nothing unread until it is removed', async () => {
    const stand = await classStand()
    says(stand, 'parent', 'x')
    stand.client.leave(CLASS)
    expect((await stand.chat.getGroupList()).data.groupList).toEqual([])
    expect(stand.seen(EVENT.GROUP_LIST_UPDATED).at(-1)).toEqual([])
    const { conversationList } = (await stand.chat.getConversationList()).data
    expect(conversationList).toMatchObject([
      { conversationID: 'GROUPclass1', unreadCount: 0, groupProfile: { name: '三年级二班' } },
    ])
    expect(stand.chat.getTotalUnreadMessageCount()).toBe(0)
    stand.client.failing.set('hide', 'NOT_A_MEMBER')
    await stand.chat.deleteConversation('GROUPclass1')
    expect((await stand.chat.getConversationList()).data.conversationList).toEqual([])
  })

  test('is the same group again when he comes back', async () => {
    const stand = await classStand()
    const before = (await stand.chat.getConversationProfile('GROUPclass1')).data.conversation
    stand.client.leave(CLASS)
    putGroup(stand, { group: { memberCount: 7 } })
    expect((await stand.chat.getConversationProfile('GROUPclass1')).data.conversation).toBe(before)
    expect(before.groupProfile.memberCount).toBe(7)
  })

  test('a live room’s conversation goes with it', async () => {
    const stand = await classStand({ group: { type: 'live' } })
    says(stand, 'parent', 'x')
    stand.client.leave(CLASS)
    expect((await stand.chat.getConversationList()).data.conversationList).toEqual([])
  })
})

describe('createGroup', () => {
  const answer = { group: { ...GROUP, groupId: 'new1' as never }, self: SELF, overLimit: ['late' as never] }

  test('says in our words what the application said, and what TIM’s SDK leaves out is left out', async () => {
    const stand = await readyStand()
    stand.client.answer('group.create', answer)
    const { data } = await stand.chat.createGroup({
      ...{ name: '三班', type: 'Public', groupID: 'new1', notification: '公告', joinOption: 'FreeAccess' },
      ...{ maxMemberNum: 100, inviteOption: 'DisableInvite', groupCustomField: [{ key: 'a', value: 'b' }] },
      memberList: [{ userID: 'parent', role: 'Admin', memberCustomField: [{ key: 'c', value: 'd' }] }, { userID: 'x' }],
    })
    expect(stand.client.asked[0]?.body).toEqual({
      requestId: expect.stringMatching(/^[\w-]+$/) as string,
      ...{ type: 'public', groupId: 'new1', name: '三班', notice: '公告', joinOption: 'free', inviteOption: 'closed' },
      ...{ maxMembers: 100, custom: [{ key: 'a', value: 'b' }] },
      members: [{ userId: 'parent', role: 'admin', custom: [{ key: 'c', value: 'd' }] }, { userId: 'x' }],
    })
    expect(data).toMatchObject({
      group: { groupID: 'new1', selfInfo: { role: 'Owner' } },
      overLimitUserIDList: ['late'],
    })
    await stand.chat.createGroup({ name: 'w', type: 'Private', joinOption: 'FreeAccess' })
    await stand.chat.createGroup({ name: 'l', type: 'AVChatRoom', memberList: [{ userID: 'parent' }] })
    const bodies = stand.client.asked.slice(1).map(({ body }) => Object.keys(body))
    expect(bodies).toEqual([
      ['requestId', 'type', 'name'],
      ['requestId', 'type', 'name'],
    ])
  })

  test('then tells the group in TIM’s own custom message, without waiting and whether or not it works', async () => {
    const stand = await readyStand()
    stand.client.answer('group.create', answer)
    stand.client.failing.set('send', 'BUSY')
    await stand.chat.createGroup({ name: 'a', type: 'Public' })
    await stand.chat.createGroup({ name: 'a', type: 'Community' })
    await stand.chat.createGroup({ name: 'a', type: 'AVChatRoom' })
    await stand.clock.pass(1)
    const { elements, conversationId } = stand.client.drafts[0] ?? {}
    expect(stand.client.drafts).toHaveLength(1)
    expect(conversationId).toBe('group:new1')
    const [custom] = elements ?? []
    expect(JSON.parse(custom?.type === 'custom' ? custom.data : '')).toEqual({
      ...{ businessID: 'group_create', version: 4, opUser: '王老师', content: '创建社群', cmd: 1 },
    })
  })

  test('the group it gives is the one that the list has as soon as the client knows of it', async () => {
    const stand = await readyStand()
    stand.client.answer('group.create', answer)
    const { group } = (await stand.chat.createGroup({ name: 'a', type: 'Public' })).data
    // The client knows that there is one before it knows what it is.
    stand.client.put('group:new1' as never, {})
    stand.client.tell({ kind: 'groups', ids: ['group:new1' as never] })
    expect((await stand.chat.getGroupList()).data.groupList[0]).toBe(group)
    expect(group.name).toBe('三年级二班')
  })

  test.each([
    [{ name: 'a', type: 'Work' }, 2600],
    [{ name: 'a', type: 'Public', groupID: 'with space' }, 2602],
    [{ name: 'a', type: 'Community', isSupportTopic: true }, 3122],
    [{ name: 'a', type: 'Public', memberList: [{ userID: 'with space' }] }, 10019],
    [{ name: 'a', type: 'Public', joinOption: 'Sometimes' }, 10004],
  ])('%j rejects %i', async (options, code) => {
    const { chat } = await readyStand()
    await expect(chat.createGroup(options)).rejects.toMatchObject({ code })
  })

  test.each([
    ['GROUP_ID_TAKEN', 10021],
    ['GROUP_ID_TAKEN_BY_YOU', 10025],
    ['TOO_MANY_GROUPS', 10037],
    ['TOO_MANY_MEMBERS', 10038],
    ['BUSY', 10002],
  ] as const)('%s is %i', async (name, code) => {
    const { chat, client } = await readyStand()
    client.failing.set('group.create', name)
    await expect(chat.createGroup({ name: 'a', type: 'Public' })).rejects.toMatchObject({ code })
  })
})

describe('what is done with a group', () => {
  test('updateGroupProfile names what changes, and no field that somebody else may be changing', async () => {
    const stand = await classStand()
    stand.client.answer('group.update', { group: { ...GROUP, name: '三班', isMuted: true }, self: SELF })
    const { group } = (
      await stand.chat.updateGroupProfile({
        ...{ groupID: 'class1', name: '三班', muteAllMembers: true },
        groupCustomField: [{ key: 'room', value: '12' }],
      })
    ).data
    expect(lastAsked(stand)?.body).toEqual({
      ...{ groupId: 'class1', name: '三班', isMuted: true },
      custom: [{ key: 'room', value: '12' }],
    })
    expect(group).toMatchObject({ groupID: 'class1', name: '三班', muteAllMembers: true })
    expect((await stand.chat.getGroupProfile({ groupID: 'class1' })).data.group).toBe(group)
  })

  test('changeGroupOwner: not to oneself, not of a live room', async () => {
    const stand = await classStand()
    stand.client.answer('group.transfer', { group: { ...GROUP, ownerId: 'parent' as never } })
    const change = (newOwnerID: string) => stand.chat.changeGroupOwner({ groupID: 'class1', newOwnerID })
    await expect(change('teacher')).rejects.toMatchObject({ code: 2621 })
    expect((await change('parent')).data.group.ownerID).toBe('parent')
    putGroup(stand, { group: { type: 'live' } })
    await expect(change('parent')).rejects.toMatchObject({ code: 2620 })
  })

  test('dismissGroup gives the id, and 10007 where the type or the role forbids it', async () => {
    const stand = await classStand()
    stand.client.answer('group.dismiss', {})
    expect((await stand.chat.dismissGroup('class1')).data).toEqual({ groupID: 'class1' })
    stand.client.failing.set('group.dismiss', 'NOT_PERMITTED')
    await expect(stand.chat.dismissGroup('class1')).rejects.toMatchObject({ code: 10007 })
    await expect(stand.chat.dismissGroup('with space')).rejects.toMatchObject({ code: 10015 })
  })

  test('searchGroupByID and getGroupProfile find others’ groups, or reject 10010', async () => {
    const stand = await readyStand()
    stand.client.answer('group.find', ({ groupIds }) => ({ groups: groupIds.includes(CLASS_ID) ? [GROUP] : [] }))
    for (const group of [
      (await stand.chat.searchGroupByID('class1')).data.group,
      (await stand.chat.getGroupProfile({ groupID: 'class1' })).data.group,
    ]) {
      expect(group).toMatchObject({ groupID: 'class1', name: '三年级二班', selfInfo: { role: '' } })
    }
    await expect(stand.chat.searchGroupByID('nowhere')).rejects.toMatchObject({ code: 10010 })
    expect((await stand.chat.getGroupList()).data.groupList).toEqual([])
  })

  test('getGroupProfile asks eight times a second at most', async () => {
    const stand = await readyStand()
    stand.client.answer('group.find', { groups: [GROUP] })
    for (let i = 0; i < 8; i++) await stand.chat.getGroupProfile({ groupID: 'class1' })
    await expect(stand.chat.getGroupProfile({ groupID: 'class1' })).rejects.toMatchObject({ code: 2996 })
  })

  test.each([
    ['public', 60_000],
    ['live', 3_000],
  ] as const)('getGroupOnlineMemberCount of a %s group is asked for every %i ms at most', async (type, ms) => {
    const stand = await classStand({ group: { type } })
    stand.client.answer('group.onlineCount', { count: 7 })
    const count = async (groupID = 'class1') => (await stand.chat.getGroupOnlineMemberCount(groupID)).data.memberCount
    expect([await count(), await count(), await count('elsewhere')]).toEqual([7, 7, 0])
    await stand.clock.pass(ms - 1)
    await count()
    expect(stand.client.asked).toHaveLength(1)
    await stand.clock.pass(1)
    await count()
    expect(stand.client.asked).toHaveLength(2)
  })
})
