import { expect, test } from 'vitest'
import { ERRORS, Refused, type ErrorSpec } from './errors.ts'

/** Name → number, for ever. A line may be added; none may change or go. */
const FROZEN = {
  INTERNAL: 10000,
  BUSY: 10001,
  DRAINING: 10002,
  TOO_MANY_REQUESTS: 10003,
  BAD_REQUEST: 11000,
  UNKNOWN_COMMAND: 11001,
  BAD_TEXT: 11002,
  DUPLICATE_REQUEST_ID: 11003,
  BAD_USER_ID: 11004,
  ALREADY_OPEN: 12000,
  VERSION_NOT_SUPPORTED: 12001,
  WRONG_APP: 12002,
  SIGNATURE_EMPTY: 12010,
  SIGNATURE_UNREADABLE: 12011,
  SIGNATURE_INVALID: 12012,
  SIGNATURE_EXPIRED: 12013,
  SIGNATURE_OF_OTHER_USER: 12014,
  SIGNATURE_OF_OTHER_APP: 12015,
  DISPLACED: 12020,
  ACCOUNT_DISABLED: 12021,
  EPOCH_CHANGED: 12030,
  TOO_FAR_BEHIND: 12031,
  NO_SUCH_USER: 20000,
  NOT_A_MEMBER: 20001,
  NO_SUCH_CONVERSATION: 20002,
  MESSAGE_TOO_LARGE: 21000,
  MESSAGE_EMPTY: 21001,
  IDEMPOTENCY_CONFLICT: 21002,
  NO_SUCH_MESSAGE: 21003,
  NOT_THE_SENDER: 21004,
  REVOKE_WINDOW_OVER: 21005,
} as const

const catalogue: readonly (readonly [string, ErrorSpec])[] = Object.entries(ERRORS)

test('every error has the number it was given once', () => {
  expect(Object.fromEntries(catalogue.map(([name, { code }]) => [name, code]))).toEqual(FROZEN)
})

test('no two errors share a number, and they stand in order', () => {
  const codes = catalogue.map(([, { code }]) => code)
  expect(new Set(codes).size).toBe(codes.length)
  expect(codes).toEqual([...codes].sort((a, b) => a - b))
})

test.each(catalogue)('%s says what is wrong and what to do', (_name, { text, remedy, http }) => {
  expect(text).toMatch(/^\p{Lu}.*\.$/u)
  expect(remedy).toMatch(/^\p{Lu}.*\.$/u)
  expect(http).toBeGreaterThanOrEqual(400)
  expect(http).toBeLessThan(600)
})

test('what may be sent again is the fault of the server or of haste, never of the request', () => {
  const retryable = catalogue.filter(([, spec]) => spec.retryable).map(([name]) => name)
  expect(retryable).toEqual(['INTERNAL', 'BUSY', 'DRAINING', 'TOO_MANY_REQUESTS'])
})

test('a refusal carries its name, and the text of the catalogue unless there is more to say', () => {
  expect(new Refused('NOT_A_MEMBER')).toMatchObject({ code: 'NOT_A_MEMBER', message: ERRORS.NOT_A_MEMBER.text })
  expect(new Refused('NOT_A_MEMBER', 'c2c:a:b').message).toBe('c2c:a:b')
})
