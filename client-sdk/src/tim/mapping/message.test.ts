import { describe, expect, test } from 'vitest'
import type { ConversationId, Message as WireMessage, UserId } from '@hongyan/protocol'
import { toTimMessage, toTimVolatileMessage, type Message } from './message.ts'

const ME = { userId: 'teacher' as UserId, tinyId: '100001', nick: '王老师', avatar: '' }
const NOTHING_READ = { readSeq: 0, peerReadSeq: 0 }

function wire(change: Partial<WireMessage> = {}): WireMessage {
  return {
    id: '100002-1761000000-42',
    conversationId: 'c2c:parent:teacher' as ConversationId,
    seq: 7,
    senderId: 'parent' as UserId,
    senderNick: '小明妈妈',
    senderAvatar: 'https://school.example/a.png',
    sentAtMs: 1_761_000_000_999,
    countable: 7,
    elements: [{ type: 'text', text: '老师好' }],
    ...change,
  }
}

/** The fields of tim-semantics §3.1 that each message has from the start. */
const FIELDS = [
  ...['ID', 'type', 'payload', 'conversationID', 'conversationType', 'conversationSubType', 'to', 'from', 'flow'],
  ...['time', 'clientTime', 'sequence', 'clientSequence', 'random', 'priority', 'status', 'nick', 'avatar', 'nameCard'],
  ...['isRead', 'isPeerRead', 'needReadReceipt', 'readReceiptInfo', 'isRevoked', 'revoker', 'revokerInfo'],
  ...['revokeReason', 'isDeleted', 'isModified', 'version', 'isPlaceMessage', 'isSystemMessage', 'isBroadcastMessage'],
  ...['isSupportExtension', 'isResend', 'hasRiskContent', 'atUserList', 'cloudCustomData', 'senderTinyID', 'protocol'],
]

describe('a message', () => {
  test('has TIM’s fields and no other, all own and enumerable', () => {
    const message = toTimMessage(wire(), ME, NOTHING_READ)
    const keys = Object.keys(message)
    expect(keys.filter((key) => !key.startsWith('_')).sort()).toEqual([...FIELDS].sort())
    expect(keys.filter((key) => key.startsWith('_')).sort()).toEqual([
      '_elements',
      '_isExcludedFromLastMessage',
      '_isExcludedFromUnreadCount',
      '_onlineOnlyFlag',
      '_receiverList',
    ])
    expect(message.getElements()).toEqual([{ type: 'TIMTextElem', content: { text: '老师好' } }])
    expect(message.elements[0]?.content).toBe(message.payload)
  })

  test('survives the copies that kits make: of keys, by JSON, by spreading', () => {
    const message = toTimMessage(wire(), ME, NOTHING_READ)
    const copied = Object.fromEntries(Object.keys(message).map((key) => [key, message[key as keyof Message]]))
    expect(copied).toEqual(Object.assign({}, message))
    const { conversationSubType: _undefined, ...rest } = Object.assign({}, message)
    expect(JSON.parse(JSON.stringify(message))).toMatchObject({
      ...rest,
      readReceiptInfo: { timestamp: 0 },
    })
  })

  test('of the peer: in, from him, with his name, read up to where I have read', () => {
    expect(toTimMessage(wire(), ME, { readSeq: 6, peerReadSeq: 9 })).toMatchObject({
      ...{ ID: '100002-1761000000-42', senderTinyID: '100002', clientTime: 1_761_000_000, random: 42 },
      ...{ conversationID: 'C2Cparent', conversationType: 'C2C', from: 'parent', to: 'teacher', flow: 'in' },
      ...{ time: 1_761_000_000, sequence: 7, status: 'success', nick: '小明妈妈', priority: 'Normal' },
      ...{ isRead: false, isPeerRead: false, isRevoked: false, revoker: '' },
    })
    expect(toTimMessage(wire(), ME, { readSeq: 7, peerReadSeq: 0 }).isRead).toBe(true)
  })

  test('of mine from another device: out, to the peer, read, and peer-read up to where he has read', () => {
    const mine = wire({ senderId: ME.userId, id: '100001-1761000000-1' })
    expect(toTimMessage(mine, ME, { readSeq: 0, peerReadSeq: 6 })).toMatchObject({
      ...{ conversationID: 'C2Cparent', from: 'teacher', to: 'parent', flow: 'out', isRead: true, isPeerRead: false },
    })
    expect(toTimMessage(mine, ME, { readSeq: 0, peerReadSeq: 7 }).isPeerRead).toBe(true)
  })

  test('of mine to myself has me on both ends', () => {
    const note = wire({ senderId: ME.userId, conversationId: 'c2c:teacher:teacher' as ConversationId })
    expect(toTimMessage(note, ME, NOTHING_READ)).toMatchObject({
      conversationID: 'C2Cteacher',
      from: 'teacher',
      to: 'teacher',
    })
  })

  test('whose ID another source made has the time of its sending and no random number', () => {
    for (const id of ['100002-rest_17', '100002-a-b', 'x', '100002-12-3x']) {
      expect(toTimMessage(wire({ id }), ME, NOTHING_READ)).toMatchObject({
        ID: id,
        clientTime: 1_761_000_000,
        random: 0,
      })
    }
  })

  test('that was revoked before it came is a text without words, with its revoker', () => {
    const revoked = { by: 'parent' as UserId, atMs: 1, reason: '发错了' }
    expect(toTimMessage(wire({ elements: [], revoked }), ME, NOTHING_READ)).toMatchObject({
      ...{ isRevoked: true, revoker: 'parent', revokeReason: '发错了', type: 'TIMTextElem', payload: { text: '' } },
      revokerInfo: { userID: 'parent', nick: '小明妈妈', avatar: 'https://school.example/a.png' },
    })
  })

  test('keeps what its sender decided about it', () => {
    const decided = { customData: '{}', priority: 'high', needsReceipt: true, uncounted: true, notLast: true } as const
    expect(toTimMessage(wire(decided), ME, NOTHING_READ)).toMatchObject({
      ...{ cloudCustomData: '{}', priority: 'High', needReadReceipt: true },
      ...{ _isExcludedFromUnreadCount: true, _isExcludedFromLastMessage: true },
    })
  })

  test('for those online only is marked so and has no place in the order', () => {
    const { seq: _seq, countable: _countable, ...volatile } = wire()
    expect(toTimVolatileMessage(volatile, ME)).toMatchObject({ _onlineOnlyFlag: true, sequence: 0, status: 'success' })
  })

  test.each([
    [{ type: 'face', index: 3, data: 'tt03' }, 'TIMFaceElem', { index: 3, data: 'tt03' }],
    [
      { type: 'location', description: '校门', longitude: 116.3, latitude: -39.9 },
      'TIMLocationElem',
      { description: '校门', longitude: 116.3, latitude: -39.9 },
    ],
    [
      { type: 'custom', data: '{}', description: 'd', extension: 'e' },
      'TIMCustomElem',
      { data: '{}', description: 'd', extension: 'e' },
    ],
  ] as const)('of type $type becomes %s', (element, type, payload) => {
    expect(toTimMessage(wire({ elements: [element] }), ME, NOTHING_READ)).toMatchObject({ type, payload })
  })
})
