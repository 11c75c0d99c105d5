import { LIMITS, parseUserId, userTimeline, type Entry, type TimelineId } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { ManualClock, settle } from '../../test/kit/manual-clock.ts'
import { RecordingSession, ScriptedBroker, ScriptedLog } from '../../test/kit/scripted-feed.ts'
import { silentLogger } from '../kit/logger.ts'
import { SessionFollowing } from './following.ts'
import { Hub } from './hub.ts'

function timelineOf(name: string): TimelineId {
  const userId = parseUserId(name)
  if (userId === undefined) throw new Error('not a user id')
  return userTimeline(userId)
}

function joinedAt(offset: number): Entry {
  return { kind: 'joined', conversationId: 'c2c:anna:bert', offset, seq: 0, countable: 0 } as unknown as Entry
}

/** What a group's timeline says when these are removed. */
function removalOf(...userIds: string[]): Entry {
  const tip = { op: 'kicked', users: userIds.map((userId) => ({ userId })) }
  return { kind: 'message', message: { elements: [{ type: 'tip', tip }] } } as unknown as Entry
}

/** A message of somebody's for one member alone. */
function sayingFor(userId: string, seq: number): Entry {
  const elements = [{ type: 'text', text: `for ${userId}` }]
  return { kind: 'message', message: { seq, senderId: 'carla', receiverIds: [userId], elements } } as unknown as Entry
}

const ANNA = timelineOf('anna')
const ENTRY = { kind: 'read', userId: 'anna', base: { seq: 1, countable: 1, own: 0 }, atMs: 1 } as unknown as Entry
const JOINED = joinedAt(0)
const CONVERSATION = 'c:c2c:anna:bert' as TimelineId

function startFollowing() {
  const broker = new ScriptedBroker()
  const log = new ScriptedLog()
  const hub = new Hub({ broker, log, clock: new ManualClock(), logger: silentLogger(), onControl: () => {} })
  const session = new RecordingSession('s1')
  const following = new SessionFollowing(session, { hub, log })
  return { broker, log, hub, session, following, failures: session.failures }
}

