import { c2cConversationId, conversationTimeline, MessageSchema, parseUserId, type UserId } from '@hongyan/protocol'
import fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { expect, test } from 'vitest'
import { FLAG, messageOf, type MessageRow } from '../timelines/message-row.ts'
import { prepare } from './draft.ts'
import { messageJson } from './message-committer.ts'

const check = Compile(MessageSchema)

function user(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Error('not a user id')
  return userId
}

const senderIds = fc.constantFrom('t_2001', '家长:陈"50%\\', '😀')
const texts = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 })

test('the message that is pushed live is the one that is read back from the store', () => {
  fc.assert(
    fc.property(
      senderIds,
      texts,
      fc.string(),
      fc.constantFrom(undefined, true as const),
      fc.constantFrom(undefined, true as const),
      (sender, text, nick, uncounted, notLast) => {
        const conversationId = c2cConversationId(user(sender), user('p_3001'))
        const draft = prepare(
          {
            conversationId,
            clientMsgId: 'm_-1',
            elements: [{ type: 'text', text }],
            ...(uncounted ? { uncounted } : {}),
            ...(notLast ? { notLast } : {}),
          },
          { nick, avatar: 'a.png' },
        )
        const request = {
          conversationId,
          timeline: conversationTimeline(conversationId),
          timelineKey: 1,
          senderKey: 144115,
          senderId: user(sender),
          loginKey: 7,
          draft,
        }
        const stored = { seq: 42, offset: 57, sentAtMs: 1_761_000_000_000, countable: 41 }
        const row: MessageRow = {
          ...stored,
          senderKey: 144115,
          senderId: user(sender),
          clientMsgId: 'm_-1',
          flags: (uncounted ? FLAG.UNCOUNTED : 0) | (notLast ? FLAG.NOT_LAST : 0),
          body: JSON.parse(draft.bodyJson) as MessageRow['body'],
          revokedBy: null,
          revokedAtMs: null,
          revokeReason: null,
        }
        const live: unknown = JSON.parse(messageJson(request, stored))
        expect(live).toEqual(messageOf(conversationId, row))
        expect(check.Check(live)).toBe(true)
      },
    ),
  )
})

test('a revoked message says who took it back and why, and shows nothing of what was said', () => {
  const conversationId = c2cConversationId(user('a'), user('b'))
  const row: MessageRow = {
    seq: 1,
    offset: 1,
    senderKey: 1,
    senderId: user('a'),
    clientMsgId: 'm1',
    sentAtMs: 5,
    countable: 1,
    flags: 0,
    body: { elements: [] },
    revokedBy: user('a'),
    revokedAtMs: 6,
    revokeReason: 'typo',
  }
  expect(messageOf(conversationId, row)).toMatchObject({ elements: [], revoked: { by: 'a', atMs: 6, reason: 'typo' } })
  expect(messageOf(conversationId, { ...row, revokeReason: null }).revoked).toEqual({ by: 'a', atMs: 6 })
  expect(check.Check(messageOf(conversationId, row))).toBe(true)
})
