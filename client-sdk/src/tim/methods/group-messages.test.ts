import { describe, expect, test } from 'vitest'
import type { UserId } from '@hongyan/protocol'
import { EVENT } from '../events.ts'
import type { Conversation } from '../mapping/conversation.ts'
import { CLASS, classStand, putGroup, received, says, TO_CLASS } from '../test/group-stand.ts'
import type { Stand } from '../test/stand.ts'
import { TYPES } from '../types.ts'

const text = ({ chat }: Stand, words = '您好', more = {}) =>
  chat.createTextMessage({ ...TO_CLASS, payload: { text: words }, ...more })

async function classConversation({ chat }: Stand): Promise<Conversation> {
  return (await chat.getConversationProfile('GROUPclass1')).data.conversation
}

describe('a message to a group', () => {
  test('has the group’s number, type and the sender’s card, and moves the group’s list', async () => {
    const stand = await classStand()
    says(stand, 'parent', 'first')
    const before = stand.seen(EVENT.GROUP_LIST_UPDATED).length
    const message = text(stand)
    expect(message).toMatchObject({
      ...{ conversationID: 'GROUPclass1', conversationType: 'GROUP', conversationSubType: 'Public', to: 'class1' },
      nameCard: '班主任',
    })
    await stand.chat.sendMessage(message)
    expect(message).toMatchObject({ status: 'success', sequence: 2 })
    expect(stand.client.drafts[0]).toMatchObject({ conversationId: 'group:class1' })
    expect(stand.seen(EVENT.GROUP_LIST_UPDATED)).toHaveLength(before + 1)
  })

  test('calls members by name, and everybody', async () => {
    const stand = await classStand()
    const payload = { text: '@大家', atUserList: ['parent', TYPES.MSG_AT_ALL, 'parent'] }
    const message = stand.chat.createTextAtMessage({ ...TO_CLASS, payload })
    expect(message).toMatchObject({ type: 'TIMTextElem', payload: { text: '@大家' }, atUserList: payload.atUserList })
    expect(message.payload).toEqual({ text: '@大家' })
    await stand.chat.sendMessage(message)
    expect(stand.client.drafts[0]?.mentions).toEqual({ userIds: ['parent'], all: true })
  })

  test('may be for some members alone, fifty at most', async () => {
    const stand = await classStand()
    const receiverList = Array.from({ length: 60 }, (_, i) => `u${i}`)
    await stand.chat.sendMessage(text(stand, 'x', { receiverList }))
    expect(stand.client.drafts[0]?.receiverIds).toEqual(receiverList.slice(0, 50))
  })

  test('carries what its sender wants: receipts, extensions, priority', async () => {
    const stand = await classStand()
    const wishes = { needReadReceipt: true, isSupportExtension: true, priority: 'Lowest' }
    await stand.chat.sendMessage(text(stand, 'x', wishes))
    expect(stand.client.drafts[0]).toMatchObject({ needsReceipt: true, extensible: true, priority: 'lowest' })
  })

  test('is refused in the groups’ own numbers', async () => {
    const stand = await classStand()
    for (const [name, code] of [
      ['MUTED', 10017],
      ['NOT_A_MEMBER', 10007],
      ['NO_SUCH_GROUP', 10010],
      ['TOO_MANY_MESSAGES', 10023],
    ] as const) {
      stand.client.failing.set('send', name)
      await expect(stand.chat.sendMessage(text(stand))).rejects.toMatchObject({ code })
    }
  })

  test('for those online only is not kept', async () => {
    const stand = await classStand()
    const message = text(stand)
    await stand.chat.sendMessage(message, { onlineUserOnly: true })
    expect(stand.client.drafts[0]?.conversationId).toBe('group:class1')
    expect(stand.chat.findMessage(message.ID)).toBeNull()
  })
})

