import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ERRORS } from '@hongyan/protocol'
import { ERROR_CONTEXTS, timCodeOf } from '../src/tim/errors.ts'
import { EVENT } from '../src/tim/events.ts'
import { ABSENT_METHODS } from '../src/tim/methods/absent.ts'
import { createModule, socketUrl } from '../src/tim/module.ts'
import { TYPES } from '../src/tim/types.ts'
import { virtualPlatform } from './fake-client.ts'
import { VirtualClock } from './virtual-clock.ts'

const COMPAT = readFileSync(new URL('../../docs/TIM-COMPAT.md', import.meta.url), 'utf8')

/** The rows of a table of the list: name → status. */
function listed(heading: string): Map<string, string> {
  const section = COMPAT.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  return new Map(
    [...section.matchAll(/^\| (\w+) +\| (\w+) +\|/gm)].flatMap(([, name, status]) =>
      name !== undefined && status !== undefined && /^(supported|differs|absent)$/.test(status) ? [[name, status]] : [],
    ),
  )
}

function module() {
  return createModule(virtualPlatform(new VirtualClock()))
}

describe('docs/TIM-COMPAT.md cannot lie', () => {
  test('it lists every method there is, and no other; the absent ones are those that reject 3122', async () => {
    const chat = module().create({ SDKAppID: 1 })
    const methods = listed('Methods')
    expect([...methods.keys()].sort()).toEqual(Object.keys(chat ?? {}).sort())
    const absent = [...methods].filter(([, status]) => status === 'absent').map(([name]) => name)
    expect(absent.sort()).toEqual([...ABSENT_METHODS].sort())
  })

  test('it lists every event, and those that are never emitted in the code as absent', () => {
    const events = listed('Events')
    expect([...events.keys()].sort()).toEqual(Object.keys(EVENT).sort())
    const root = new URL('../src/tim/', import.meta.url)
    const code = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?<!\.test)\.ts$/.test(file) && !file.startsWith('test/'))
      .map((file) => readFileSync(new URL(file, root), 'utf8'))
      .join('\n')
    for (const [name, status] of events)
      expect([name, code.includes(`EVENT.${name},`)]).toEqual([name, status !== 'absent'])
  })

  test('it lists every constant, and every code the SDK gives as supported', () => {
    expect([...listed('Constants').keys()].sort()).toEqual(Object.keys(TYPES).sort())
    const codes = listed('Codes')
    for (const name of Object.keys(ERRORS) as (keyof typeof ERRORS)[]) {
      for (const context of ERROR_CONTEXTS)
        expect([name, codes.get(String(timCodeOf(name, context)))]).toEqual([name, 'supported'])
    }
  })
})

describe('the module', () => {
  test('has what applications and kits read before create()', () => {
    const TIM = module()
    expect(TIM.VERSION).toMatch(/^3\.\d+\.\d+$/)
    expect(Object.keys(TIM.EVENT)).toHaveLength(39)
    expect(Object.keys(TIM.TYPES)).toHaveLength(115)
    expect(TIM.TYPES.MSG_AT_ALL).toBe('__kImSDK_MesssageAtALL__')
    expect(TIM.TSignaling.NEW_INVITATION_RECEIVED).toBe('newInvitationReceived')
  })

  test('create gives one object per application and name, until it is destroyed; null without a number', async () => {
    const TIM = module()
    const one = TIM.create({ SDKAppID: 1400000000 })
    expect(TIM.create({ SDKAppID: 1400000000 })).toBe(one)
    expect(TIM.create({ SDKAppID: 1400000000, instance: 'bot' })).not.toBe(one)
    expect(TIM.create({ SDKAppID: 1400000001 })).not.toBe(one)
    expect(TIM.create({ SDKAppID: 'abc' as unknown as number })).toBeNull()
    expect(TIM.create(undefined as unknown as { SDKAppID: number })).toBeNull()
    await one?.destroy().catch(() => undefined)
    expect(TIM.create({ SDKAppID: 1400000000 })).not.toBe(one)
  })

  test('members are bound functions of a plain object', () => {
    const { on, isReady } = module().create({ SDKAppID: 2 }) ?? {}
    expect(on).toBeTypeOf('function')
    expect(isReady?.()).toBe(false)
    expect(Object.getPrototypeOf(module().create({ SDKAppID: 3 }))).toBeNull()
  })

  test.each([
    ['https://im.school.example', 'wss://im.school.example/im/ws'],
    ['http://127.0.0.1:3000/', 'ws://127.0.0.1:3000/im/ws'],
    ['wss://im.school.example', 'wss://im.school.example/im/ws'],
    ['https://school.example/chat/socket', 'wss://school.example/chat/socket'],
  ])('the endpoint %s is dialled as %s', (endpoint, url) => {
    expect(socketUrl(endpoint)).toBe(url)
  })
})
