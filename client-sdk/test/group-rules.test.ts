import {
  conversationTimeline,
  groupConversationId,
  parseGroupId,
  SYSTEM_USER_ID,
  systemConversationId,
  userTimeline,
  type ConversationState,
  type Entry,
  type EntryOf,
  type GroupId,
  type Message,
  type Tip,
  type UserId,
} from '@hongyan/protocol'
import { LIMITS } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { aboutOf } from '../src/core/about-rules.ts'
import {
  applyEntry,
  isAnythingUnread,
  joinedConversation,
  mergeState,
  type Kept,
} from '../src/core/conversation-rules.ts'
import { Store } from '../src/core/store.ts'

const ann = 'ann' as UserId
const bob = 'bob' as UserId
const eve = 'eve' as UserId
const groupId = parseGroupId('class-3') ?? ('' as GroupId)
const id = groupConversationId(groupId)
const JOINED: EntryOf<'joined'> = { kind: 'joined', conversationId: id, offset: 20, seq: 10, countable: 8 }

function joined(entry: EntryOf<'joined'> = JOINED): Kept {
  const about = aboutOf(id, ann)
  if (about === undefined) throw new Error('not a conversation of ann')
  return joinedConversation(entry, about)
}

function after(kept: Kept, ...entries: Entry[]): Kept {
  return entries.reduce((before, entry) => {
    const next = applyEntry(before, entry, ann)
    if (next === undefined) throw new Error(`${entry.kind} dropped it`)
    return next
  }, kept)
}

function said(seq: number, senderId: UserId, more: Partial<Message> = {}): Entry {
  const elements = [{ type: 'text' as const, text: `m${seq}` }]
  const message = { id: `1-${seq}`, conversationId: id, senderId, sentAtMs: seq, seq, countable: seq - 2, elements }
  return { kind: 'message', message: { ...message, ...more } }
}

function tip(seq: number, what: Tip): Entry {
  return said(seq, SYSTEM_USER_ID, { elements: [{ type: 'tip', tip: what }] })
}

const people = (...users: UserId[]) => ({ by: { userId: eve }, users: users.map((userId) => ({ userId })) })

function about(kept: Kept) {
  const { about: what } = kept.seen
  if (what.type !== 'group') throw new Error('not a group')
  return what
}

/** As the server would have it, for an offset. */
function state(offset: number, change: Partial<ConversationState> = {}): ConversationState {
  const { isVisible: _visible, unread: _unread, ...made } = joined().seen
  const { group, self } = about(joined())
  const known = {
    type: 'group' as const,
    group: { ...group, name: 'Class 3', memberCount: 40 },
    self: { ...self, joinedAtMs: 7 },
  }
  return { ...made, offset, about: known, clearedSeq: 10, readSeq: 10, ...change }
}

describe('a membership', () => {
  test('starts where its entry says, with nothing unread, and its group has to be fetched', () => {
    expect(joined()).toMatchObject({
      isJoined: true,
      isAboutKnown: false,
      isLastUnknown: true,
      seen: { offset: 20, lastSeq: 10, countable: 8, own: 0, unread: 0, about: { type: 'group', group: { groupId } } },
    })
    expect(after(joined(), said(11, bob)).seen).toMatchObject({ unread: 1, lastSeq: 11 })
  })

  test('told again changes nothing; a later one takes the place of what was known of the earlier', () => {
    const kept = after(joined(), said(11, bob))
    expect(after(kept, JOINED)).toBe(kept)
    const again = after(kept, { ...JOINED, offset: 90, seq: 50, countable: 45 })
    expect(again).toMatchObject({ since: 90, seen: { offset: 90, lastSeq: 50, unread: 0, own: 0 } })
    expect(again.seen.lastMessage).toBeUndefined()
  })

  test('that was left, or whose group was dismissed, leaves nothing', () => {
    expect(applyEntry(joined(), { kind: 'left', conversationId: id }, ann)).toBeUndefined()
    expect(applyEntry(joined(), { kind: 'dismissed', by: { userId: bob } }, ann)).toBeUndefined()
  })

  test('another one in a fetched state takes over none of the marks of the earlier', () => {
    const first = mergeState(joined(), state(30, { clearedSeq: 28, hiddenSeq: 28, readSeq: 28 }), { how: 'page' })
    const { group, self } = about(first)
    const second = { type: 'group' as const, group, self: { ...self, joinedAtMs: 99 } }
    const merged = mergeState(first, state(80, { about: second, clearedSeq: 0, readSeq: 0 }), { how: 'replace' })
    expect(merged.seen).toMatchObject({ offset: 80, clearedSeq: 0, hiddenSeq: 0, readSeq: 0 })
  })
})

