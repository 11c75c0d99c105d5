import { CLOSE } from '@hongyan/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Login } from './login-reader.ts'
import { displacedBy, type LoginPolicy } from './login-rules.ts'

const NOBODY: ReadonlySet<number> = new Set()

function login(key: number, device = 'web'): Login {
  return { key, device, instanceId: `i${key}` }
}

function policy(instancesPerDevice: number, devices: LoginPolicy['devices'] = 'each'): LoginPolicy {
  return { instancesPerDevice, devices }
}

describe('displacedBy', () => {
  test('a login takes the place of the one of its own class of device', () => {
    expect(displacedBy('web', [login(1)], NOBODY, policy(1))).toEqual([
      { loginKey: 1, closeCode: CLOSE.DISPLACED_BY_ACCOUNT },
    ])
  })

  test('other classes are left alone, unless there may be one device only', () => {
    const others = [login(1, 'wx'), login(2, 'node')]
    expect(displacedBy('web', others, NOBODY, policy(1))).toEqual([])
    expect(displacedBy('web', others, NOBODY, policy(1, 'one'))).toEqual([
      { loginKey: 1, closeCode: CLOSE.DISPLACED_BY_DEVICE },
      { loginKey: 2, closeCode: CLOSE.DISPLACED_BY_DEVICE },
    ])
  })

  test('below the limit nobody goes; at the limit the oldest does', () => {
    const others = [login(3), login(1), login(2)]
    expect(displacedBy('web', others, NOBODY, policy(4))).toEqual([])
    expect(displacedBy('web', others, NOBODY, policy(3)).map(({ loginKey }) => loginKey)).toEqual([1])
  })

  test('who is not connected goes before who is, even when younger', () => {
    const others = [login(1), login(2), login(3)]
    expect(displacedBy('web', others, new Set([1, 2]), policy(3)).map(({ loginKey }) => loginKey)).toEqual([3])
    expect(displacedBy('web', others, new Set([1, 2]), policy(2)).map(({ loginKey }) => loginKey)).toEqual([3, 1])
  })

  test('after a lowered limit as many go as are too many', () => {
    const others = [login(1), login(2), login(3)]
    expect(displacedBy('web', others, NOBODY, policy(1)).map(({ loginKey }) => loginKey)).toEqual([1, 2, 3])
  })

  test('for anybody there: the new one fits, nobody goes twice, and nobody goes for whom there is room', () => {
    const devices = ['web', 'wx', 'node']
    const logins = fc
      .uniqueArray(fc.integer({ min: 1, max: 50 }), { maxLength: 12 })
      .chain((keys) => fc.tuple(...keys.map((key) => fc.constantFrom(...devices).map((device) => login(key, device)))))
    fc.assert(
      fc.property(
        logins,
        fc.array(fc.integer({ min: 1, max: 50 })),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('each' as const, 'one' as const),
        (others, connected, instances, rule) => {
          const gone = displacedBy('web', others, new Set(connected), policy(instances, rule)).map(
            ({ loginKey }) => loginKey,
          )
          expect(new Set(gone).size).toBe(gone.length)
          const left = others.filter(({ key }) => !gone.includes(key))
          const ofClass = left.filter(({ device }) => device === 'web').length
          expect(ofClass).toBe(Math.min(others.filter(({ device }) => device === 'web').length, instances - 1))
          const ofOthers = left.length - ofClass
          expect(ofOthers).toBe(rule === 'one' ? 0 : others.filter(({ device }) => device !== 'web').length)
        },
      ),
    )
  })
})
