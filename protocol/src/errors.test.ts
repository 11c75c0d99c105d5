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
  MESSAGE_REVOKED: 21006,
  MODIFY_CONFLICT: 21007,
  NOT_MODIFIABLE: 21008,
  NOT_REVOCABLE: 21009,
  MUTED: 21010,
  TOO_MANY_MESSAGES: 21011,
  NOT_FOR_THIS_GROUP: 21012,
  NOT_A_RECEIVER: 21013,
  NOT_EXTENSIBLE: 21020,
  TOO_MANY_EXTENSIONS: 21021,
  NO_SUCH_EXTENSION: 21022,
  TOO_MANY_REACTIONS: 21030,
  TOO_MANY_REACTING: 21031,
  ALREADY_REACTED: 21032,
  NO_SUCH_REACTION: 21033,
  NOT_REACTED: 21034,
  NO_RECEIPTS_HERE: 21040,
  NO_SUCH_GROUP: 22000,
  BAD_GROUP_ID: 22001,
  GROUP_ID_TAKEN: 22002,
  GROUP_ID_TAKEN_BY_YOU: 22003,
  BAD_GROUP_FIELD: 22004,
  NOT_PERMITTED: 22005,
  GROUP_FULL: 22006,
  TOO_MANY_GROUPS: 22007,
  OWNER_CANNOT_LEAVE: 22008,
  NO_SUCH_MEMBER: 22009,
  JOINING_CLOSED: 22010,
  BANNED_FROM_GROUP: 22011,
  ALREADY_DECIDED: 22012,
  NO_SUCH_APPLICATION: 22013,
  BAD_ROLE: 22014,
  NOT_TO_ONESELF: 22015,
  TOO_MANY_MEMBERS: 22016,
  TOO_MANY_ATTRIBUTES: 22020,
  NO_SUCH_ATTRIBUTE: 22021,
  ATTRIBUTE_CONFLICT: 22022,
  TOO_MANY_COUNTERS: 22023,
  TOO_MANY_PINNED: 22030,
  ALREADY_PINNED: 22031,
  NOT_PINNED: 22032,
  NO_SUCH_FILE: 23000,
  FILE_TOO_LARGE: 23001,
  BAD_FILE_TYPE: 23002,
  QUOTA_EXCEEDED: 23003,
  TICKET_INVALID: 23004,
  STORE_FULL: 23005,
  FILE_INCOMPLETE: 23006,
  MEDIA_TOKEN_INVALID: 23007,
  PROFILE_TOO_LONG: 24000,
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

test('what may be sent again is the fault of the server, of haste, or of the way, never of the request', () => {
  const retryable = catalogue.filter(([, spec]) => spec.retryable).map(([name]) => name)
  expect(retryable).toEqual([
    'INTERNAL',
    'BUSY',
    'DRAINING',
    'TOO_MANY_REQUESTS',
    'TOO_MANY_MESSAGES',
    'ATTRIBUTE_CONFLICT',
    'FILE_INCOMPLETE',
  ])
})

test('a refusal carries its name, and the text of the catalogue unless there is more to say', () => {
  expect(new Refused('NOT_A_MEMBER')).toMatchObject({ code: 'NOT_A_MEMBER', message: ERRORS.NOT_A_MEMBER.text })
  expect(new Refused('NOT_A_MEMBER', 'c2c:a:b').message).toBe('c2c:a:b')
})