describe('a group that was dismissed', () => {
  test('is not brought back by what was true before, but by a later joining', () => {
    const store = new Store(ann, { isSent: () => false, takeRevoked: () => false, takeModified: () => false })
    const apply = (timeline: Parameters<Store['apply']>[0], offset: number, entry: Entry) =>
      store.apply(timeline, [{ offset, entry }], (error) => {
        throw error
      })
    expect(apply(userTimeline(ann), 1, JOINED).map(({ kind }) => kind)).toEqual(['conversations', 'groups'])
    const told = apply(conversationTimeline(id), 21, { kind: 'dismissed', by: { userId: bob } })
    expect(told.map(({ kind }) => kind)).toEqual(['left', 'conversations', 'groups'])
    store.merge(state(20), { how: 'page' })
    expect(apply(userTimeline(ann), 2, JOINED)).toEqual([])
    expect(apply(userTimeline(ann), 3, { kind: 'left', conversationId: id })).toEqual([])
    expect(store.get(id)).toBeUndefined()
    expect(store.cursors().map(({ timeline }) => timeline)).toEqual([userTimeline(ann)])
    apply(userTimeline(ann), 4, { ...JOINED, offset: 30 })
    expect(store.get(id)?.seen.offset).toBe(30)
  })
})

describe('a tip', () => {
  test('changes the number of members and who owns the group, as often as it comes', () => {
    const gone: Tip = { op: 'quit', ...people(bob), memberCount: 39 }
    const changed: Tip = { op: 'group-changed', by: { userId: eve }, changed: { name: 'Class 4', ownerId: bob } }
    const kept = after(joined(), tip(11, changed))
    expect(about(kept).group).toMatchObject({ name: 'Class 4', ownerId: bob, changedAtMs: 11 })
    const left = after(kept, tip(12, gone), tip(12, gone))
    expect(about(left).group).toMatchObject({ memberCount: 39, ownerId: '', changedAtMs: 12 })
    expect(
      about(after(left, tip(13, { op: 'joined', invited: true, ...people(bob), memberCount: 40 }))).group,
    ).toMatchObject({
      memberCount: 40,
      ownerId: '',
    })
    expect(left.seen.unread).toBeGreaterThan(0)
  })

  test('changes the own place only where it names the user', () => {
    const role = (...tips: Tip[]): string => about(after(joined(), ...tips.map((one, n) => tip(11 + n, one)))).self.role
    const owned = (ownerId: UserId): Tip => ({ op: 'group-changed', by: { userId: eve }, changed: { ownerId } })
    expect(role({ op: 'admin-set', ...people(bob) })).toBe('member')
    expect(role({ op: 'admin-set', ...people(bob, ann) })).toBe('admin')
    expect(role({ op: 'admin-set', ...people(ann) }, { op: 'admin-unset', ...people(ann) })).toBe('member')
    expect(role(owned(ann))).toBe('owner')
    expect(role(owned(ann), owned(bob))).toBe('member')
    expect(role({ op: 'admin-set', ...people(ann) }, owned(bob))).toBe('admin')
  })

  test('says until when the user may not speak, and when he came', () => {
    const muted: Tip = { op: 'members-muted', ...people(ann), untilMs: 5000, seconds: 5 }
    const came: Tip = { op: 'joined', invited: false, ...people(ann), memberCount: 4 }
    const kept = after(joined(), tip(11, came), tip(12, muted))
    expect(about(kept).self).toMatchObject({ mutedUntilMs: 5000, joinedAtMs: 11 })
    expect(about(after(kept, tip(13, { ...muted, untilMs: 0, seconds: 0 }))).self.mutedUntilMs).toBe(0)
    const other = { ...muted, ...people(bob) }
    expect(about(after(joined(), tip(11, other))).self.mutedUntilMs).toBe(0)
  })

  test('of everybody’s silence is the group’s', () => {
    const silence: Tip = { op: 'group-changed', by: { userId: eve }, changed: { isMuted: true } }
    expect(about(after(joined(), tip(11, silence))).group.isMuted).toBe(true)
  })
})

