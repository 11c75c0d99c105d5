import { readdirSync, readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ERRORS } from '@hongyan/protocol'
import { failure } from '../../test/fake-client.ts'
import { ERROR_CONTEXTS, timCodeOf, timErrorOf } from './errors.ts'
import { EVENT } from './events.ts'
import { REFUSAL_CODES } from './readiness.ts'
import { TSignaling } from './tsignaling.ts'
import { TYPES } from './types.ts'

const COMPAT = readFileSync(new URL('../../../docs/TIM-COMPAT.md', import.meta.url), 'utf8')
const LOCAL = ['TIMEOUT', 'NO_NETWORK', 'NOT_LOGGED_IN', 'CLOSED'] as const

/** The numbers that the sources of the face write down as errors. */
function thrownCodes(): number[] {
  const root = new URL('.', import.meta.url)
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!\.test)\.ts$/.test(file))
  const sources = files
    .filter((file) => !file.startsWith('test/'))
    .map((file) => readFileSync(new URL(file, root), 'utf8'))
  const codes = [...sources.join('\n').matchAll(/timError\((\d+)/g)].map(([, code]) => Number(code))
  return [...codes, ...mediaCodes()]
}

/** Those of media stand in a table, by kind of file. */
function mediaCodes(): number[] {
  const source = readFileSync(new URL('methods/media-errors.ts', import.meta.url), 'utf8')
  return [...source.matchAll(/\b2\d{3}\b/g)].map(([code]) => Number(code))
}

function listedAs(status: string): number[] {
  const section = COMPAT.split(/^## /m).find((part) => part.startsWith('Codes')) ?? ''
  return [...section.matchAll(new RegExp(`^\\| (\\d+) +\\| ${status} +\\|`, 'gm'))].map(([, code]) => Number(code))
}

describe('docs/TIM-COMPAT.md', () => {
  test('names exactly the codes that the SDK can give as supported', () => {
    const names = [...(Object.keys(ERRORS) as (keyof typeof ERRORS)[]), ...LOCAL]
    const mapped = names.flatMap((name) => ERROR_CONTEXTS.map((context) => timCodeOf(name, context)))
    const given = new Set([...mapped, ...thrownCodes(), ...Object.values(REFUSAL_CODES)])
    expect(thrownCodes().length).toBeGreaterThan(20)
    expect(new Set(listedAs('supported'))).toEqual(given)
    expect(listedAs('absent').filter((code) => given.has(code))).toEqual([])
  })

  test('says what the options of our own are', () => {
    for (const option of ['endpoint', 'instance', 'emitOwnRevoke']) expect(COMPAT).toContain(`\`${option}`)
  })
})

describe('TIM’s tables', () => {
  /** Printed from the vendor's packages; a change here is a mistake unless the packages have changed. */
  test.each([
    ['EVENT', EVENT, 39, 'cc0476e3c9923c64'],
    ['TYPES', TYPES, 115, 'a6540f69105a9c4e'],
    ['TSignaling', TSignaling, 12, 'b710218d224aff60'],
  ])('%s is what it was when it was compared with the packages', (_name, table, size, digest) => {
    const text = Object.entries(table)
      .map(([key, value]) => `${key}=${typeof value}:${String(value)}`)
      .sort()
      .join('\n')
    expect(Object.keys(table)).toHaveLength(size)
    expect(createHash('sha256').update(text).digest('hex').slice(0, 16)).toBe(digest)
  })
})

describe('an error', () => {
  test('is an Error with TIM’s number, a text and data, whatever it was before', () => {
    for (const [cause, code] of [
      [failure('BUSY'), 20004],
      [new TypeError('a mistake of ours'), 2903],
      ['thrown text', 2903],
    ] as const) {
      const error = timErrorOf(cause, 'send', { message: 1 })
      expect(error).toBeInstanceOf(Error)
      expect(error).toMatchObject({ code, data: { message: 1 } })
      expect(error.message).not.toBe('')
    }
    expect(timErrorOf(failure('BUSY'), 'any').data).toEqual({})
  })

  test('has a text of its own for every number that our catalogue can lead to', () => {
    for (const name of [...(Object.keys(ERRORS) as (keyof typeof ERRORS)[]), ...LOCAL]) {
      for (const context of ERROR_CONTEXTS) {
        const { code, message } = timErrorOf(failure(name), context)
        expect([name, context, code, message]).not.toEqual([name, context, code, String(code)])
      }
    }
  })

  test.each([
    ['REVOKE_WINDOW_OVER', 'revoke', 20016],
    ['NOT_THE_SENDER', 'revoke', 10032],
    ['NO_SUCH_USER', 'send', 20003],
    ['NO_SUCH_USER', 'conversation', 2501],
    ['NO_SUCH_USER', 'profile', 40003],
    ['NO_SUCH_CONVERSATION', 'conversation', 2500],
    ['MESSAGE_TOO_LARGE', 'send', 80002],
    ['SIGNATURE_EXPIRED', 'login', 70001],
    ['SIGNATURE_EMPTY', 'login', 70002],
    ['SIGNATURE_UNREADABLE', 'login', 70003],
    ['SIGNATURE_INVALID', 'login', 70009],
    ['SIGNATURE_OF_OTHER_USER', 'login', 70013],
    ['SIGNATURE_OF_OTHER_APP', 'login', 70014],
    ['WRONG_APP', 'login', 60006],
    ['TIMEOUT', 'any', 2801],
    ['NO_NETWORK', 'any', 2800],
  ] as const)('%s of a %s call is %i', (name, context, code) => {
    expect(timCodeOf(name, context)).toBe(code)
  })
})
