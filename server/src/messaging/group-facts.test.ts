import { groupConversationId, parseGroupId, parseUserId, type GroupType, type UserId } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { GROUP_TYPES } from '../groups/group-types.ts'
import { GroupFacts, refusalOfSpeaker, type SpeakerRow } from './group-facts.ts'
import type { AppendRequest } from './append-request.ts'

const NOW = 1_761_000_000_000
const KEY = 11
const anna = user('anna')
const bert = user('bert')
const carla = user('carla')

function user(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Error('not a user id')
  return userId
}

function placeOf(place: Partial<SpeakerRow> = {}): SpeakerRow {
  return {
    timelineKey: KEY,
    accountKey: 1,
    role: 2,
    mutedUntilMs: 0,
    nameCard: '',
    type: 'public',
    isMuted: false,
    ...place,
  }
}

function requestOf(receiverIds?: readonly UserId[], senderKey = 1, timelineKey = KEY): AppendRequest {
  const groupId = parseGroupId('g')
  if (groupId === undefined) throw new Error('not a group id')
  const conversationId = groupConversationId(groupId)
  return {
    conversationId,
    timeline: `c:${conversationId}` as AppendRequest['timeline'],
    timelineKey,
    senderKey,
    senderId: anna,
    loginKey: 1,
    isInGroup: true,
    draft: { clientMsgId: 'm1', bodyJson: '{"elements":[]}', flags: 0, fingerprint: 1, receiverIds, fileIds: [] },
  }
}

describe('who may speak in a group', () => {
  test.each(Object.keys(GROUP_TYPES) as GroupType[])(
    'in a %s group: those for whom there is a place to keep it',
    (type) => {
      const refusal = GROUP_TYPES[type].isStored ? undefined : 'NOT_FOR_THIS_GROUP'
      for (const role of [0, 1, 2]) expect(refusalOfSpeaker(placeOf({ type, role }), NOW)).toBe(refusal)
    },
  )

  test('a member who is muted, until the very moment at which it is over; a leader too', () => {
    for (const role of [0, 1, 2]) {
      expect(refusalOfSpeaker(placeOf({ role, mutedUntilMs: NOW + 1 }), NOW)).toBe('MUTED')
      expect(refusalOfSpeaker(placeOf({ role, mutedUntilMs: NOW }), NOW)).toBeUndefined()
    }
  })

  test('while all are muted, owner and admins', () => {
    const refusals = [0, 1, 2].map((role) => refusalOfSpeaker(placeOf({ role, isMuted: true }), NOW))
    expect(refusals).toEqual([undefined, undefined, 'MUTED'])
  })

  test('nobody who is no member, and no member of another group', () => {
    const facts = new GroupFacts([placeOf()], [])
    expect(facts.refusalOf(requestOf(), NOW)).toBeUndefined()
    expect(facts.refusalOf(requestOf(undefined, 2), NOW)).toBe('NOT_A_MEMBER')
    expect(facts.refusalOf(requestOf(undefined, 1, KEY + 1), NOW)).toBe('NOT_A_MEMBER')
  })
})

describe('whom a message is for', () => {
  const receivers = [
    { timelineKey: KEY, userId: bert, accountKey: 2 },
    { timelineKey: KEY + 1, userId: carla, accountKey: 3 },
  ]
  const facts = new GroupFacts([placeOf()], receivers)

  test('everybody, when nobody is named', () => {
    expect(facts.receiversOf(requestOf())).toBeUndefined()
    expect(facts.refusalOf(requestOf(), NOW)).toBeUndefined()
  })

  test('those named who are members of this group', () => {
    expect(facts.receiversOf(requestOf([bert, carla]))).toEqual([2])
    expect(facts.refusalOf(requestOf([bert, carla]), NOW)).toBeUndefined()
  })

  test('it is refused when none of them is', () => {
    expect(facts.receiversOf(requestOf([carla]))).toEqual([])
    expect(facts.refusalOf(requestOf([carla]), NOW)).toBe('NOT_A_RECEIVER')
    expect(new GroupFacts([], receivers).refusalOf(requestOf([carla]), NOW)).toBe('NOT_A_MEMBER')
  })
})

describe('the stored form of a message in a group', () => {
  test('is the draft’s for a member without a name in the group', () => {
    expect(new GroupFacts([placeOf()], []).bodyOf(requestOf())).toBe('{"elements":[]}')
    expect(new GroupFacts([], []).bodyOf(requestOf())).toBe('{"elements":[]}')
  })

  test.each(['班主任', '"}', '\\', '\u2028😀'])('says the name %j whatever it holds', (nameCard) => {
    const body: unknown = JSON.parse(new GroupFacts([placeOf({ nameCard })], []).bodyOf(requestOf()))
    expect(body).toEqual({ elements: [], senderCard: nameCard })
  })
})
