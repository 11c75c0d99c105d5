import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { EventLoopWatch } from '../kit/event-loop-watch.ts'
import { partsOf, type Watched } from './parts.ts'
import { OK, Readiness, type Part } from './readiness.ts'

function readinessOf(parts: Readonly<Record<string, Part>>, clock = new ManualClock()): Readiness {
  return new Readiness({ parts, clock, deadlineMs: 2_000 })
}

describe('readiness', () => {
  test('is ready when all parts are, degraded when one only costs time, and not ready when one fails', async () => {
    const ok: Part = { look: () => OK }
    const slow: Part = { look: () => ({ status: 'degraded', why: 'slow' }) }
    const broken: Part = { look: () => Promise.resolve({ status: 'failed', why: 'broken' }) }
    expect(await readinessOf({ ok }).report()).toEqual({ status: 'ready', parts: { ok: OK } })
    expect((await readinessOf({ ok, slow }).report()).status).toBe('degraded')
    expect(await readinessOf({ broken, slow }).report()).toEqual({
      status: 'not ready',
      parts: { broken: { status: 'failed', why: 'broken' }, slow: { status: 'degraded', why: 'slow' } },
    })
  })

  test('answers within its deadline, whatever hangs', async () => {
    const clock = new ManualClock()
    const report = readinessOf({ hangs: { look: () => new Promise(() => {}) } }, clock).report()
    await clock.pass(2_000)
    expect(await report).toEqual({
      status: 'not ready',
      parts: { hangs: { status: 'failed', why: 'no answer within 2000 ms' } },
    })
    expect(clock.alarms).toBe(0)
  })

  test('says of an error no more than its name: its text may hold what nobody should read', async () => {
    const look = (): never => {
      throw new TypeError('postgres://admin:hunter2@10.0.0.1 is away')
    }
    expect(JSON.stringify(await readinessOf({ part: { look } }).report())).toContain('looking failed: TypeError')
    expect(JSON.stringify(await readinessOf({ part: { look } }).report())).not.toContain('hunter2')
  })

  test('who asks often does not make it look often, unless a part costs nothing', async () => {
    const clock = new ManualClock()
    const looks = { dear: 0, cheap: 0 }
    const look = (name: keyof typeof looks) => () => {
      looks[name]++
      return OK
    }
    const readiness = readinessOf({ dear: { look: look('dear'), keepMs: 500 }, cheap: { look: look('cheap') } }, clock)
    for (let n = 0; n < 10; n++) await readiness.report()
    expect(looks).toEqual({ dear: 1, cheap: 10 })
    await clock.pass(500)
    await readiness.report()
    expect(looks).toEqual({ dear: 2, cheap: 11 })
  })
})

describe('the parts of a node', () => {
  async function reportOf(changes: Partial<Watched>) {
    const clock = new ManualClock()
    const none = { missing: [], foreign: [], changed: [] }
    const watched: Watched = {
      isDraining: () => false,
      isBrokerUp: () => true,
      pingDatabase: () => Promise.resolve(),
      migrationState: () => Promise.resolve(none),
      eventLoop: new EventLoopWatch({ clock, stallMs: 1_000 }),
      ...changes,
    }
    const { status, parts } = await readinessOf(partsOf(watched), clock).report()
    const bad = Object.entries(parts).filter(([, part]) => part.status !== 'ok')
    return [status, ...bad.map(([name]) => name)]
  }
  const state = (changes: object) => () => Promise.resolve({ missing: [], foreign: [], changed: [], ...changes })
  const stalled = { stalledWithin: () => ({ tookMs: 3_000, endedAgoMs: 10 }) } as unknown as EventLoopWatch

  test.each([
    ['nothing is wrong', {}, ['ready']],
    ['it drains', { isDraining: () => true }, ['not ready', 'draining']],
    ['Redis is down, which only costs time', { isBrokerUp: () => false }, ['degraded', 'broker']],
    ['the database is away', { pingDatabase: () => Promise.reject(new Error('away')) }, ['not ready', 'database']],
    ['the database is too old', { migrationState: state({ missing: ['0009_x'] }) }, ['not ready', 'migrations']],
    [
      'a newer node has migrated already',
      { migrationState: state({ foreign: ['0009_x'] }) },
      ['degraded', 'migrations'],
    ],
    ['a migration is another', { migrationState: state({ changed: ['0001_x'] }) }, ['not ready', 'migrations']],
    ['the event loop stood still', { eventLoop: stalled }, ['not ready', 'eventLoop']],
  ])('%s', async (_title, changes, expected) => {
    expect(await reportOf(changes)).toEqual(expected)
  })
})
