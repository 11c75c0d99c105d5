import {
  c2cConversationId,
  conversationTimeline,
  groupConversationId,
  MessageSchema,
  parseGroupId,
  parseUserId,
  type GroupId,
  type UserId,
} from '@hongyan/protocol'
import fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { expect, test } from 'vitest'
import { FLAG, messageOf, type MessageRow } from '../timelines/message-row.ts'
import { prepare } from './draft.ts'
import { GroupFacts } from './group-facts.ts'
import { messageJson } from './message-committer.ts'

const check = Compile(MessageSchema)

function user(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Error('not a user id')
  return userId
}

function group(text: string): GroupId {
  const groupId = parseGroupId(text)
  if (groupId === undefined) throw new Error('not a group id')
  return groupId
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
          isInGroup: false,
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
          version: 0,
          receiptAtMs: null,
        }
        const live: unknown = JSON.parse(messageJson({ request, stored, bodyJson: draft.bodyJson }))
        expect(live).toEqual(messageOf(conversationId, row))
        expect(check.Check(live)).toBe(true)
      },
    ),
  )
})

test('a message of a group that is pushed live, with all it may carry, is the one that is read back from the store', () => {
  const conversationId = groupConversationId(group('@TGS#1'))
  const [sender, receiver] = [user('t_2001'), user('p_3001')]
  const draft = prepare(
    {
      conversationId,
      clientMsgId: 'm1',
      elements: [{ type: 'text', text: '请签字' }],
      needsReceipt: true,
      extensible: true,
      receiverIds: [receiver],
    },
    { nick: '王老师', avatar: '' },
  )
  const request = {
    conversationId,
    timeline: conversationTimeline(conversationId),
    timelineKey: 1,
    senderKey: 144115,
    senderId: sender,
    loginKey: 7,
    isInGroup: true,
    draft,
  }
  const speaker = {
    timelineKey: 1,
    accountKey: 144115,
    role: 0,
    mutedUntilMs: 0,
    type: 'public',
    isMuted: false,
  } as const
  const groups = new GroupFacts(
    [{ ...speaker, nameCard: '班主任' }],
    [{ timelineKey: 1, userId: receiver, accountKey: 144116 }],
  )
  const bodyJson = groups.bodyOf(request)
  const stored = { seq: 42, offset: 57, sentAtMs: 1_761_000_000_000, countable: 41 }
  const live: unknown = JSON.parse(messageJson({ request, stored, bodyJson }))
  const row: MessageRow = {
    ...stored,
    senderKey: 144115,
    senderId: sender,
    clientMsgId: 'm1',
    flags: draft.flags,
    body: JSON.parse(bodyJson) as MessageRow['body'],
    revokedBy: null,
    revokedAtMs: null,
    revokeReason: null,
    version: 0,
    receiptAtMs: null,
  }
  expect(live).toEqual(messageOf(conversationId, row))
  expect(live).toMatchObject({ senderCard: '班主任', receiverIds: ['p_3001'], uncounted: true, needsReceipt: true })
  expect(check.Check(live)).toBe(true)
  const later = messageOf(conversationId, { ...row, version: 3, receiptAtMs: 5 })
  expect(later).toEqual({ ...(live as object), version: 3, receiptAtMs: 5 })
  expect(check.Check(later)).toBe(true)
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
    version: 2,
    receiptAtMs: null,
  }
  expect(messageOf(conversationId, row)).toMatchObject({ elements: [], revoked: { by: 'a', atMs: 6, reason: 'typo' } })
  expect(messageOf(conversationId, { ...row, revokeReason: null }).revoked).toEqual({ by: 'a', atMs: 6 })
  expect(check.Check(messageOf(conversationId, row))).toBe(true)
})
