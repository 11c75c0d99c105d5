import { parseUserId, userTimeline, type Entry, type TimelineId } from '@hongyan/protocol'
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

const ANNA = timelineOf('anna')
const ENTRY = { kind: 'read', userId: 'anna', base: { seq: 1, countable: 1, own: 0 }, atMs: 1 } as unknown as Entry
const JOINED = { kind: 'joined', conversationId: 'c2c:anna:bert' } as unknown as Entry
const CONVERSATION = 'c:c2c:anna:bert' as TimelineId

function startFollowing() {
  const broker = new ScriptedBroker()
  const log = new ScriptedLog()
  const hub = new Hub({ broker, log, clock: new ManualClock(), logger: silentLogger(), onControl: () => {} })
  const session = new RecordingSession('s1')
  const failures: unknown[] = []
  const following = new SessionFollowing(session, { hub, log, onFailure: (err) => failures.push(err) })
  return { broker, log, hub, session, following, failures }
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
    broker.waiting[0]?.refuse()
    await settle()
    expect(failures).toHaveLength(1)
  })

  test('a session that is over follows nothing new', async () => {
    const { following, hub } = startFollowing()
    following.close()
    following.onOwnEntry(JOINED)
    await settle()
    expect(hub.stats().followers).toBe(0)
  })
})
