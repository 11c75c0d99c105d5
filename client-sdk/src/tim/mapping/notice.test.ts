import { describe, expect, test } from 'vitest'
import type { NoticeOp } from '@hongyan/protocol'
import { CLASS_ID, classStand, notifies, person, received } from '../test/group-stand.ts'

const notice = (op: NoticeOp, more: { text?: string; applicationId?: string } = {}) => ({
  ...({ type: 'notice', groupId: CLASS_ID, groupName: '三年级二班', groupType: 'public' } as const),
  ...{ op, by: person('parent') },
  ...more,
})

describe('a group system notice', () => {
  test('is a message in @TIM#SYSTEM, addressed to the group it is about', async () => {
    const stand = await classStand()
    notifies(stand, notice('applied', { text: '我是小明妈妈', applicationId: 'a-7' }))
    const message = received(stand)
    expect(message).toMatchObject({
      ...{ type: 'TIMGroupSystemNoticeElem', conversationID: '@TIM#SYSTEM', conversationType: '@TIM#SYSTEM' },
      ...{ from: '@TIM#SYSTEM', to: 'class1', flow: 'in', nick: 'nick of parent', isRead: false },
    })
    expect(message.payload).toEqual({
      operationType: 1,
      operatorID: 'parent',
      operatorInfo: { userID: 'parent', nick: 'nick of parent', avatar: 'https://school.example/parent.png' },
      groupProfile: {
        from: '@TIM#SYSTEM',
        to: 'class1',
        groupID: 'class1',
        name: '三年级二班',
        groupType: 'Public',
      },
      handleMessage: '我是小明妈妈',
      authentication: 'a-7',
      messageKey: 'a-7',
      userDefinedField: '',
    })
  })

  test('counts in its conversation and not in the total; reading it clears it', async () => {
    const stand = await classStand()
    notifies(stand, notice('accepted'))
    const get = async () => (await stand.chat.getConversationProfile('@TIM#SYSTEM')).data.conversation
    expect(await get()).toMatchObject({
      ...{ type: '@TIM#SYSTEM', subType: '', unreadCount: 1, toAccount: '' },
      lastMessage: { messageForShow: '[群系统通知]' },
    })
    expect(Object.keys(await get())).not.toContain('userProfile')
    expect(stand.chat.getTotalUnreadMessageCount()).toBe(0)
    await stand.chat.setMessageRead({ conversationID: '@TIM#SYSTEM' })
    expect((await get()).unreadCount).toBe(0)
    expect(stand.client.reads).toEqual(['system:teacher'])
  })

  test.each([
    ['applied', 1],
    ['accepted', 2],
    ['refused', 3],
    ['kicked', 4],
    ['dismissed', 5],
    ['created', 6],
    ['invited', 7],
    ['quit', 8],
    ['admin-set', 9],
    ['admin-unset', 10],
    ['invitation', 12],
    ['invitation-accepted', 13],
    ['invitation-refused', 14],
    ['banned', 21],
    ['custom', 255],
  ] as const)('%s has the operationType %i', async (op, operationType) => {
    const stand = await classStand()
    notifies(stand, notice(op))
    expect(received(stand).payload['operationType']).toBe(operationType)
  })

  test('of the application’s own carries its words in userDefinedField', async () => {
    const stand = await classStand()
    notifies(stand, notice('custom', { text: '{"a":1}' }))
    expect(received(stand).payload).toMatchObject({ userDefinedField: '{"a":1}', handleMessage: '' })
  })

  test('pages like any history', async () => {
    const stand = await classStand()
    for (let i = 0; i < 20; i++) notifies(stand, notice('custom', { text: `${i}` }))
    const conversationID = '@TIM#SYSTEM'
    const first = (await stand.chat.getMessageList({ conversationID })).data
    expect(first.messageList).toHaveLength(15)
    const { nextReqMessageID } = first
    const second = (await stand.chat.getMessageList({ conversationID, nextReqMessageID })).data
    expect(second.messageList.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5])
    await expect(stand.chat.deleteMessage([second.messageList[0] as never])).rejects.toMatchObject({ code: 2116 })
  })
})
