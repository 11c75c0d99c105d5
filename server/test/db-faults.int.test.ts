import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ConnectGate } from '../src/db/connect-gate.ts'
import { connect, DatabaseBusy, DatabaseUnavailable, type Db } from '../src/db/db.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/embedded/embedded-postgres.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import { FaultProxy } from './kit/fault-proxy.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { processesOf, signalAll } from './kit/processes.ts'
import { WriteLoad, type LoadOutcome } from './kit/write-load.ts'

// The fault matrix of the database edge, F-05 … F-12, on a PostgreSQL of this file's own: it is stopped and killed.

const DEADLINE_MS = 1_000
const SIZE = 4
const WRITERS = 12
/** What is promised to a client; the deadline above leaves plenty of room on a busy machine. */
const ANSWER_MS = 5_000
const HEAL_MS = 10_000

let folder: string
let postgres: EmbeddedPostgres
let proxy: FaultProxy
let pools: Db[] = []
const unhandled: unknown[] = []
const noteUnhandled = (err: unknown): void => void unhandled.push(err)

beforeAll(async () => {
  process.on('unhandledRejection', noteUnhandled)
  process.on('uncaughtException', noteUnhandled)
  folder = mkdtempSync(join(tmpdir(), 'hongyan-faults-'))
  postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: silentLogger() })
  proxy = await FaultProxy.start({ path: join(folder, 'postgres', '.s.PGSQL.5432') })
  await withAdmin(postgres.url, (lane) => lane.run('CREATE TABLE fact (id text PRIMARY KEY)'))
})

afterAll(async () => {
  await proxy.stop()
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
  process.off('unhandledRejection', noteUnhandled)
  process.off('uncaughtException', noteUnhandled)
})

beforeEach(async () => {
  await withAdmin(postgres.url, (lane) => lane.run('TRUNCATE fact'))
})

afterEach(async () => {
  proxy.heal()
  await Promise.all(pools.map((db) => db.close()))
  pools = []
  expect(unhandled).toEqual([])
})

function open(url: string, options: { deadlineMs?: number; gate?: ConnectGate } = {}): Db {
  const db = connect({
    url,
    name: 'fault test',
    size: SIZE,
    statementDeadlineMs: options.deadlineMs ?? DEADLINE_MS,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
    ...(options.gate ? { gate: options.gate } : {}),
  })
  pools.push(db)
  return db
}

/** Waits for a fact; fails when it does not come true. */
async function until(isSo: () => boolean | Promise<boolean>, what: string, waitMs = HEAL_MS): Promise<void> {
  const startedMs = performance.now()
  while (!(await isSo())) {
    if (performance.now() - startedMs > waitMs) throw new Error(`not so within ${waitMs} ms: ${what}`)
    await pause(10)
  }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}

/** A load that has filled the pool and is writing. */
async function startLoad(db: Db): Promise<WriteLoad> {
  const load = new WriteLoad(db, WRITERS)
  await until(() => load.acked > 50 && db.stats().open === SIZE, 'the load runs')
  return load
}

/** Everybody writes again, and the pool has the size it had. */
async function expectRecovery(db: Db, load: WriteLoad): Promise<void> {
  const before = load.acked
  await until(() => load.acked > before + 50, 'writes succeed again')
  await until(() => db.stats().open === SIZE, 'the pool is full again')
}

/** Nothing acknowledged is lost, nothing refused is there, nobody waited too long, and no slot is missing. */
async function expectSound(db: Db, load: WriteLoad): Promise<LoadOutcome> {
  const outcome = await load.stop()
  expect(outcome.surprises).toEqual([])
  expect(outcome.longestMs).toBeLessThan(ANSWER_MS)
  await until(() => db.stats().busy === 0, 'all slots are back')
  expect(db.stats()).toMatchObject({ busy: 0, waiting: 0 })
  const rows = await withAdmin(postgres.url, (lane) => lane.run<{ id: string }>('SELECT id FROM fact'))
  const stored = new Set(rows.rows.map((row) => row.id))
  expect(outcome.acked.filter((id) => !stored.has(id))).toEqual([])
  expect(outcome.refused.filter((id) => stored.has(id))).toEqual([])
  expect(stored.size).toBeLessThanOrEqual(outcome.acked.length + outcome.ambiguous.length)
  return outcome
}

