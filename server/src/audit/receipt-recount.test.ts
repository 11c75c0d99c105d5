import { expect, test } from 'vitest'
import { impossibleReaders, recountReceipts, type ReceiptFacts } from './receipt-recount.ts'

const facts: ReceiptFacts = {
  seq: 5,
  senderKey: 1,
  receiptAtMs: null,
  receivers: null,
  lastSeq: 9,
  // 4 came later; 6 has left.
  members: new Map([
    [1, 0],
    [2, 0],
    [3, 0],
    [4, 5],
    [5, 4],
  ]),
  receipts: new Map([
    [1, '{[1,10)}'],
    [2, '{[1,3),[5,6)}'],
    [3, '{[1,5),[6,9)}'],
    [4, '{[6,8)}'],
    [6, '{[4,7)}'],
  ]),
}

test('who has read counts though he left; who was there counts as not having read; the sender and latecomers do not', () => {
  expect(recountReceipts(facts)).toEqual({ read: 2, unread: 2 })
  expect(recountReceipts({ ...facts, receivers: [2, 4, 5] })).toEqual({ read: 1, unread: 1 })
})

test('between two people the one receipt counts', () => {
  const pair = { ...facts, members: new Map([...facts.members].slice(0, 2)), receipts: new Map<number, string>() }
  expect(recountReceipts(pair)).toEqual({ read: 0, unread: 1 })
  expect(recountReceipts({ ...pair, receiptAtMs: 1 })).toEqual({ read: 1, unread: 0 })
})

test('receipts for what was never said are found', () => {
  expect(impossibleReaders(facts)).toEqual([])
  expect(impossibleReaders({ ...facts, lastSeq: 7 })).toEqual([1, 3])
})
