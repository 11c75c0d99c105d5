import type { Message } from '@hongyan/client-sdk'
import { expect, test } from 'vitest'
import { rowsOf, type Row } from './thread-rows.ts'

const NOON = new Date(2026, 10, 21, 12).getTime() / 1000

function message(sequence: number, fields: Partial<Message> = {}): Message {
  const common = { ID: `m${sequence}`, sequence, time: NOON + sequence, from: 'a', type: 'TIMTextElem', payload: {} }
  return { ...common, status: 'success', isRevoked: false, ...fields } as Message
}

function shape(rows: readonly Row[]): string {
  return rows
    .map((row) => (row.kind === 'message' ? (row.isHead ? row.key.toUpperCase() : row.key) : row.kind))
    .join(' ')
}

function shapeOf(messages: readonly Message[], options: Partial<Parameters<typeof rowsOf>[1]> = {}): string {
  return shape(rowsOf(messages, { hasOlder: false, firstUnread: undefined, ...options }))
}

test('what one person writes in one go stands together under one head', () => {
  expect(shapeOf([message(1), message(2), message(3, { from: 'b' }), message(4, { from: 'b' })])).toBe(
    'time M1 m2 M3 m4',
  )
})

test('after five minutes the head is there again, after a quarter of an hour the time, too', () => {
  expect(shapeOf([message(1), message(2, { time: NOON + 301 })])).toBe('time M1 M2')
  expect(shapeOf([message(1), message(2, { time: NOON + 901 })])).toBe('time M1 time M2')
})

test('a new day is said, however short the silence was', () => {
  const midnight = new Date(2026, 10, 22).getTime() / 1000
  expect(shapeOf([message(1, { time: midnight - 5 }), message(2, { time: midnight + 5 })])).toBe('time M1 time M2')
})

test('tips and what was recalled are notes, after which the speaker has a head again', () => {
  const tip = message(2, { type: 'TIMGroupTipElem' })
  expect(shapeOf([message(1), tip, message(3)])).toBe('time M1 note M3')
  expect(shapeOf([message(1), message(2, { isRevoked: true }), message(3)])).toBe('time M1 note M3')
})

test('the oldest message is not drawn before it is known what stands above it', () => {
  const page = [message(4), message(5), message(6, { from: 'b' })]
  expect(shapeOf(page, { hasOlder: true })).toBe('m5 M6')
})

test('a row looks the same before and after older messages have come in above', () => {
  const page = [message(4), message(5), message(6, { from: 'b' })]
  const older = [message(1), message(2), message(3)]
  const before = shapeOf(page, { hasOlder: true })
  expect(shapeOf([...older, ...page], { hasOlder: true }).endsWith(before)).toBe(true)
  expect(shapeOf([...older, ...page]).endsWith(before)).toBe(true)
})

test('a line stands above the first message that is new, once', () => {
  expect(shapeOf([message(1), message(2), message(3)], { firstUnread: 2 })).toBe('time M1 unread M2 m3')
  // The message itself was deleted.
  expect(shapeOf([message(1), message(4), message(5)], { firstUnread: 2 })).toBe('time M1 unread M4 m5')
})

test('no line where what is new began above what is drawn', () => {
  expect(shapeOf([message(7), message(8)], { firstUnread: 3, hasOlder: true })).toBe('m8')
})