describe('the server stalls', () => {
  test('F-05 while all of PostgreSQL is stopped everybody gets an answer, and afterwards nothing is missing', async () => {
    const db = open(postgres.url)
    const load = await startLoad(db)
    const pids = processesOf(postgres.pid)
    signalAll(pids, 'SIGSTOP')
    try {
      await until(() => load.failed >= WRITERS, 'writes are refused')
      await pause(3 * DEADLINE_MS)
    } finally {
      signalAll(pids, 'SIGCONT')
    }
    await expectRecovery(db, load)
    await expectSound(db, load)
  })

  test('F-06 a stopped connection that holds a lock stops those who need it for two seconds, and nobody else', async () => {
    const db = open(postgres.url, { deadlineMs: 4_000 })
    await db.transaction((tx) => tx.query(`INSERT INTO fact (id) VALUES ('locked'), ('free')`))
    await withAdmin(postgres.url, async (holder) => {
      await holder.run('BEGIN')
      await holder.run(`SELECT FROM fact WHERE id = 'locked' FOR UPDATE`)
      const [row] = (await holder.run<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows
      const pid = row?.pid ?? 0
      process.kill(pid, 'SIGSTOP')
      try {
        const touch = (id: string): Promise<unknown> =>
          db.transaction((tx) => tx.query('UPDATE fact SET id = id WHERE id = $1', [id]))
        const locked = touch('locked')
        locked.catch(() => {})
        for (let count = 0; count < 20; count++) await touch('free')
        await expect(locked).rejects.toBeInstanceOf(DatabaseBusy)
      } finally {
        process.kill(pid, 'SIGCONT')
      }
    })
    expect(db.stats()).toMatchObject({ busy: 0, discarded: 0 })
  })
})

describe('the server ends', () => {
  test.each([
    { how: 'a fast restart', signal: 'SIGINT' },
    { how: 'an immediate restart', signal: 'SIGQUIT' },
    { how: 'a kill -9 of the postmaster', signal: 'SIGKILL' },
  ] as const)('F-07 after $how service comes back by itself and nothing acknowledged is lost', async ({ signal }) => {
    const db = open(postgres.url)
    const load = await startLoad(db)
    const { pid } = postgres
    process.kill(pid, signal)
    await until(() => postgres.pid !== pid, 'PostgreSQL is started again')
    await expectRecovery(db, load)
    await expectSound(db, load)
  })

  test('F-08 with connections terminated at random all the time the pool keeps its size', async () => {
    const db = open(postgres.url)
    const load = await startLoad(db)
    await withAdmin(postgres.url, async (lane) => {
      for (let count = 0; count < 15; count++) {
        await lane.run(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hongyan fault test' ORDER BY random() LIMIT 1`,
        )
        await pause(200)
      }
    })
    await expectRecovery(db, load)
    await expectSound(db, load)
    expect(db.stats().discarded).toBeGreaterThanOrEqual(10)
    await expectServerSees(SIZE)
  })
})

test('F-08 an idle pool whose connections were terminated gets its size back before anybody asks', async () => {
  const db = open(postgres.url)
  await Promise.all(Array.from({ length: SIZE }, () => db.query('SELECT pg_sleep(0.1)')))
  expect(db.stats().open).toBe(SIZE)
  await withAdmin(postgres.url, (lane) =>
    lane.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hongyan fault test'`),
  )
  await until(() => db.stats().discarded === SIZE, 'the connections are seen to be gone')
  await until(() => db.stats().open === SIZE, 'the pool is full again')
  await expectServerSees(SIZE)
})

async function expectServerSees(connections: number): Promise<void> {
  await withAdmin(postgres.url, (lane) =>
    until(async () => {
      const [row] = (
        await lane.run<{ count: number }>(
          `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hongyan fault test'`,
        )
      ).rows
      return row?.count === connections
    }, `the server has ${connections} connections of the pool`),
  )
}

describe('the network breaks', () => {
  test('F-09 a black hole that heals without a reset costs no slot', async () => {
    const db = open(proxy.inFrontOf(postgres.url))
    const load = await startLoad(db)
    proxy.set({ kind: 'blackHole', directions: ['toServer', 'toClient'] })
    await until(() => load.failed >= WRITERS, 'writes are refused')
    await pause(3 * DEADLINE_MS)
    proxy.heal()
    await expectRecovery(db, load)
    await expectSound(db, load)
    await expectServerSees(SIZE)
  })

  test.each(['toServer', 'toClient'] as const)('F-09 a black hole %s only is one too', async (direction) => {
    const db = open(proxy.inFrontOf(postgres.url))
    const load = await startLoad(db)
    proxy.set({ kind: 'blackHole', directions: [direction] })
    await until(() => load.failed >= WRITERS, 'writes are refused')
    proxy.heal()
    await expectRecovery(db, load)
    await expectSound(db, load)
  })

  test('F-09 a commit whose answer is lost is called ambiguous, and is there', async () => {
    const db = open(proxy.inFrontOf(postgres.url))
    const lost = db.transaction(async (tx) => {
      await tx.query(`INSERT INTO fact (id) VALUES ('perhaps')`)
      proxy.set({ kind: 'blackHole', directions: ['toClient'] })
    })
    await expect(lost).rejects.toMatchObject({ name: 'DatabaseUnavailable', isAmbiguous: true })
    proxy.heal()
    expect(await db.query('SELECT id FROM fact')).toEqual([{ id: 'perhaps' }])
  })

  test('F-09 a transaction lost before its commit is not called ambiguous, and is not there', async () => {
    const db = open(proxy.inFrontOf(postgres.url))
    const lost = db.transaction(async (tx) => {
      await tx.query(`INSERT INTO fact (id) VALUES ('never')`)
      proxy.resetAll()
      await tx.query('SELECT 1')
    })
    await expect(lost).rejects.toMatchObject({ name: 'DatabaseUnavailable', isAmbiguous: false })
    expect(await db.query('SELECT id FROM fact')).toEqual([])
  })

  test('F-09 each of many statements that are lost together is answered', async () => {
    const db = open(proxy.inFrontOf(postgres.url))
    let statements: readonly Promise<unknown>[] = []
    const lost = db.transaction((tx) => {
      proxy.set({ kind: 'blackHole', directions: ['toServer'] })
      // New to the server, and more than the driver has under way at once: some wait inside it.
      statements = Array.from({ length: 150 }, (_, index) => tx.query(`SELECT ${index}::int, $1::int`, [index]))
      return Promise.all(statements)
    })
    await expect(lost).rejects.toBeInstanceOf(DatabaseUnavailable)
    let answered = 0
    for (const statement of statements) {
      statement.catch((err: unknown) => {
        if (err instanceof DatabaseUnavailable) answered++
      })
    }
    await until(() => answered === statements.length, 'all are answered')
  })

  test('F-10 where everything is accepted and ended there are few connects, and quick refusals', async () => {
    const gate = new ConnectGate(systemClock, systemRandom)
    const url = proxy.inFrontOf(postgres.url)
    const three = [open(url, { gate }), open(url, { gate }), open(url, { gate })]
    proxy.set({ kind: 'fin' })
    const startedMs = performance.now()
    const before = proxy.accepted
    let refused = 0
    while (performance.now() - startedMs < 4_000) {
      const answers = await Promise.allSettled(three.map((db) => db.query('SELECT 1')))
      for (const answer of answers) {
        expect(answer).toMatchObject({ status: 'rejected', reason: { name: 'DatabaseUnavailable' } })
        refused++
      }
    }
    const seconds = (performance.now() - startedMs) / 1000
    // The burst with which a process may start is spent but once.
    expect(proxy.accepted - before).toBeLessThanOrEqual(10 + 5 * seconds)
    expect(refused).toBeGreaterThanOrEqual(6)
    proxy.heal()
    for (const db of three) await until(() => works(db), 'it works again')
  })

  test('F-11 in a storm of resets nothing goes unhandled, connects are few, and nothing is lost', async () => {
    const db = open(proxy.inFrontOf(postgres.url))
    const load = await startLoad(db)
    const startedMs = performance.now()
    const before = proxy.accepted
    while (performance.now() - startedMs < 5_000) {
      proxy.resetAll()
      await pause(20)
    }
    const seconds = (performance.now() - startedMs) / 1000
    expect(proxy.accepted - before).toBeLessThanOrEqual(10 + 5 * seconds)
    await expectRecovery(db, load)
    const { refused, ambiguous } = await expectSound(db, load)
    expect(refused.length + ambiguous.length).toBeGreaterThan(0)
  })

  test('F-11 a connection cut after any number of bytes, also while it is being opened, breaks nothing', async () => {
    for (const afterBytes of [0, 20, 60, 150, 350, 600]) {
      const db = open(proxy.inFrontOf(postgres.url))
      proxy.set({ kind: 'cut', afterBytes })
      const answer = await Promise.allSettled([db.query('SELECT 1'), db.query('SELECT $1::text', ['x'.repeat(300)])])
      for (const { status, ...rest } of answer) {
        if (status === 'rejected') expect(rest).toMatchObject({ reason: { name: 'DatabaseUnavailable' } })
      }
      proxy.heal()
      await until(() => works(db), 'it works again')
      await db.close()
    }
  })

  test('F-12 latency and a narrow line slow everything down, and fail nothing', async () => {
    const db = open(proxy.inFrontOf(postgres.url), { deadlineMs: 4_000 })
    const load = await startLoad(db)
    for (const fault of [
      { kind: 'delay', delayMs: 100, jitterMs: 50 },
      { kind: 'throttle', bytesPerSecond: 65_536 },
    ] as const) {
      proxy.set(fault)
      const before = load.acked
      await until(() => load.acked >= before + 2 * WRITERS, 'writes succeed')
    }
    proxy.heal()
    const { refused, ambiguous } = await expectSound(db, load)
    expect([...refused, ...ambiguous]).toEqual([])
    expect(db.stats().discarded).toBe(0)
  })
})

async function works(db: Db): Promise<boolean> {
  try {
    await db.query('SELECT 1')
    return true
  } catch (err) {
    if (err instanceof DatabaseUnavailable || err instanceof DatabaseBusy) return false
    throw err
  }
}