describe('what a session follows', () => {
  test('is held once and released once, however often it is asked for', async () => {
    const { following, session, log, hub, broker } = startFollowing()
    log.append(ANNA, ENTRY)
    await following.hold([ANNA, ANNA])
    await Promise.all([following.hold([ANNA]), following.hold([ANNA])])
    expect(hub.stats().followers).toBe(1)
    await following.release([{ timeline: ANNA, after: 0 }])
    await following.release([{ timeline: ANNA, after: 0 }])
    broker.bring(ANNA, log.append(ANNA, ENTRY))
    expect(session.offsetsOf(ANNA)).toEqual([1, 2])
  })

  test('what is not held is not released', async () => {
    const { following, session, log, hub } = startFollowing()
    log.append(ANNA, ENTRY)
    await following.release([{ timeline: ANNA, after: 0 }])
    expect(session.frames).toHaveLength(0)
    expect(hub.stats().followers).toBe(0)
  })

  test('two holds at the same time leave one follower', async () => {
    const { following, hub, broker } = startFollowing()
    broker.isHolding = true
    const both = Promise.all([following.hold([ANNA]), following.hold([ANNA])])
    for (const { confirm } of broker.waiting) confirm()
    await both
    expect(hub.stats().followers).toBe(1)
  })

  test('what is dropped is pushed no more', async () => {
    const { following, session, log, hub, broker } = startFollowing()
    await following.hold([ANNA])
    await following.release([{ timeline: ANNA, after: 0 }])
    following.drop([ANNA, CONVERSATION])
    broker.bring(ANNA, log.append(ANNA, ENTRY))
    expect(session.frames).toHaveLength(0)
    expect(hub.stats().topics).toBe(0)
  })

  test('a hold that is confirmed after the session ended holds nothing', async () => {
    const { following, hub, broker } = startFollowing()
    broker.isHolding = true
    const held = following.hold([ANNA])
    following.close()
    broker.waiting[0]?.confirm()
    await held
    expect(hub.stats()).toMatchObject({ topics: 0, followers: 0 })
    expect([...broker.subscribed]).toEqual([])
  })

  test('[SYNC-4] a conversation that begins is followed from its first entry, told once or twice', async () => {
    const { following, session, log, hub } = startFollowing()
    log.append(CONVERSATION, ENTRY)
    following.onOwnEntry(JOINED)
    following.onOwnEntry(JOINED)
    following.onOwnEntry(ENTRY)
    await settle()
    following.onOwnEntry(JOINED)
    await settle()
    expect(session.offsetsOf(CONVERSATION)).toEqual([1])
    expect(hub.stats()).toMatchObject({ topics: 1, followers: 1 })
  })

  test('a conversation that cannot be followed is the session’s failure', async () => {
    const { following, broker, failures } = startFollowing()
    broker.isHolding = true
    following.onOwnEntry(JOINED)
    await settle()
    broker.waiting[0]?.refuse()
    await settle()
    expect(failures).toHaveLength(1)
  })

  test('[I11] who is removed is handed nothing from there on, and follows no more', async () => {
    const { following, session, log, hub, broker } = startFollowing()
    log.append(CONVERSATION, ENTRY)
    await following.hold([CONVERSATION])
    await following.release([{ timeline: CONVERSATION, after: 0 }])
    broker.bring(CONVERSATION, log.append(CONVERSATION, removalOf('bert')))
    broker.bring(CONVERSATION, log.append(CONVERSATION, removalOf('bert', 'anna')))
    broker.bring(CONVERSATION, log.append(CONVERSATION, ENTRY))
    expect(session.offsetsOf(CONVERSATION)).toEqual([1, 2])
    expect(session.removedFrom).toEqual([CONVERSATION])
    expect(hub.stats().repaired).toBe(0)
  })

  test('[I11] who was removed while away gets what is before the removal, and from his return what is after it', async () => {
    const { following, session, log } = startFollowing()
    session.onRemoved = (timeline) => following.onRemoved(timeline)
    for (const entry of [ENTRY, ENTRY, removalOf('anna'), ENTRY, ENTRY, ENTRY]) log.append(CONVERSATION, entry)
    following.onOwnEntry(joinedAt(1))
    following.onOwnEntry({ kind: 'left', conversationId: 'c2c:anna:bert' } as unknown as Entry)
    following.onOwnEntry(joinedAt(5))
    await settle()
    await settle()
    expect(session.offsetsOf(CONVERSATION)).toEqual([2, 6])
  })

  test('[I11] a return that is heard of before the removal is followed when that has come, and only then', async () => {
    const { following, session, log, hub, broker } = startFollowing()
    session.onRemoved = (timeline) => following.onRemoved(timeline)
    log.append(CONVERSATION, ENTRY)
    await following.hold([CONVERSATION])
    await following.release([{ timeline: CONVERSATION, after: 0 }])
    const said = log.append(CONVERSATION, ENTRY)
    const removed = log.append(CONVERSATION, removalOf('anna'))
    log.append(CONVERSATION, ENTRY)
    // His own timeline is quicker: of the stay he is in, of its end, and of the next.
    following.onOwnEntry(joinedAt(0))
    following.onOwnEntry({ kind: 'left', conversationId: 'c2c:anna:bert' } as unknown as Entry)
    following.onOwnEntry(joinedAt(3))
    await settle()
    broker.bring(CONVERSATION, said)
    broker.bring(CONVERSATION, removed)
    await settle()
    await settle()
    broker.bring(CONVERSATION, log.append(CONVERSATION, ENTRY))
    expect(session.offsetsOf(CONVERSATION)).toEqual([1, 2, 4, 5])
    expect(hub.stats()).toMatchObject({ topics: 1, followers: 1 })
  })

  test('news of a removal lets go of what is held alone, and leaves to the log what is followed', async () => {
    const { following, hub } = startFollowing()
    const left = { kind: 'left', conversationId: 'c2c:anna:bert' } as unknown as Entry
    await following.hold([CONVERSATION])
    following.onOwnEntry(left)
    expect(hub.stats().followers).toBe(0)
    await following.hold([CONVERSATION])
    await following.release([{ timeline: CONVERSATION, after: 0 }])
    following.onOwnEntry(left)
    expect(hub.stats().followers).toBe(1)
  })

  test('[I11] the end of a group is the last that is pushed of it, however it is learned of', async () => {
    const dismissed = { kind: 'dismissed', by: { userId: 'bert' } } as unknown as Entry
    const live = startFollowing()
    await live.following.hold([CONVERSATION])
    await live.following.release([{ timeline: CONVERSATION, after: 0 }])
    live.broker.bring(CONVERSATION, live.log.append(CONVERSATION, dismissed))
    live.broker.bring(CONVERSATION, live.log.append(CONVERSATION, ENTRY))
    const late = startFollowing()
    late.session.onRemoved = (timeline) => late.following.onRemoved(timeline)
    late.log.append(CONVERSATION, dismissed)
    late.log.append(CONVERSATION, ENTRY)
    await late.following.hold([CONVERSATION])
    await late.following.release([{ timeline: CONVERSATION, after: 0 }])
    for (const { session, hub } of [live, late]) {
      expect(session.offsetsOf(CONVERSATION)).toEqual([1])
      expect(hub.stats()).toMatchObject({ topics: 0, followers: 0 })
    }
  })

  test('what is for others alone takes its place and says nothing, live, by repair and in catching up', async () => {
    const { following, session, log, broker } = startFollowing()
    log.append(CONVERSATION, sayingFor('bert', 1))
    log.append(CONVERSATION, sayingFor('anna', 2))
    await following.hold([CONVERSATION])
    await following.release([{ timeline: CONVERSATION, after: 0 }])
    broker.bring(CONVERSATION, log.append(CONVERSATION, sayingFor('bert', 3)))
    log.append(CONVERSATION, sayingFor('bert', 4))
    broker.bring(CONVERSATION, log.append(CONVERSATION, sayingFor('anna', 5)))
    await settle()
    const shown = session.frames.map(
      (frame) => JSON.parse(Buffer.from(frame).toString()) as { offset: number; entry: { kind: string; seq?: number } },
    )
    expect(shown.map(({ offset, entry }) => [offset, entry.kind, entry.seq])).toEqual([
      [1, 'skipped', 1],
      [2, 'message', undefined],
      [3, 'skipped', 3],
      [4, 'skipped', 4],
      [5, 'message', undefined],
    ])
    expect(session.frames.map((frame) => Buffer.from(frame).toString()).join()).not.toContain('for bert')
  })

  test('a catching up of much waits for the connection before it has queued too much', async () => {
    const { following, session, log } = startFollowing()
    const long = { ...ENTRY, text: 'x'.repeat(LIMITS.pageBytes / 4) } as unknown as Entry
    for (let count = 0; count < 12; count++) log.append(ANNA, long)
    session.isSlow = true
    await following.hold([ANNA])
    const released = following.release([{ timeline: ANNA, after: 0 }])
    await settle()
    expect(session.frames.length).toBeLessThan(6)
    session.isSlow = false
    session.takeAll()
    await released
    expect(session.frames).toHaveLength(12)
  })

  test('a session that is over follows nothing new', async () => {
    const { following, hub } = startFollowing()
    following.close()
    following.onOwnEntry(JOINED)
    await settle()
    expect(hub.stats().followers).toBe(0)
  })
})
