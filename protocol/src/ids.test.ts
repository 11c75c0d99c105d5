import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  c2cConversationId,
  conversationOfTimeline,
  conversationTimeline,
  parseConversationId,
  parseUserId,
  peerOf,
  userTimeline,
  utf8Length,
  type UserId,
} from './ids.ts'

function user(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Error(`not a user id: ${JSON.stringify(text)}`)
  return userId
}

/** Any legal user id, with a preference for what could confuse a parser. */
const userIds: fc.Arbitrary<UserId> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ':',
        '%',
        '%3A',
        '/',
        '?',
        '#',
        '&',
        '+',
        '.',
        '@',
        '\\',
        '"',
        "'",
        '!',
        '王',
        '陈',
        '😀',
        'c2c',
        '__proto__',
        '\u200d',
      ),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parseUserId(parts.join('')))
  .filter((userId) => userId !== undefined)

describe('a user id', () => {
  test.each([
    'a',
    't_2001',
    '王老师',
    'a:b',
    '100%',
    '%3A',
    '😀',
    '.',
    '-',
    '__proto__',
    'x'.repeat(32),
    '王'.repeat(10),
    '😀'.repeat(8),
  ])('may be %j', (text) => {
    expect(parseUserId(text)).toBe(text)
  })

  test.each([
    ['empty', ''],
    ['33 bytes', 'x'.repeat(33)],
    ['33 bytes of Chinese', '王'.repeat(11)],
    ['36 bytes of emoji', '😀'.repeat(9)],
    ['a space', 'a b'],
    ['a tab', 'a\tb'],
    ['a line end', 'a\n'],
    ['NUL', 'a\0'],
    ['DEL', 'a\u007f'],
    ['a C1 control', 'a\u0085'],
    ['a line separator', 'a\u2028'],
    ['a byte order mark', '\ufeffa'],
    ['a lone high surrogate', 'a\ud83d'],
    ['a lone low surrogate', '\ude00a'],
    ['surrogates the wrong way round', '\ude00\ud83d'],
  ])('is not one with %s', (_what, text) => {
    expect(parseUserId(text)).toBeUndefined()
  })
})

describe('a conversation id', () => {
  test('is the same for both members, and says who they are', () => {
    fc.assert(
      fc.property(userIds, userIds, (a, b) => {
        const id = c2cConversationId(a, b)
        expect(c2cConversationId(b, a)).toBe(id)
        const parts = parseConversationId(id)
        expect(parts && [...parts.users].sort()).toEqual([a, b].sort())
        expect(parts && peerOf(parts, a)).toBe(b)
        expect(parts && peerOf(parts, b)).toBe(a)
        expect(id.length).toBeLessThanOrEqual(256)
        expect(conversationOfTimeline(conversationTimeline(id))).toBe(id)
      }),
      { numRuns: 1000 },
    )
  })

  test('belongs to one pair only', () => {
    fc.assert(
      fc.property(userIds, userIds, userIds, userIds, (a, b, c, d) => {
        const isSamePair = JSON.stringify([a, b].sort()) === JSON.stringify([c, d].sort())
        expect(c2cConversationId(a, b) === c2cConversationId(c, d)).toBe(isSamePair)
      }),
      { numRuns: 1000 },
    )
  })

  test('parses only when it is the canonical one: any text that parses is made again from its parts', () => {
    const hostile = fc.array(
      fc.constantFrom('c2c', ':', 'a', 'b', '%61', '%', '%3a', '%3A', '王', '%E7%8E%8B', ' ', 'C2C'),
      { maxLength: 9 },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          hostile.map((parts) => parts.join('')),
        ),
        (text) => {
          const parts = parseConversationId(text)
          if (parts) expect(c2cConversationId(...parts.users)).toBe(text)
        },
      ),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['the members the wrong way round', 'c2c:b:a'],
    ['a letter written as an escape', 'c2c:%61:b'],
    ['an escape in small letters', 'c2c:a%3ab:c'],
    ['a colon that is not escaped', 'c2c:a:b:c'],
    ['one member', 'c2c:a'],
    ['an empty member', 'c2c::b'],
    ['another type', 'group:a:b'],
    ['TIM’s spelling', 'C2Ct_2001'],
    ['nothing', ''],
    ['a broken escape', 'c2c:%:b'],
    ['an escape that is no UTF-8', 'c2c:%ff:b'],
    ['an escaped surrogate', 'c2c:%ED%A0%80:b'],
    ['an escaped NUL', 'c2c:%00:b'],
    ['an escaped space', 'c2c:%20:b'],
    ['a member of 33 bytes', `c2c:${'x'.repeat(33)}:y`],
    ['Chinese that is not escaped', 'c2c:a:王'],
  ])('does not parse with %s', (_what, text) => {
    expect(parseConversationId(text)).toBeUndefined()
  })

  test('of a user with himself has that user twice', () => {
    const me = user('me')
    const parts = parseConversationId(c2cConversationId(me, me))
    expect(parts?.users).toEqual(['me', 'me'])
    expect(parts && peerOf(parts, me)).toBe('me')
  })

  test('has no peer for a stranger', () => {
    const parts = parseConversationId('c2c:a:b')
    expect(parts && peerOf(parts, user('c'))).toBeUndefined()
  })
})

describe('a timeline id', () => {
  test('of a user is no conversation’s, even when the user is called like one', () => {
    expect(userTimeline(user('c:c2c:a:b'))).toBe('u:c:c2c:a:b')
    expect(conversationOfTimeline(userTimeline(user('c:c2c:a:b')))).toBeUndefined()
  })
})

describe('utf8Length', () => {
  test('is what the encoder says, for any well-formed text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Length(text)).toBe(Buffer.byteLength(text))
      }),
    )
  })

  test('is beyond any limit for half a surrogate pair', () => {
    for (const text of ['\ud800', 'a\udfff', '\ud83d\ud83d', '\ude00\ud83d', 'ok\ud83d']) {
      expect(utf8Length(text)).toBe(Number.POSITIVE_INFINITY)
    }
  })
})
