import { describe, expect, test } from 'vitest'
import { expiryMs, keepsAll, type KeptSort, type OwnRule, type RetentionPolicy } from './retention-rules.ts'

const DAY_MS = 86_400_000
const NOW_MS = 1_000 * DAY_MS
const policy: RetentionPolicy = {
  days: 100,
  daysOf: new Map([
    ['meeting', 10],
    ['work', 0],
  ]),
}

function daysKept(sort: KeptSort, own?: OwnRule): number {
  const beforeMs = expiryMs(sort, own, policy, NOW_MS)
  return beforeMs === undefined ? 0 : (NOW_MS - beforeMs) / DAY_MS
}

describe('how long a conversation is kept', () => {
  test('its sort decides where that is set, else what is said of all', () => {
    expect([daysKept('c2c'), daysKept('meeting'), daysKept('work')]).toEqual([100, 10, 0])
  })

  test('its own rule goes before, also when it keeps it for ever', () => {
    expect(daysKept('meeting', { days: 400, heldBecause: null })).toBe(400)
    expect(daysKept('meeting', { days: 0, heldBecause: null })).toBe(0)
    expect(daysKept('work', { days: 5, heldBecause: null })).toBe(5)
    expect(daysKept('meeting', { days: null, heldBecause: null })).toBe(10)
  })

  test('a hold wins over everything', () => {
    expect(daysKept('meeting', { days: 1, heldBecause: 'case 7' })).toBe(0)
  })

  test('nothing is removed unless something is set', () => {
    expect(keepsAll({ days: 0, daysOf: new Map([['c2c', 0]]) })).toBe(true)
    expect(keepsAll(policy)).toBe(false)
  })
})