describe('a message from a group', () => {
  test('is from its sender and to the group, with his card, whom it calls and for whom it is', async () => {
    const stand = await classStand()
    says(stand, 'parent', '@老师', {
      ...{ senderNick: '小明妈妈', senderCard: '小明的妈妈', needsReceipt: true, extensible: true },
      mentions: { userIds: ['teacher' as UserId], all: true },
      receiverIds: ['teacher' as UserId],
    })
    expect(received(stand)).toMatchObject({
      ...{ from: 'parent', to: 'class1', flow: 'in', nick: '小明妈妈', nameCard: '小明的妈妈', isRead: false },
      ...{ needReadReceipt: true, isSupportExtension: true, isSystemMessage: false },
      atUserList: ['teacher', TYPES.MSG_AT_ALL],
      _receiverList: ['teacher'],
    })
  })

  test('a sender’s new name also shows on his older messages', async () => {
    const stand = await classStand()
    says(stand, 'parent', '1', { senderNick: '旧名' })
    const first = received(stand)
    says(stand, 'child', '2', { senderNick: '小明' })
    says(stand, 'parent', '3', { senderNick: '新名', senderAvatar: 'a.png' })
    expect(first).toMatchObject({ nick: '新名', avatar: 'a.png' })
  })

  test('that the user does not want to hear is kept and not told; one that calls him may be', async () => {
    const stand = await classStand({ state: { remind: 'discard' } })
    says(stand, 'parent', '1')
    expect(stand.seen(EVENT.MESSAGE_RECEIVED)).toHaveLength(0)
    expect((await classConversation(stand)).unreadCount).toBe(0)
    putGroup(stand, { state: { remind: 'discard-except-at' } })
    says(stand, 'parent', '2')
    says(stand, 'parent', '3', { mentions: { userIds: ['teacher' as UserId], all: false } })
    expect(received(stand).payload.text).toBe('3')
    expect(stand.seen(EVENT.MESSAGE_RECEIVED)).toHaveLength(1)
    const { messageList } = (await stand.chat.getMessageList({ conversationID: 'GROUPclass1' })).data
    expect(messageList.map(({ payload }) => payload.text)).toEqual(['1', '2', '3'])
  })
})

describe('unread and mentions', () => {
  test('of a group count in the total only when the user wants to be told', async () => {
    const stand = await classStand()
    says(stand, 'parent', '1')
    expect(stand.chat.getTotalUnreadMessageCount()).toBe(1)
    putGroup(stand, { state: { remind: 'silent' } })
    expect((await classConversation(stand)).unreadCount).toBe(1)
    expect(stand.chat.getTotalUnreadMessageCount()).toBe(0)
  })

  test('of a live room are always none', async () => {
    const stand = await classStand({ group: { type: 'live' } })
    says(stand, 'parent', '1')
    expect((await classConversation(stand)).unreadCount).toBe(0)
    expect(stand.chat.getTotalUnreadMessageCount()).toBe(0)
    const { data } = await stand.chat.getMessageList({ conversationID: 'GROUPclass1' })
    expect(data).toEqual({ messageList: [], nextReqMessageID: '', isCompleted: true })
  })

  test('who calls the user stands in groupAtInfoList, once for each message', async () => {
    const senderId = 'parent' as UserId
    const mentions = (['me', 'all', 'both'] as const).map((who, index) => ({ seq: index + 3, senderId, who }))
    const stand = await classStand({ state: { mentions } })
    const { groupAtInfoList } = await classConversation(stand)
    expect(groupAtInfoList[0]).toEqual({
      ...{ from: 'parent', groupID: 'class1', topicID: '', messageSequence: 3, atTypeArray: [1] },
      ...{ __random: 0, __sequence: 3 },
    })
    expect(groupAtInfoList.map(({ atTypeArray }) => atTypeArray)).toEqual([[1], [2], [3]])
    const { conversationList } = (await stand.chat.getConversationList({ hasGroupAtInfo: true })).data
    expect(conversationList).toHaveLength(1)
  })

  test('reading clears the mentions also where nothing counts as unread, once and for all devices', async () => {
    const mentions = [{ seq: 1, senderId: 'parent' as UserId, who: 'me' as const }]
    const stand = await classStand({ state: { lastSeq: 1, mentions } })
    const before = stand.seen(EVENT.CONVERSATION_LIST_UPDATED).length
    for (let i = 0; i < 3; i++) await stand.chat.setMessageRead({ conversationID: 'GROUPclass1' })
    expect((await classConversation(stand)).groupAtInfoList).toEqual([])
    expect(stand.client.reads).toEqual([CLASS])
    expect(stand.seen(EVENT.CONVERSATION_LIST_UPDATED)).toHaveLength(before + 1)
  })

  test.each([
    [TYPES.READ_ALL_C2C_MSG, ['c2c:parent:teacher']],
    [TYPES.READ_ALL_GROUP_MSG, [CLASS]],
    [TYPES.READ_ALL_MSG, [CLASS, 'c2c:parent:teacher']],
  ])('setAllMessageRead of %s reads %j', async (scope, ids) => {
    const stand = await classStand()
    says(stand, 'parent', '1')
    stand.client.store('c2c:parent:teacher' as never, 'parent', { elements: [{ type: 'text', text: 'x' }] })
    await stand.chat.setAllMessageRead({ scope })
    expect([...stand.client.reads].sort()).toEqual([...ids].sort())
  })
})

