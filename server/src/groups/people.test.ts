import { LIMITS, parseUserId, type UserId } from '@hongyan/protocol'
import { expect, test } from 'vitest'
import { peopleOf } from './people.ts'

function user(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Error('not a user id')
  return userId
}

function crowd(count: number): { readonly id: UserId; readonly nick: string; readonly avatar: string }[] {
  return Array.from({ length: count }, (_, index) => ({ id: user(`u${index}`), nick: `n${index}`, avatar: '' }))
}

test('the people of a tip carry their names, as far as it carries names', () => {
  expect(peopleOf([])).toEqual([])
  expect(peopleOf(crowd(1))).toEqual([{ userId: 'u0', nick: 'n0', avatar: '' }])
  expect(peopleOf(crowd(LIMITS.tipNames)).every(({ nick }) => nick !== undefined)).toBe(true)
})

test('further people are there by their ids, in order, and nobody is left out', () => {
  const people = peopleOf(crowd(LIMITS.tipNames + 2))
  expect(people.slice(LIMITS.tipNames)).toEqual([
    { userId: `u${LIMITS.tipNames}` },
    { userId: `u${LIMITS.tipNames + 1}` },
  ])
  expect(people.map(({ userId }) => userId)).toEqual(crowd(LIMITS.tipNames + 2).map(({ id }) => id))
})

test('a row of the store tells nothing but that', () => {
  const [row] = crowd(1)
  const rows = row ? [{ ...row, key: 144115, isDisabled: false }] : []
  expect(peopleOf(rows)).toEqual([{ userId: 'u0', nick: 'n0', avatar: '' }])
})

test('a tip about as many as one request may name stays smaller than a message', () => {
  const longest = Array.from({ length: LIMITS.membersPerRequest }, (_, index) => ({
    id: user(`${index}`.padEnd(LIMITS.userIdBytes, 'x')),
    nick: 'n'.repeat(100),
    avatar: 'a'.repeat(100),
  }))
  expect(JSON.stringify(peopleOf(longest)).length).toBeLessThan(32 * 1024)
})
