import { describe, expect, test } from 'vitest'
import type { TimInstance } from './facade.ts'
import { TO_CLASS } from './test/group-stand.ts'
import { makeStand, readyStand, TO_PARENT } from './test/stand.ts'

type AnyCall = (...parameters: unknown[]) => unknown

/** What no TIM takes, by method. */
const BAD: Partial<Record<keyof TimInstance, readonly unknown[]>> = {
  login: [undefined, 'teacher'],
  on: [undefined, ''],
  once: ['name without a handler'],
  registerPlugin: [undefined, 'plugin'],
  setLogLevel: [undefined, '1'],
  createTextMessage: [
    undefined,
    {},
    { ...TO_PARENT, payload: { text: '' } },
    { ...TO_PARENT, payload: { text: 7 } },
    { ...TO_PARENT, to: '', payload: { text: 'x' } },
    { to: 'parent', payload: { text: 'x' } },
    { ...TO_PARENT, payload: { text: 'x' }, cloudCustomData: { a: 1 } },
  ],
  createCustomMessage: [
    { ...TO_PARENT },
    { ...TO_PARENT, payload: { data: null } },
    { ...TO_PARENT, payload: { extension: 1 } },
  ],
  createFaceMessage: [
    { ...TO_PARENT, payload: { index: '1', data: 'x' } },
    { ...TO_PARENT, payload: { index: 1.5, data: 'x' } },
    { ...TO_PARENT, payload: { index: 1 } },
  ],
  createLocationMessage: [
    { ...TO_PARENT, payload: { description: 'x', longitude: '116.3', latitude: 39.9 } },
    { ...TO_PARENT, payload: { description: 'x', longitude: 181, latitude: 0 } },
    { ...TO_PARENT, payload: { description: 'x', longitude: 0, latitude: Number.NaN } },
    { ...TO_PARENT, payload: { longitude: 0, latitude: 0 } },
  ],
  createForwardMessage: [undefined, { ...TO_PARENT }, { ...TO_PARENT, payload: 'x' }],
  deleteMessage: [undefined, 'x', [undefined]],
  getMessageList: [undefined, {}, { conversationID: 7 }],
  getMessageListHopping: [
    undefined,
    {},
    { conversationID: 'C2Cparent', time: 'yesterday' },
    { conversationID: 'C2Cparent', time: Number.NaN },
  ],
  clearHistoryMessage: [undefined, ''],
  getConversationProfile: [undefined, '', {}],
  deleteConversation: [
    undefined,
    '',
    {},
    { conversationIDList: [] },
    { conversationIDList: Array.from({ length: 101 }, (_, i) => `C2C${i}`) },
  ],
  pinConversation: [undefined, {}, { conversationID: 'C2Cparent' }, { conversationID: 'C2Cparent', isPinned: 1 }],
  setConversationDraft: [undefined, { conversationID: 'C2Cparent' }, { conversationID: 'C2Cparent', draftText: null }],
  getUserProfile: [undefined, {}, { userIDList: 'parent' }, { userIDList: [1] }],
  createTextAtMessage: [
    { ...TO_PARENT, payload: { text: 'x', atUserList: ['a'] } },
    { ...TO_CLASS, payload: { text: 'x' } },
    { ...TO_CLASS, payload: { text: '', atUserList: ['a'] } },
    { ...TO_CLASS, payload: { text: 'x', atUserList: [1] } },
    { ...TO_CLASS, payload: { text: 'x', atUserList: ['a'] }, receiverList: 'a' },
  ],
  createGroup: [
    undefined,
    {},
    { name: 'a' },
    { name: '', type: 'Public' },
    { name: 'a', type: 'Public', memberList: ['a'] },
  ],
  updateGroupProfile: [undefined, { name: 'a' }, { groupID: 'g', name: 1 }, { groupID: 'g', groupCustomField: {} }],
  dismissGroup: [undefined, ''],
  joinGroup: [undefined, {}, 'g'],
  quitGroup: [undefined, {}],
  searchGroupByID: [undefined, {}],
  getGroupOnlineMemberCount: [undefined, {}],
  getGroupProfile: [undefined, {}],
  changeGroupOwner: [undefined, { groupID: 'g' }],
  handleGroupApplication: [undefined, { handleAction: 'Agree' }, { handleAction: 'Maybe', application: {} }],
  getGroupAttributes: [undefined, {}, { groupID: 'g', keyList: 'a' }],
  deleteGroupAttributes: [undefined, { groupID: 'g', keyList: [1] }],
  setGroupCounters: [undefined, { groupID: 'g', counters: {} }, { groupID: 'g', counters: { a: '1' } }],
  increaseGroupCounter: [undefined, { groupID: 'g', key: 'a', value: 0.5 }, { groupID: 'g', value: 1 }],
  getGroupMemberList: [undefined, {}],
  getGroupMemberProfile: [undefined, { groupID: 'g' }],
  addGroupMember: [undefined, { groupID: 'g' }, { groupID: 'g', userIDList: 'a' }],
  deleteGroupMember: [undefined, { userIDList: ['a'] }],
  setGroupMemberRole: [undefined, { groupID: 'g', userID: 'a' }],
  setGroupMemberMuteTime: [
    undefined,
    { groupID: 'g', userID: 'a' },
    { groupID: 'g', userID: 'a', muteTime: Number.NaN },
  ],
  setGroupMemberNameCard: [undefined, { groupID: 'g' }],
  setGroupMemberCustomField: [undefined, { groupID: 'g', memberCustomField: [{ key: 'a' }] }],
  pinGroupMessage: [undefined, { groupID: 'g', message: {} }],
  getPinnedGroupMessageList: [undefined, {}],
  getMessageReactions: [undefined, {}, { messageList: ['a'] }],
  getAllUserListOfMessageReaction: [undefined, { message: {} }],
  sendMessageReadReceipt: [undefined, {}, ['a']],
  getMessageReadReceiptList: [undefined, ['a']],
  getGroupMessageReadMemberList: [undefined, {}],
  modifyMessage: [undefined, 'a'],
  searchCloudMessages: [
    undefined,
    'x',
    { keywordList: 'x' },
    { keywordList: [1] },
    { keywordList: null },
    { keywordList: ['x'], keywordListMatchType: 'xor' },
    { keywordList: ['x'], senderUserIDList: 'a' },
    { keywordList: ['x'], timePosition: -1 },
    { keywordList: ['x'], timePeriod: '60' },
    { keywordList: ['x'], count: Number.NaN },
    { keywordList: ['x'], cursor: 1 },
    { keywordList: ['x'], conversationID: 7 },
  ],
  searchCloudUsers: [undefined, { keywordList: {} }, { keywordList: ['x'], miniBirthday: '1990' }],
  searchCloudGroups: [undefined, { keywordList: ['x'], groupTypeList: 'Public' }],
  searchCloudGroupMembers: [undefined, { keywordList: ['x'], groupIDList: [1] }],
  setMessageRemindType: [undefined, { groupID: 'g' }],
}

