import { CLOSE } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { ManualClock, settle } from '../../test/kit/manual-clock.ts'
import { RecordingSession, ScriptedBroker, ScriptedLog } from '../../test/kit/scripted-feed.ts'
import { silentLogger } from '../kit/logger.ts'
import { SessionFollowing } from './following.ts'
import { Hub } from './hub.ts'
import { SessionRegistry, type RegisteredSession } from './session-registry.ts'
import { Sweeper } from './sweeper.ts'

const timeline = 'u:anna' as never

class StandIn implements RegisteredSession {
  readonly id: string
  readonly loginKey: number | undefined
  readonly userId = 'anna'
  checks = 0
  closedWith: number | undefined
  readonly epoch: string | undefined
  readonly #registry: SessionRegistry

  constructor(registry: SessionRegistry, loginKey: number | undefined, epoch: string | undefined) {
    this.#registry = registry
    this.epoch = epoch
    this.id = `s${loginKey ?? ''}`
    this.loginKey = loginKey
  }

  readonly isOpen = true

  checkHealth(): void {
    this.checks++
  }

  close(code: number): void {
    this.closedWith ??= code
    this.#registry.remove(this)
  }
}

function startSweeper() {
  const clock = new ManualClock()
  const broker = new ScriptedBroker()
  const log = new ScriptedLog()
  const registry = new SessionRegistry()
  const logger = silentLogger()
  const hub = new Hub({ broker, log, clock, logger, onControl: () => {} })
  const alive = new Set<number>()
  const asked: (readonly number[])[] = []
  const store = { epoch: 'first', isAway: false, replaced: 0 }
  const sweeper = new Sweeper({
    hub,
    registry,
    clock,
    logger,
    log: {
      entriesAfter: (cursors, limit) => log.entriesAfter(cursors, limit),
      heads: (timelines) => log.heads(timelines),
      movedHeads: () => (store.isAway ? Promise.reject(new Error('the database is away')) : log.movedHeads()),
      epoch: () => (store.isAway ? Promise.reject(new Error('the database is away')) : Promise.resolve(store.epoch)),
    },
    onStoreReplaced: () => {
      store.replaced++
    },
    aliveLogins: (keys) => {
      asked.push(keys)
      return Promise.resolve(new Set(keys.filter((key) => alive.has(key))))
    },
  })
  const enter = (loginKey: number | undefined): StandIn => {
    const session = new StandIn(registry, loginKey, loginKey === undefined ? undefined : store.epoch)
    registry.add(session)
    registry.enter(session)
    return session
  }
  /** A session that has followed the timeline from its first entry. */
  const follow = async (): Promise<RecordingSession> => {
    const session = new RecordingSession('s1')
    const following = new SessionFollowing(session, { hub, log })
    await following.hold([timeline])
    await following.release([{ timeline, after: 0 }])
    return session
  }
  return { follow, clock, broker, log, registry, hub, alive, asked, store, sweeper, enter }
}