describe('the own place', () => {
  const self = {
    role: 'member' as const,
    nameCard: 'Ms Wang',
    joinedAtMs: 7,
    mutedUntilMs: 0,
    custom: [{ key: 'k', value: 'v' }],
  }

  test('has its card from the user’s timeline; role and mute stay those of the tips, and are fetched when in doubt', () => {
    const known = mergeState(joined(), state(20), { how: 'answer', touches: 0 })
    const named = after(known, { kind: 'membership', conversationId: id, self })
    expect(named).toMatchObject({
      isAboutKnown: true,
      seen: { about: { self: { nameCard: 'Ms Wang', role: 'member' } } },
    })
    const admin = after(known, tip(11, { op: 'admin-set', ...people(ann) }), {
      kind: 'membership',
      conversationId: id,
      self,
    })
    expect(about(admin).self).toMatchObject({ nameCard: 'Ms Wang', role: 'admin' })
    expect(admin.isAboutKnown).toBe(false)
  })

  test('in an answer from before it was told of is not believed, and asked for again', () => {
    const kept = after(joined(), { kind: 'membership', conversationId: id, self })
    const old = mergeState(kept, state(20), { how: 'answer', touches: 0 })
    expect(old).toMatchObject({ isAboutKnown: false, isLastUnknown: true })
    expect(about(old).self.nameCard).toBe('Ms Wang')
    const fresh = mergeState(old, state(20), { how: 'answer', touches: kept.touches })
    expect(fresh).toMatchObject({
      isAboutKnown: true,
      isLastUnknown: false,
      seen: { about: { group: { name: 'Class 3' } } },
    })
  })

  test('in an answer from before a tip is not believed', () => {
    const kept = after(joined(), tip(11, { op: 'admin-set', ...people(ann) }))
    expect(about(mergeState(kept, state(20), { how: 'answer', touches: 0 })).self.role).toBe('admin')
  })

  test('on a page that is older than the cursor is the page’s, but for what tips say', () => {
    const known = mergeState(joined(), state(20), { how: 'answer', touches: 0 })
    const kept = { ...after(known, tip(11, { op: 'admin-set', ...people(ann) })) }
    const ahead = { ...kept, seen: { ...kept.seen, offset: 21 } }
    const { group } = about(joined())
    const merged = mergeState(ahead, state(20, { about: { type: 'group', group, self } }), { how: 'page' })
    expect(about(merged)).toMatchObject({ group: { name: 'Class 3' }, self: { role: 'admin', nameCard: 'Ms Wang' } })
  })
})

describe('a mention', () => {
  const calls = (userIds: UserId[], all = false): Partial<Message> => ({ mentions: { userIds, all } })

  test('is kept of messages that call the user or everybody, not of his own, not of those for some', () => {
    const kept = after(
      joined(),
      said(11, bob, calls([ann])),
      said(12, bob, calls([], true)),
      said(13, bob, calls([ann], true)),
      said(14, bob, calls([eve])),
      said(15, ann, calls([ann], true)),
      said(16, bob, { ...calls([ann]), receiverIds: [ann] }),
      said(12, bob, calls([], true)),
    )
    expect(kept.seen.mentions).toEqual([
      { seq: 11, senderId: bob, who: 'me' },
      { seq: 12, senderId: bob, who: 'all' },
      { seq: 13, senderId: bob, who: 'both' },
    ])
  })

  test('goes when the message is revoked, or read', () => {
    const kept = after(joined(), said(11, bob, calls([ann])), said(12, bob, calls([ann])), said(13, bob, calls([ann])))
    const revocation = { by: bob, atMs: 9 }
    const less = after(kept, { kind: 'revoked', seq: 12, senderId: bob, counted: true, revocation })
    expect(less.seen.mentions.map(({ seq }) => seq)).toEqual([11, 13])
    const base = { seq: 11, countable: 9, own: 0 }
    const read = after(less, { kind: 'read-here', conversationId: id, base })
    expect(read.seen.mentions.map(({ seq }) => seq)).toEqual([13])
    expect(read.seen).toMatchObject({ readSeq: 11, unread: 1 })
  })

  test('that came before the read mark that is here already is none', () => {
    const base = { seq: 15, countable: 13, own: 0 }
    expect(
      after(joined(), { kind: 'read-here', conversationId: id, base }, said(11, bob, calls([ann]))).seen,
    ).toMatchObject({
      mentions: [],
      unread: 0,
    })
  })

  test('is not taken away by a state that is older than the message', () => {
    const kept = after(joined(), said(11, bob, calls([ann])))
    const ahead = { ...kept, seen: { ...kept.seen, offset: 21 } }
    expect(mergeState(ahead, state(20), { how: 'page' }).seen.mentions).toHaveLength(1)
    expect(mergeState(ahead, state(22), { how: 'page' }).seen.mentions).toHaveLength(0)
  })

  test('is something to read even where the number shows nothing', () => {
    const kept = after(joined(), said(11, bob, { ...calls([ann]), uncounted: true, countable: 8 }))
    expect(kept.seen.unread).toBe(0)
    expect(isAnythingUnread(kept.seen)).toBe(true)
    expect(isAnythingUnread(joined().seen)).toBe(false)
  })

  test('is kept of the newest only', () => {
    const many = Array.from({ length: 130 }, (_, n) => said(11 + n, bob, calls([ann])))
    const { mentions } = after(joined(), ...many).seen
    expect(mentions).toHaveLength(LIMITS.mentionsKept)
    expect(mentions[0]?.seq).toBe(11 + 130 - LIMITS.mentionsKept)
  })
})