describe('bad parameters', () => {
  test.each(Object.entries(BAD))('of %s throw at once, without a code', async (name, bad) => {
    const { chat } = await readyStand()
    const call = chat[name as keyof TimInstance] as AnyCall
    for (const parameter of bad) {
      let thrown: unknown
      try {
        const result = call(parameter)
        if (result instanceof Promise) await result.catch(() => undefined)
      } catch (error) {
        thrown = error
      }
      expect({ parameter, thrown }).toEqual({ parameter, thrown: expect.any(Error) as Error })
      expect(thrown).not.toHaveProperty('code')
      expect((thrown as Error).message).toContain(name)
    }
  })

  test('matter only after the login: before, the reason is that', async () => {
    const { chat } = makeStand()
    for (const name of ['createTextMessage', 'getMessageList', 'getUserProfile'] as const) {
      await expect((chat[name] as AnyCall)(undefined)).rejects.toMatchObject({ code: 2024 })
    }
  })

  test('of setMessageRead reject instead, because a kit calls it with nothing and without a catch around it', async () => {
    const { chat } = await readyStand()
    for (const bad of [undefined, {}, { conversationID: undefined }]) {
      await expect((chat.setMessageRead as AnyCall)(bad)).rejects.toMatchObject({ code: 2503 })
    }
  })

  test('what cannot be forwarded is refused with a promise, as TIM does', async () => {
    const { chat } = await readyStand()
    const forward = (payload: object): unknown => (chat.createForwardMessage as AnyCall)({ ...TO_PARENT, payload })
    const element = { type: 'TIMHologramElem', content: {} }
    await expect(forward({ type: 'TIMGroupTipElem' })).rejects.toMatchObject({ code: 2453 })
    await expect(forward({ type: 'TIMTextElem', payload: { text: 'x' } })).rejects.toMatchObject({ code: 2454 })
    await expect(forward({ ...element, _elements: [element] })).rejects.toMatchObject({ code: 3122 })
  })
})
