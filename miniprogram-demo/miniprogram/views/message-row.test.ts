import { describe, expect, test } from 'vitest'
import { TYPES, type Message } from '../im/sdk.ts'
import { zh } from '../text/zh.ts'
import { anchorOf, rowOf, type RowContext } from './message-row.ts'

const NOW_SECONDS = 1_800_000_000

const context: RowContext = {
  ...{ me: 'me', words: zh, nowMs: NOW_SECONDS * 1000, isGroup: true },
  ...{ isHeard: () => false, percentOf: () => 40, nameOf: (userID) => (userID === 't1' ? '王老师' : '') },
}

function message(more: Partial<Message> = {}): Message {
  return {
    ...{ ID: '1-2-3', type: TYPES.MSG_TEXT, payload: { text: '好' }, flow: 'in', from: 't1', time: NOW_SECONDS - 10 },
    ...{ nick: '王老师', nameCard: '', avatar: '', status: 'success', cloudCustomData: '', isRevoked: false },
    ...{ revoker: '', revokerInfo: { userID: '', nick: '', avatar: '' }, needReadReceipt: true, isPeerRead: false },
    readReceiptInfo: { readCount: undefined, unreadCount: undefined, isPeerRead: undefined, timestamp: 0 },
    ...more,
  } as Message
}

const mine = { flow: 'out', from: 'me', nick: '我' } as const

describe('a row', () => {
  test('of somebody else in a class has his name, an own one has none', () => {
    expect(rowOf(message(), NOW_SECONDS, context)).toMatchObject({ kind: 'bubble', name: '王老师', isMine: false })
    expect(rowOf(message(mine), NOW_SECONDS, context)).toMatchObject({ name: '', isMine: true })
  })

  test('has a line of time after a silence only', () => {
    expect(rowOf(message(), 0, context).time).not.toBe('')
    expect(rowOf(message(), NOW_SECONDS - 100, context).time).toBe('')
  })

  test('says how far an upload is, and nothing once it is there', () => {
    expect(rowOf(message({ ...mine, status: 'unSend' }), 0, context)).toMatchObject({ status: 'sending', percent: 40 })
    expect(rowOf(message(mine), 0, context)).toMatchObject({ status: 'sent', percent: 100 })
  })

  test('that was taken back says by whom, also when history has lost the name', () => {
    const revoked = { isRevoked: true, nick: '' }
    expect(rowOf(message(revoked), 0, context)).toMatchObject({
      kind: 'tip',
      text: '王老师 撤回了一条消息',
      canReedit: false,
    })
    expect(rowOf(message({ ...revoked, ...mine }), 0, context)).toMatchObject({
      text: '你撤回了一条消息',
      canReedit: true,
    })
  })

  test('that was taken back long ago is not edited again', () => {
    const old = message({ ...mine, isRevoked: true, time: NOW_SECONDS - 301 })
    expect(rowOf(old, 0, context)).toMatchObject({ canReedit: false })
  })

  test('of mine in a class tells how many have read it, and offers their names', () => {
    const receipt = (readCount: number, unreadCount: number) =>
      rowOf(message({ ...mine, readReceiptInfo: { ...message().readReceiptInfo, readCount, unreadCount } }), 0, context)
    expect([receipt(0, 3), receipt(2, 1), receipt(3, 0)]).toMatchObject([
      { receipt: { text: '未读', hasNames: true } },
      { receipt: { text: '2人已读', hasNames: true } },
      { receipt: { text: '全部已读', hasNames: true } },
    ])
  })

  test('of mine to one person is read or unread', () => {
    const alone = { ...context, isGroup: false }
    expect(rowOf(message(mine), 0, alone)).toMatchObject({ receipt: { text: '未读', hasNames: false } })
    expect(rowOf(message({ ...mine, isPeerRead: true }), 0, alone)).toMatchObject({ receipt: { text: '已读' } })
  })

  test('goes over the bridge as it is: nothing in it is undefined', () => {
    const row = rowOf(message(), 0, context)
    expect(JSON.parse(JSON.stringify(row))).toStrictEqual(row)
  })
})

test('an anchor is a name that a selector takes', () => {
  expect(anchorOf('144115198-1700000000-99')).toBe('m144115198-1700000000-99')
  expect(anchorOf('1-2@x')).toBe('m1-2_x')
})