describe('what a user wants to hear', () => {
  test('hides the number, and shows all of it when he changes his mind', () => {
    const remind = (to: EntryOf<'remind'>['remind']): Entry => ({ kind: 'remind', conversationIds: [id], remind: to })
    const kept = after(joined(), said(11, bob))
    for (const to of ['discard', 'discard-except-at'] as const) {
      const hidden = after(kept, remind(to), said(12, bob))
      expect(hidden.seen).toMatchObject({ unread: 0, remind: to })
      expect(isAnythingUnread(hidden.seen)).toBe(true)
      expect(after(hidden, remind('notify')).seen.unread).toBe(2)
    }
    expect(after(kept, remind('silent')).seen.unread).toBe(1)
  })
})

describe('a message', () => {
  test('for some members counts for nobody, not even as an own one', () => {
    const kept = after(joined(), said(11, ann, { receiverIds: [bob], countable: 8 }), said(12, bob, { countable: 9 }))
    expect(kept.seen).toMatchObject({ own: 0, unread: 1, lastMessage: { seq: 12 } })
  })

  test('for others moves the last number and nothing else', () => {
    const kept = after(joined(), said(11, bob), { kind: 'skipped', seq: 12 }, { kind: 'skipped', seq: 0 })
    expect(kept.seen).toMatchObject({ lastSeq: 12, unread: 1, lastMessage: { seq: 11 } })
  })

  test('that was changed shows its newest version, and stays revoked once it is', () => {
    const changed = (version: number, text: string): Entry => ({
      kind: 'modified',
      seq: 11,
      version,
      elements: [{ type: 'text', text }],
      by: bob,
      atMs: 1,
      senderId: bob,
    })
    const kept = after(joined(), said(11, bob, { customData: 'old' }), changed(2, 'two'), changed(1, 'one'))
    expect(kept.seen.lastMessage).toMatchObject({ version: 2, elements: [{ text: 'two' }] })
    expect(kept.seen.lastMessage).not.toHaveProperty('customData')
    const revocation = { by: bob, atMs: 9 }
    const gone = after(
      kept,
      { kind: 'revoked', seq: 11, senderId: bob, counted: true, revocation },
      changed(3, 'three'),
    )
    expect(gone.seen.lastMessage).toMatchObject({ elements: [], revoked: revocation })
  })

  test('of the user’s own has the time of the peer’s receipt, not of his own', () => {
    const receipted = (userId: UserId, atMs: number): Entry => ({ kind: 'receipted', userId, seqs: [11], atMs })
    const kept = after(joined(), said(11, ann), receipted(ann, 5))
    expect(kept.seen.lastMessage).not.toHaveProperty('receiptAtMs')
    expect(after(kept, receipted(bob, 6), receipted(bob, 7)).seen.lastMessage).toMatchObject({ receiptAtMs: 6 })
  })
})

describe('an id', () => {
  test('says what a conversation is with, and only of the user’s own', () => {
    expect(aboutOf(systemConversationId(ann), ann)).toEqual({ type: 'system' })
    expect(aboutOf(systemConversationId(bob), ann)).toBeUndefined()
    expect(aboutOf('c2c:bob:eve' as typeof id, ann)).toBeUndefined()
    expect(aboutOf('c2c:ann:eve' as typeof id, ann)).toMatchObject({ type: 'c2c', peer: { userId: eve } })
    expect(aboutOf('group:a%20b' as typeof id, ann)).toBeUndefined()
  })
})
