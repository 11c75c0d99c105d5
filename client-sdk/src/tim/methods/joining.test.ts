import { describe, expect, test } from 'vitest'
import {
  CLASS_ID,
  classStand,
  GROUP,
  lastAsked,
  notifies,
  person,
  putGroup,
  received,
  SELF,
} from '../test/group-stand.ts'
import { readyStand } from '../test/stand.ts'

const application = {
  ...{ applicationId: 'a-1', groupId: CLASS_ID, groupName: '三年级二班', text: '您好', atMs: 1 },
  groupType: 'public' as const,
  applicant: person('parent'),
}

describe('joinGroup', () => {
  test.each([
    ['joined', 'JoinedSuccess'],
    ['waiting', 'WaitAdminApproval'],
    ['member-already', 'AlreadyInGroup'],
  ] as const)('%s is %s', async (status, word) => {
    const stand = await readyStand()
    const isIn = status === 'joined'
    stand.client.answer('group.join', isIn ? { status, group: GROUP, self: SELF } : { status })
    const { data } = await stand.chat.joinGroup({ groupID: 'class1', applyMessage: '您好' })
    expect(lastAsked(stand)?.body).toEqual({ groupId: 'class1', text: '您好' })
    expect(data.status).toBe(word)
    expect(data.group?.groupID).toBe(isIn ? 'class1' : undefined)
  })

  test.each([
    [false, ['live1']],
    [true, []],
  ])('of a live room with unlimitedAVChatRoom %s leaves %j', async (isInManyLiveRooms, left) => {
    const stand = await classStand({}, { isInManyLiveRooms })
    putGroup(stand, { group: { groupId: 'live1' as never, type: 'live' } })
    const group = { ...GROUP, groupId: 'live2' as never, type: 'live' as const }
    stand.client.answer('group.join', { status: 'joined', group, self: SELF })
    stand.client.answer('group.quit', {})
    await stand.chat.joinGroup({ groupID: 'live2' })
    const quits = stand.client.asked.filter(({ command }) => command === 'group.quit')
    expect(quits.map(({ body }) => body)).toEqual(left.map((groupId) => ({ groupId })))
  })

  test.each([
    ['JOINING_CLOSED', 10007],
    ['NO_SUCH_GROUP', 10010],
    ['GROUP_FULL', 10014],
    ['TOO_MANY_GROUPS', 10037],
  ] as const)('%s is %i', async (name, code) => {
    const { chat, client } = await readyStand()
    client.failing.set('group.join', name)
    await expect(chat.joinGroup({ groupID: 'class1' })).rejects.toMatchObject({ code })
  })
})

test('quitGroup gives the id; 2623 where the user is not in it, 10009 for an owner', async () => {
  const stand = await classStand()
  stand.client.answer('group.quit', {})
  expect((await stand.chat.quitGroup('class1')).data).toEqual({ groupID: 'class1' })
  stand.client.failing.set('group.quit', 'NOT_A_MEMBER')
  await expect(stand.chat.quitGroup('class1')).rejects.toMatchObject({ code: 2623 })
  stand.client.failing.set('group.quit', 'OWNER_CANNOT_LEAVE')
  await expect(stand.chat.quitGroup('class1')).rejects.toMatchObject({ code: 10009 })
})

describe('applications', () => {
  test('name who asks and who would come in, by their kind', async () => {
    const stand = await classStand()
    const invited = { ...application, applicant: person('child'), inviter: person('parent') }
    const me = { ...application, applicant: person('teacher'), inviter: person('parent') }
    stand.client.answer('group.applications', { applications: [application, me, invited] })
    const { applicationList } = (await stand.chat.getGroupApplicationList()).data
    expect(applicationList[0]).toEqual({
      ...{ applicant: 'parent', applicantNick: 'nick of parent', groupID: 'class1', groupName: '三年级二班' },
      ...{ authentication: 'a-1', messageKey: 'a-1', applicationType: 0, userID: 'parent', note: '您好' },
    })
    expect(applicationList.slice(1)).toMatchObject([
      { applicant: 'parent', applicationType: 1, userID: 'teacher' },
      { applicant: 'parent', applicationType: 2, userID: 'child' },
    ])
  })

  test('are decided from the list or from the notice, which then goes from the messages here', async () => {
    const stand = await classStand()
    stand.client.answer('group.applications', { applications: [application] })
    stand.client.answer('group.decide', { group: GROUP })
    const [first] = (await stand.chat.getGroupApplicationList()).data.applicationList
    if (!first) throw new Error('no application')
    const { data } = await stand.chat.handleGroupApplication({ handleAction: 'Agree', application: first })
    expect(lastAsked(stand)?.body).toEqual({ applicationId: 'a-1', agree: true })
    expect(data.group.groupID).toBe('class1')

    const about = { groupId: CLASS_ID, groupName: 'x', groupType: 'public', by: person('parent') } as const
    notifies(stand, { type: 'notice', op: 'applied', ...about, applicationId: 'a-2' })
    const message = received(stand)
    await stand.chat.handleGroupApplication({ handleAction: 'Reject', handleMessage: '不行', message })
    expect(lastAsked(stand)?.body).toEqual({ applicationId: 'a-2', agree: false, text: '不行' })
    expect(stand.chat.findMessage(message.ID)).toBeNull()
  })

  test('that were decided before reject 10024; what decides nothing throws', async () => {
    const stand = await classStand()
    const of = (messageKey: string) => ({
      ...{ applicant: '', applicantNick: '', groupID: '', groupName: '', authentication: '', messageKey },
      ...{ applicationType: 0, userID: '', note: '' },
    })
    stand.client.failing.set('group.decide', 'ALREADY_DECIDED')
    const decide = stand.chat.handleGroupApplication
    await expect(decide({ handleAction: 'Agree', application: of('a-1') })).rejects.toMatchObject({ code: 10024 })
    await expect(decide({ handleAction: 'Agree', application: of('') })).rejects.toMatchObject({ code: 10024 })
    expect(() => decide({ handleAction: 'Perhaps', application: of('a-1') })).toThrow(/handleGroupApplication/)
    expect(() => decide({ handleAction: 'Agree' })).toThrow(/handleGroupApplication/)
  })

  test('an invitation is decided by the experimental name as well', async () => {
    const stand = await classStand()
    stand.client.answer('group.decide', { group: GROUP })
    const parameter = { handleAction: 'Agree', message: { payload: { messageKey: 'a-3' }, ID: 'x' } }
    const { data } = await stand.chat.callExperimentalAPI('handleGroupInvitation', parameter)
    expect(lastAsked(stand)?.body).toEqual({ applicationId: 'a-3', agree: true })
    expect(data).toMatchObject({ group: { groupID: 'class1' } })
    await expect(stand.chat.callExperimentalAPI('handleGroupInvitation')).resolves.toEqual({ code: 0, data: {} })
  })
})
