import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  c2cConversationId,
  conversationOfTimeline,
  conversationTimeline,
  groupConversationId,
  groupOf,
  parseConversationId,
  parseGroupId,
  parseUserId,
  peerOf,
  SYSTEM_USER_ID,
  systemConversationId,
  userTimeline,
  utf8Length,
  type C2cParts,
  type ConversationParts,
  type GroupId,
  type UserId,
} from './ids.ts'

function user(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Error(`not a user id: ${JSON.stringify(text)}`)
  return userId
}

function group(text: string): GroupId {
  const groupId = parseGroupId(text)
  if (groupId === undefined) throw new Error(`not a group id: ${JSON.stringify(text)}`)
  return groupId
}

/** The parts of a one-to-one conversation, which it must be. */
function pairOf(id: string): C2cParts {
  const parts = parseConversationId(id)
  if (parts?.type !== 'c2c') throw new Error(`not a one-to-one conversation: ${JSON.stringify(id)}`)
  return parts
}

/** The id that these parts make. */
function idOf(parts: ConversationParts): string {
  if (parts.type === 'c2c') return c2cConversationId(...parts.users)
  return parts.type === 'group' ? groupConversationId(parts.groupId) : systemConversationId(parts.userId)
}

/** Any legal group id, with the characters that ids are put together with. */
const groupIds: fc.Arbitrary<GroupId> = fc
  .array(
    fc.oneof(
      fc.constantFrom(':', '%', '/', '?', '#', '+', '.', '@', '_', '-', '"', '~', '!', '@TGS#', '%3A'),
      fc.string({ minLength: 1, maxLength: 4 }),
    ),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((parts) => parseGroupId(parts.join('')))
  .filter((groupId) => groupId !== undefined)

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
    ['the name of the server itself', SYSTEM_USER_ID],
  ])('is not one with %s', (_what, text) => {
    expect(parseUserId(text)).toBeUndefined()
  })
})

describe('a group id', () => {
  test.each(['a', '@TGS#2ABCDEFGHJKL', '@TGS#_2ABCDEFGHJKL', 'class-7B', '100%', 'a:b', '!', '~', 'x'.repeat(48)])(
    'may be %j',
    (text) => {
      expect(parseGroupId(text)).toBe(text)
    },
  )

  test.each([
    ['nothing', ''],
    ['49 characters', 'x'.repeat(49)],
    ['a space', 'a b'],
    ['a line end', 'a\n'],
    ['a tab', 'a\t'],
    ['NUL', 'a\0'],
    ['DEL', 'a\u007f'],
    ['Chinese', '七年级'],
    ['an emoji', '😀'],
    ['a letter with an accent', 'é'],
  ])('is not one with %s', (_what, text) => {
    expect(parseGroupId(text)).toBeUndefined()
  })
})

describe('a conversation id', () => {
  test('is the same for both members, and says who they are', () => {
    fc.assert(
      fc.property(userIds, userIds, (a, b) => {
        const id = c2cConversationId(a, b)
        expect(c2cConversationId(b, a)).toBe(id)
        const parts = pairOf(id)
        expect([...parts.users].sort()).toEqual([a, b].sort())
        expect(peerOf(parts, a)).toBe(b)
        expect(peerOf(parts, b)).toBe(a)
        expect(groupOf(id)).toBeUndefined()
        expect(id.length).toBeLessThanOrEqual(256)
        expect(conversationOfTimeline(conversationTimeline(id))).toBe(id)
      }),
      { numRuns: 1000 },
    )
  })

  test('of a group says which, and fits into the wire', () => {
    fc.assert(
      fc.property(groupIds, (groupId) => {
        const id = groupConversationId(groupId)
        expect(parseConversationId(id)).toEqual({ type: 'group', groupId })
        expect(groupOf(id)).toBe(groupId)
        expect(id.length).toBeLessThanOrEqual(256)
        expect(conversationOfTimeline(conversationTimeline(id))).toBe(id)
      }),
      { numRuns: 1000 },
    )
  })

  test('of a user with the server says whose', () => {
    fc.assert(
      fc.property(userIds, (userId) => {
        const id = systemConversationId(userId)
        expect(parseConversationId(id)).toEqual({ type: 'system', userId })
        expect(groupOf(id)).toBeUndefined()
      }),
    )
  })

  test('is of one kind, whatever users and groups are called', () => {
    fc.assert(
      fc.property(userIds, groupIds, userIds, (userId, groupId, other) => {
        const ids = [
          c2cConversationId(userId, other),
          groupConversationId(groupId),
          systemConversationId(userId),
          groupConversationId(group('c2c:a:b')),
          systemConversationId(user('group:a')),
        ]
        expect(ids.map((id) => parseConversationId(id)?.type)).toEqual(['c2c', 'group', 'system', 'group', 'system'])
      }),
    )
    expect(groupConversationId(group('@TGS#1'))).toBe('group:%40TGS%231')
    expect(systemConversationId(user('王'))).toBe('system:%E7%8E%8B')
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
      fc.constantFrom(
        'c2c',
        'group',
        'system',
        ':',
        ':',
        'a',
        '@TGS#',
        '@system',
        'b',
        '%61',
        '%',
        '%3a',
        '%3A',
        '王',
        '%E7%8E%8B',
        ' ',
        'C2C',
      ),
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
          if (parts) expect(idOf(parts)).toBe(text)
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
    ['another type', 'room:a'],
    ['another type of two', 'room:a:b'],
    ['a group of two parts', 'group:a:b'],
    ['a group without an id', 'group:'],
    ['a group whose id is not escaped', 'group:@TGS#1'],
    ['a group with an escape too many', 'group:%61'],
    ['a group with an escape in small letters', 'group:a%3ab'],
    ['a group with a Chinese id', 'group:%E7%8E%8B'],
    ['a group with a space', 'group:%20'],
    ['a group of 49 characters', `group:${'x'.repeat(49)}`],
    ['a group with a broken escape', 'group:%'],
    ['two users with the server', 'system:a:b'],
    ['nobody with the server', 'system:'],
    ['the server with itself', 'system:%40system'],
    ['somebody with the server as a user', 'c2c:%40system:a'],
    ['the bare type', 'group'],
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
    const parts = pairOf(c2cConversationId(me, me))
    expect(parts.users).toEqual(['me', 'me'])
    expect(peerOf(parts, me)).toBe('me')
  })

  test('has no peer for a stranger', () => {
    expect(peerOf(pairOf('c2c:a:b'), user('c'))).toBeUndefined()
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
