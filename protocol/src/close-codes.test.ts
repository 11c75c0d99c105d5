import { describe, expect, test } from 'vitest'
import { CLOSE, closeName, isFinalClose, type CloseName } from './close-codes.ts'

const FROZEN = {
  DRAINING: 4000,
  SLOW_CONSUMER: 4001,
  NO_PONG: 4002,
  CANNOT_FOLLOW: 4003,
  REPLACED: 4004,
  EPOCH_CHANGED: 4005,
  BUSY: 4006,
  BAD_FRAME: 4500,
  OPEN_TIMEOUT: 4501,
  VERSION_NOT_SUPPORTED: 4502,
  SIGNATURE_INVALID: 4503,
  SIGNATURE_EXPIRED: 4504,
  DISPLACED_BY_ACCOUNT: 4505,
  DISPLACED_BY_DEVICE: 4506,
  ACCOUNT_DISABLED: 4507,
  SIGNED_OUT_BY_ADMIN: 4508,
  SIGNED_OUT: 4509,
}

describe('[CLOSE-1] the range of a close code is the policy', () => {
  test('every close code keeps the number it was given once', () => {
    expect(CLOSE).toEqual(FROZEN)
    expect(new Set(Object.values(CLOSE)).size).toBe(Object.keys(CLOSE).length)
  })

  test.each(Object.entries(CLOSE) as [CloseName, number][])(
    '%s lies in a range and is found by its number',
    (name, code) => {
      expect(code).toBeGreaterThanOrEqual(4000)
      expect(code).toBeLessThanOrEqual(4999)
      expect(closeName(code)).toBe(name)
      expect(isFinalClose(code)).toBe(code >= 4500)
    },
  )

  test.each([1000, 1001, 1005, 1006, 1008, 1009, 1011, 1015, 3000, 3999, 4000, 4499, 5000])(
    '%i means come back',
    (code) => {
      expect(isFinalClose(code)).toBe(false)
    },
  )

  test.each([4500, 4750, 4999])('%i means stay away', (code) => {
    expect(isFinalClose(code)).toBe(true)
  })

  test('a number that is not ours has no name', () => {
    expect(closeName(1000)).toBeUndefined()
    expect(closeName(4499)).toBeUndefined()
  })
})