describe('a group’s past', () => {
  test('is paged by the number of the next message, as a text; a message’s ID is understood as well', async () => {
    const stand = await classStand()
    for (let i = 1; i <= 20; i++) says(stand, 'parent', `${i}`)
    const conversationID = 'GROUPclass1'
    const page = async (nextReqMessageID: string) =>
      (await stand.chat.getMessageList({ conversationID, nextReqMessageID })).data
    const first = await page('')
    expect(first.messageList.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 15 }, (_, i) => i + 6))
    expect(first).toMatchObject({ nextReqMessageID: '5', isCompleted: false })
    for (const from of ['5', first.messageList[0]?.ID ?? '']) {
      const second = await page(from)
      expect(second.messageList.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5])
      expect(second).toMatchObject({ nextReqMessageID: '', isCompleted: true })
    }
  })

  test('opens both ways around a message, which is in exactly one of the halves', async () => {
    const stand = await classStand()
    for (let i = 1; i <= 20; i++) says(stand, 'parent', `${i}`)
    const hop = async (direction: 0 | 1, sequence?: number) =>
      (
        await stand.chat.getMessageListHopping({
          ...{ conversationID: 'GROUPclass1', direction, count: 3 },
          ...(sequence === undefined ? {} : { sequence }),
        })
      ).data
    const older = await hop(0, 10)
    expect(older.messageList.map(({ sequence }) => sequence)).toEqual([8, 9, 10])
    expect(older.nextMessageSeq).toBe(7)
    const newer = await hop(1, 10)
    expect(newer.messageList.map(({ sequence }) => sequence)).toEqual([11, 12, 13])
    expect((await hop(1, newer.nextMessageSeq as number)).messageList[0]?.sequence).toBe(14)
    expect((await hop(0, 7)).messageList.at(-1)?.sequence).toBe(7)
    expect(await hop(1)).toMatchObject({ messageList: [], isCompleted: true, nextMessageSeq: '' })
  })

  test('that the user may not see rejects 10007', async () => {
    const stand = await classStand()
    stand.client.failing.set('history', 'NOT_A_MEMBER')
    await expect(stand.chat.getMessageList({ conversationID: 'GROUPother' })).rejects.toMatchObject({ code: 10007 })
  })
})

describe('taking back in a group', () => {
  test('others’ messages is for the server to allow; too late is 10031 there', async () => {
    const stand = await classStand()
    says(stand, 'parent', '广告')
    const message = received(stand)
    stand.client.failing.set('revoke', 'REVOKE_WINDOW_OVER')
    await expect(stand.chat.revokeMessage(message)).rejects.toMatchObject({ code: 10031 })
    stand.client.failing.set('revoke', 'NOT_THE_SENDER')
    await expect(stand.chat.revokeMessage(message)).rejects.toMatchObject({ code: 10032 })
    const { data } = await stand.chat.revokeMessage(message)
    expect(data.message).toBe(message)
    expect(message).toMatchObject({ isRevoked: true, revoker: 'teacher', payload: { text: '广告' } })
  })

  test('names the revoker by the name he was last seen with', async () => {
    const stand = await classStand()
    const { seq } = says(stand, 'parent', 'x')
    says(stand, 'admin', 'y', { senderNick: '副班主任' })
    const by = 'admin' as UserId
    stand.client.tell({ kind: 'revoked', conversationId: CLASS, seq, by, reason: 'r', byThisInstance: false })
    expect(stand.seen(EVENT.MESSAGE_REVOKED)).toMatchObject([[{ revokerInfo: { userID: 'admin', nick: '副班主任' } }]])
  })

  test('a message found by hopping is revoked as well', async () => {
    const stand = await classStand()
    for (let i = 1; i <= 3; i++) stand.client.store(CLASS, 'parent', { elements: [{ type: 'text', text: `${i}` }] })
    const options = { conversationID: 'GROUPclass1', sequence: 2, direction: 0 } as const
    const found = (await stand.chat.getMessageListHopping(options)).data.messageList[1]
    const by = 'parent' as UserId
    stand.client.tell({ kind: 'revoked', conversationId: CLASS, seq: 2, by, reason: '', byThisInstance: false })
    expect(found).toMatchObject({ sequence: 2, isRevoked: true })
  })
})