describe('the sweeper', () => {
  test('knows how far behind its sessions were when it looked, until it looks again', async () => {
    const { follow, log, sweeper, enter } = startSweeper()
    enter(1)
    const session = await follow()
    expect(sweeper.stats()).toEqual({ behind: { timelines: 0, entries: 0, greatest: 0 }, repairs: 0, sweeps: 0 })
    for (let n = 0; n < 3; n++) log.append(timeline, { kind: 'read' } as never)
    await sweeper.sweepHeads()
    expect(sweeper.stats()).toEqual({ behind: { timelines: 1, entries: 3, greatest: 3 }, repairs: 1, sweeps: 1 })
    await settle()
    expect(session.offsetsOf(timeline)).toEqual([1, 2, 3])
    await sweeper.sweepHeads()
    expect(sweeper.stats()).toEqual({ behind: { timelines: 0, entries: 0, greatest: 0 }, repairs: 1, sweeps: 2 })
  })

  test('finds what nobody announced', async () => {
    const { follow, sweeper, clock, log, enter } = startSweeper()
    enter(1)
    const session = await follow()
    await sweeper.start()
    log.append(timeline, { kind: 'read' } as never)
    log.append(timeline, { kind: 'read' } as never)
    await clock.pass(1999)
    expect(session.frames).toHaveLength(0)
    await clock.pass(1)
    expect(session.offsetsOf(timeline)).toEqual([1, 2])
    await sweeper.stop()
    expect(clock.alarms).toBe(0)
  })

  test('looks after every connection once a second', async () => {
    const { sweeper, clock, enter } = startSweeper()
    const sessions = [enter(1), enter(undefined)]
    await sweeper.start()
    await clock.pass(10_000)
    expect(sessions.map(({ checks }) => checks)).toEqual([10, 10])
    await sweeper.stop()
  })

  test('ends sessions whose login is gone, although nobody told them', async () => {
    const { sweeper, alive, enter } = startSweeper()
    alive.add(1)
    const kept = enter(1)
    const gone = [enter(2), enter(2)]
    await sweeper.sweepLogins()
    expect(kept.closedWith).toBeUndefined()
    expect(gone.map(({ closedWith }) => closedWith)).toEqual([CLOSE.DISPLACED_BY_ACCOUNT, CLOSE.DISPLACED_BY_ACCOUNT])
  })

  test('asks for many logins in parts', async () => {
    const { sweeper, alive, asked, enter } = startSweeper()
    for (let key = 1; key <= 2500; key++) {
      alive.add(key)
      enter(key)
    }
    await sweeper.sweepLogins()
    expect(asked.map((keys) => keys.length)).toEqual([1000, 1000, 500])
  })

  test('[EPOCH-1] a store that was put back ends every connection, once', async () => {
    const { sweeper, store, enter } = startSweeper()
    const before = enter(1)
    await sweeper.sweepHeads()
    await sweeper.sweepHeads()
    expect(before.closedWith).toBeUndefined()
    store.epoch = 'second'
    await sweeper.sweepHeads()
    expect(before.closedWith).toBe(CLOSE.EPOCH_CHANGED)
    const after = enter(2)
    await sweeper.sweepHeads()
    expect(after.closedWith).toBeUndefined()
  })

  test('[EPOCH-1] a store that was put back while nobody was connected ends nobody who came after', async () => {
    const { sweeper, store, enter, registry } = startSweeper()
    const first = enter(1)
    await sweeper.sweepHeads()
    registry.remove(first)
    store.epoch = 'second'
    await sweeper.sweepHeads()
    const late = enter(2)
    await sweeper.sweepHeads()
    expect(late.closedWith).toBeUndefined()
    // Even when the node hears of the restore only after the session was told of the old state.
    store.epoch = 'third'
    await sweeper.sweepHeads()
    expect(late.closedWith).toBe(CLOSE.EPOCH_CHANGED)
    expect(store.replaced).toBe(2)
  })

  test('[EPOCH-1] a store that was put back before the first look at it ends every connection', async () => {
    const { sweeper, store, enter } = startSweeper()
    const early = enter(1)
    store.epoch = 'second'
    const later = enter(2)
    // It follows its user already, and the hub is about to forget that.
    const opening = enter(undefined)
    await sweeper.sweepHeads()
    expect([early, later, opening].map(({ closedWith }) => closedWith)).toEqual(
      Array.from({ length: 3 }, () => CLOSE.EPOCH_CHANGED),
    )
    expect(store.replaced).toBe(1)
    await sweeper.sweepHeads()
    expect(store.replaced).toBe(1)
  })

  test('[EPOCH-1] what was heard of the earlier store is waited for no longer', async () => {
    const { follow, sweeper, store, hub, log, enter } = startSweeper()
    enter(1)
    await sweeper.sweepHeads()
    await hub.hold(new RecordingSession('old'), [timeline])
    hub.hearOfHeads([{ key: 1, id: timeline, lastOffset: 7 }])
    store.epoch = 'second'
    await sweeper.sweepHeads()
    log.append(timeline, { kind: 'read' } as never)
    const session = await follow()
    expect(session.offsetsOf(timeline)).toEqual([1])
  })

  test('finds within half a minute what the database has stamped with a time long gone', async () => {
    const { follow, sweeper, clock, log, enter } = startSweeper()
    enter(1)
    const session = await follow()
    log.movedHeads = () => Promise.resolve([])
    await sweeper.start()
    log.append(timeline, { kind: 'read' } as never)
    await clock.pass(29_999)
    expect(session.frames).toHaveLength(0)
    await clock.pass(1)
    expect(session.offsetsOf(timeline)).toEqual([1])
    await sweeper.stop()
  })

  test('goes on when the database comes back', async () => {
    const { follow, sweeper, store, clock, log, enter } = startSweeper()
    const one = enter(1)
    const session = await follow()
    await sweeper.start()
    store.isAway = true
    log.append(timeline, { kind: 'read' } as never)
    await clock.pass(10_000)
    expect(session.frames).toHaveLength(0)
    expect(one.checks).toBe(10)
    store.isAway = false
    await clock.pass(2000)
    expect(session.offsetsOf(timeline)).toEqual([1])
    await sweeper.stop()
  })
})
