import type { Message } from '@hongyan/client-sdk'
import { expect, test } from 'vitest'
import { readStateOf } from './read-state.ts'

function message(fields: object): Message {
  const common = {
    flow: 'out',
    status: 'success',
    sequence: 1,
    isRevoked: false,
    conversationType: 'C2C',
    isPeerRead: false,
  }
  return { ...common, needReadReceipt: false, readReceiptInfo: {}, ...fields } as Message
}

test('one-to-one it is read or not, by what the peer has read', () => {
  expect(readStateOf(message({}))).toEqual({ kind: 'unread' })
  expect(readStateOf(message({ isPeerRead: true }))).toEqual({ kind: 'read' })
})

test('in a group so many have not read it, once the numbers are there', () => {
  const sent = { conversationType: 'GROUP', needReadReceipt: true }
  expect(readStateOf(message(sent))).toEqual({ kind: 'none' })
  const info = { readCount: 2, unreadCount: 3 }
  expect(readStateOf(message({ ...sent, readReceiptInfo: info }))).toEqual({ kind: 'group', unreadCount: 3 })
  expect(readStateOf(message({ ...sent, readReceiptInfo: { readCount: 0, unreadCount: 0 } }))).toEqual({ kind: 'none' })
})

test('nothing is said of others’ messages, of those that failed and of those without receipts', () => {
  expect(readStateOf(message({ flow: 'in' }))).toEqual({ kind: 'none' })
  expect(readStateOf(message({ status: 'fail' }))).toEqual({ kind: 'none' })
  expect(readStateOf(message({ isRevoked: true }))).toEqual({ kind: 'none' })
  expect(
    readStateOf(message({ conversationType: 'GROUP', readReceiptInfo: { readCount: 1, unreadCount: 1 } })),
  ).toEqual({
    kind: 'none',
  })
})
