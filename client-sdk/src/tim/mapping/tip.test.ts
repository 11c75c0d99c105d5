import { describe, expect, test } from 'vitest'
import type { Tip } from '@hongyan/protocol'
import { classStand, person, received, says, tips } from '../test/group-stand.ts'

const [TEACHER, PARENT, CHILD] = [person('teacher'), person('parent'), person('child')]

async function tipOf(tip: Tip) {
  const stand = await classStand()
  tips(stand, tip)
  return received(stand)
}

describe('a group tip', () => {
  test('comes from the system into the group’s conversation, with a place in its order', async () => {
    const stand = await classStand()
    says(stand, 'parent', 'x')
    tips(stand, { op: 'joined', invited: true, by: TEACHER, users: [PARENT], memberCount: 62 })
    const tip = received(stand)
    expect(tip).toMatchObject({
      ...{ type: 'TIMGroupTipElem', from: '@TIM#SYSTEM', to: 'class1', conversationID: 'GROUPclass1', flow: 'in' },
      ...{ conversationType: 'GROUP', conversationSubType: 'Public', isSystemMessage: true, sequence: 2 },
      senderTinyID: '144115198244471703',
    })
    expect(tip.ID).toMatch(/^144115198244471703-\d+-\d+$/)
    expect(stand.chat.findMessage(tip.ID)).toBe(tip)
    const { conversationList } = (await stand.chat.getConversationList()).data
    expect(conversationList[0]).toMatchObject({
      unreadCount: 2,
      lastMessage: { messageForShow: '[群提示消息]', fromAccount: '@TIM#SYSTEM', type: 'TIMGroupTipElem' },
    })
  })

  test('has everything that tips have in common', async () => {
    const { payload } = await tipOf({ op: 'joined', invited: false, by: PARENT, users: [PARENT], memberCount: 62 })
    expect(payload).toEqual({
      operationType: 1,
      operatorID: 'parent',
      operatorInfo: { userID: 'parent', nick: 'nick of parent', avatar: 'https://school.example/parent.png' },
      userIDList: ['parent'],
      memberList: [{ userID: 'parent', nick: 'nick of parent', avatar: 'https://school.example/parent.png' }],
      groupProfile: { from: '@TIM#SYSTEM', to: 'class1', groupID: 'class1', groupName: '三年级二班' },
      memberCount: 62,
      memberNum: 62,
      groupJoinType: 1,
    })
  })

  test.each([
    [
      { op: 'quit', by: PARENT, users: [PARENT], memberCount: 60 },
      { operationType: 2, userIDList: ['parent'], memberCount: 60, groupJoinType: 0 },
    ],
    [
      { op: 'kicked', by: TEACHER, users: [PARENT, CHILD], memberCount: 59, reason: '转学' },
      {
        ...{ operationType: 3, operatorID: 'teacher', userIDList: ['parent', 'child'] },
        memberList: [
          { userID: 'parent', reason: '转学' },
          { userID: 'child', reason: '转学' },
        ],
      },
    ],
    [
      { op: 'admin-set', by: TEACHER, users: [PARENT] },
      { operationType: 4, userIDList: ['parent'], memberCount: 61 },
    ],
    [{ op: 'admin-unset', by: TEACHER, users: [PARENT] }, { operationType: 5 }],
    [
      { op: 'members-muted', by: TEACHER, users: [PARENT], untilMs: 1_700_000_060_000, seconds: 60 },
      { operationType: 7, memberList: [{ userID: 'parent', muteTime: 60 }] },
    ],
  ] as const)('%j', async (tip, payload) => {
    expect((await tipOf(tip as unknown as Tip)).payload).toMatchObject(payload)
  })

  test('of a changed group has exactly what changed, in TIM’s words; the user who did it stands for the list', async () => {
    const changed = { name: '三班', notice: '', isMuted: true, joinOption: 'free', ownerId: 'parent' } as const
    const { payload } = await tipOf({ op: 'group-changed', by: TEACHER, changed: changed as never })
    expect(payload).toMatchObject({ operationType: 6, userIDList: ['teacher'], memberList: [] })
    expect(payload['newGroupProfile']).toEqual({
      groupName: '三班',
      notification: '',
      muteAllMembers: true,
      joinOption: 'FreeAccess',
      ownerID: 'parent',
    })
    expect(Object.keys(payload)).not.toContain('groupJoinType')
  })

  test('shows the face of whom it is about, or else of who did it', async () => {
    const kicked = await tipOf({ op: 'kicked', by: TEACHER, users: [PARENT], memberCount: 1 })
    expect(kicked.nick).toBe('nick of parent')
    const muted = await tipOf({ op: 'members-muted', by: TEACHER, users: [PARENT], untilMs: 1, seconds: 1 })
    expect(muted.nick).toBe('nick of teacher')
  })

  test('of somebody whose name did not fit has empty names', async () => {
    const { payload } = await tipOf({ op: 'admin-set', by: TEACHER, users: [{ userId: PARENT.userId }] })
    expect(payload['memberList']).toEqual([{ userID: 'parent', nick: '', avatar: '' }])
  })
})
