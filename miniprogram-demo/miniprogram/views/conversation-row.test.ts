import { describe, expect, test } from 'vitest'
import { TYPES, type Conversation } from '../im/sdk.ts'
import { zh } from '../text/zh.ts'
import { conversationRow } from './conversation-row.ts'

const lastMessage = {
  ...{ type: TYPES.MSG_TEXT, payload: { text: '明天带水杯' }, fromAccount: 't1', nick: '王老师', nameCard: '' },
  ...{ isRevoked: false, lastTime: 1_800_000_000 },
}

function row(more: object = {}) {
  const conversation = {
    ...{ conversationID: 'GROUPclass1', type: TYPES.CONV_GROUP, unreadCount: 0, isPinned: false, draftText: '' },
    ...{
      messageRemindType: '',
      groupAtInfoList: [],
      remark: '',
      lastMessage,
      groupProfile: { name: '三(2)班', avatar: '' },
    },
    ...more,
  } as unknown as Conversation
  return conversationRow(conversation, 'me', 1_800_000_000_000, zh)
}

describe('a line of the list', () => {
  test('in a class begins with who spoke; what I said does not', () => {
    expect(row()).toMatchObject({ title: '三(2)班', preview: '王老师: 明天带水杯', isGroup: true })
    expect(row({ lastMessage: { ...lastMessage, fromAccount: 'me' } }).preview).toBe('明天带水杯')
  })

  test('of a person has his name', () => {
    const userProfile = { userID: 't1', nick: '王老师', avatar: '' }
    expect(row({ conversationID: 'C2Ct1', type: TYPES.CONV_C2C, userProfile })).toMatchObject({
      title: '王老师',
      preview: '明天带水杯',
    })
  })

  test('shows a draft, unless there is something to read', () => {
    expect(row({ draftText: '我想问' })).toMatchObject({ mark: '[草稿]', preview: '我想问' })
    expect(row({ draftText: '我想问', unreadCount: 1 })).toMatchObject({ mark: '', preview: '王老师: 明天带水杯' })
  })

  test('warns of a mention before all else', () => {
    const at = (kind: number) => ({ groupAtInfoList: [{ atTypeArray: [kind] }], draftText: '我' })
    expect([row(at(TYPES.CONV_AT_ME)).mark, row(at(TYPES.CONV_AT_ALL)).mark]).toEqual(['[有人@我]', '[@所有人]'])
  })

  test('counts up to 99', () => {
    expect(
      [row({ unreadCount: 0 }), row({ unreadCount: 99 }), row({ unreadCount: 100 })].map(({ unread }) => unread),
    ).toEqual(['', '99', '99+'])
  })

  test('says what was taken back', () => {
    expect(row({ lastMessage: { ...lastMessage, isRevoked: true } }).preview).toBe('王老师 撤回了一条消息')
  })

  test('is muted by any wish not to be notified', () => {
    const muted = ['', TYPES.MSG_REMIND_ACPT_AND_NOTE, TYPES.MSG_REMIND_ACPT_NOT_NOTE, TYPES.MSG_REMIND_DISCARD]
    expect(muted.map((messageRemindType) => row({ messageRemindType }).isMuted)).toEqual([false, false, true, true])
  })
})
