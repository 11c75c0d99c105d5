import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MemoryBroker } from '../src/broker/memory-broker.ts'
import { connect, type Db } from '../src/db/db.ts'
import type { Lane } from '../src/db/lane.ts'
import { migrate } from '../src/db/migrate.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/embedded/embedded-postgres.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import { MessageCommitter } from '../src/messaging/message-committer.ts'
import { Announcer } from '../src/timelines/announcer.ts'
import { FaultProxy, type Fault } from './kit/fault-proxy.ts'
import { findWrongs } from './kit/message-ledger.ts'
import { makeTalks, MessageLoad, requestOf, type Talk } from './kit/message-load.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { processesOf, signalAll } from './kit/processes.ts'
import { until } from './kit/until.ts'

// The fault matrix F-05 … F-12 on the real message path: two nodes' committers, and devices that send again under the same
// id what was not answered. The deadlines are those of production.

const DEADLINE_MS = 3_000
const SIZE = 2
/** What is promised to a client. */
const ANSWER_MS = 5_000
const BUSY_MS = 3_000
const TALKS = 6
const SENDERS_EACH = 2

let folder: string
let postgres: EmbeddedPostgres
let proxy: FaultProxy
let talks: readonly Talk[]
let nodes: { readonly db: Db; readonly committer: MessageCommitter }[] = []
const unhandled: unknown[] = []
const noteUnhandled = (err: unknown): void => void unhandled.push(err)

beforeAll(async () => {
  process.on('unhandledRejection', noteUnhandled)
  process.on('uncaughtException', noteUnhandled)
  folder = mkdtempSync(join(tmpdir(), 'hongyan-message-faults-'))
  postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: silentLogger() })
  proxy = await FaultProxy.start({ path: join(folder, 'postgres', '.s.PGSQL.5432') })
  const db = openPool(postgres.url, 'migrate')
  await migrate(db)
  await db.close()
})

afterAll(async () => {
  await proxy.stop()
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
  process.off('unhandledRejection', noteUnhandled)
  process.off('uncaughtException', noteUnhandled)
})

beforeEach(async () => {
  await withAdmin(postgres.url, (lane) => lane.run('TRUNCATE message, entry, member, login, timeline, account'))
  nodes = [startNode('send one'), startNode('send two')]
  talks = await makeTalks(firstNode().db, 'u', TALKS)
})

afterEach(async () => {
  proxy.heal()
  await Promise.all(nodes.map(({ db }) => db.close()))
  expect(unhandled).toEqual([])
})

function openPool(url: string, name: string): Db {
  return connect({
    url,
    name,
    size: SIZE,
    statementDeadlineMs: DEADLINE_MS,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
}

function startNode(name: string): (typeof nodes)[number] {
  const db = openPool(proxy.inFrontOf(postgres.url), name)
  const announcer = new Announcer(new MemoryBroker({ onFault: noteUnhandled }))
  return { db, committer: new MessageCommitter({ db, announcer, clock: systemClock }) }
}

function firstNode(): (typeof nodes)[number] {
  const [node] = nodes
  if (!node) throw new Error('no node was started')
  return node
}

function firstTalk(): Talk {
  const [talk] = talks
  if (!talk) throw new Error('no conversation was made')
  return talk
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}

function startLoad(options: { nodes?: typeof nodes; talks?: readonly Talk[]; name?: string } = {}): MessageLoad {
  return new MessageLoad({
    nodes: (options.nodes ?? nodes).map(({ committer }) => committer),
    talks: options.talks ?? talks,
    sendersEach: SENDERS_EACH,
    name: options.name ?? 'load',
  })
}

/** Everybody sends again, then everything is compared. */
async function expectSound(...loads: readonly MessageLoad[]): Promise<void> {
  for (const load of loads) {
    const before = load.answers
    await until('messages are answered again', () => load.answers > before + 200)
  }
  const outcomes = await Promise.all(loads.map((load) => load.stop()))
  expect(outcomes.flatMap(({ surprises }) => surprises)).toEqual([])
  expect(Math.max(...outcomes.map(({ longestMs }) => longestMs))).toBeLessThan(ANSWER_MS)
  const answers = outcomes.flatMap((outcome) => outcome.answers)
  expect(await withAdmin(postgres.url, (lane) => findWrongs(lane, answers))).toEqual([])
  await until('all lanes are back', () =>
    nodes.every(({ db }) => db.stats().busy === 0 && db.stats().waiting === 0 && db.stats().open >= 1),
  )
}

async function backendOf(lane: Lane): Promise<number> {
  const [row] = (await lane.run<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows
  if (!row) throw new Error('a back end has a pid')
  return row.pid
}

interface Case {
  readonly name: string
  /** Does its harm, and undoes it. */
  readonly inject: (load: MessageLoad) => Promise<void>
}

async function faultyNetwork(fault: Fault, load: MessageLoad, forMs: number): Promise<void> {
  const before = load.refusals
  proxy.set(fault)
  await pause(forMs)
  await until('messages are refused', () => load.refusals > before)
  proxy.heal()
}

function killPostmaster(signal: NodeJS.Signals): Case['inject'] {
  return async () => {
    const { pid } = postgres
    process.kill(pid, signal)
    await until('PostgreSQL is started again', () => postgres.pid !== pid)
  }
}

const FAULTS: readonly Case[] = [
  {
    name: 'F-05 all of PostgreSQL is stopped for a while',
    inject: async (load) => {
      const pids = processesOf(postgres.pid)
      signalAll(pids, 'SIGSTOP')
      try {
        await pause(2 * DEADLINE_MS)
        expect(load.refusals).toBeGreaterThan(0)
      } finally {
        signalAll(pids, 'SIGCONT')
      }
    },
  },
  { name: 'F-07 PostgreSQL is restarted', inject: killPostmaster('SIGINT') },
  { name: 'F-07 PostgreSQL is restarted at once', inject: killPostmaster('SIGQUIT') },
  { name: 'F-07 PostgreSQL is killed', inject: killPostmaster('SIGKILL') },
  {
    name: 'F-08 connections are terminated at random',
    inject: () =>
      withAdmin(postgres.url, async (lane) => {
        for (let count = 0; count < 15; count++) {
          await lane.run(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'hongyan send %' ORDER BY random() LIMIT 1`,
          )
          await pause(200)
        }
      }),
  },
  {
    name: 'F-09 the network is a black hole for a while',
    inject: (load) => faultyNetwork({ kind: 'blackHole', directions: ['toServer', 'toClient'] }, load, DEADLINE_MS),
  },
  {
    name: 'F-09 the answers of PostgreSQL are lost for a while',
    inject: (load) => faultyNetwork({ kind: 'blackHole', directions: ['toClient'] }, load, DEADLINE_MS),
  },
  {
    name: 'F-10 every connection is accepted and ended',
    inject: (load) => faultyNetwork({ kind: 'fin' }, load, 2_000),
  },
  {
    name: 'F-11 connections are reset every 20 ms',
    inject: async (load) => {
      const startedMs = performance.now()
      while (performance.now() - startedMs < 3_000) {
        proxy.resetAll()
        await pause(20)
      }
      expect(load.refusals).toBeGreaterThan(0)
    },
  },
  {
    name: 'F-12 the network is slow',
    inject: async (load) => {
      for (const fault of [
        { kind: 'delay', delayMs: 200, jitterMs: 100 },
        { kind: 'throttle', bytesPerSecond: 65_536 },
      ] as const) {
        proxy.set(fault)
        const before = load.answers
        await until('messages are answered', () => load.answers > before + 2 * TALKS)
      }
      proxy.heal()
    },
  },
]

describe('what was answered is stored once and in order, and everybody has his answer in time, when', () => {
  test.each(FAULTS)('$name', async ({ inject }) => {
    const load = startLoad()
    await until('the load runs', () => load.answers > 200)
    await inject(load)
    await expectSound(load)
  })
})

describe('F-06 a connection that stops in the middle of a transaction', () => {
  test.each([
    {
      holding: 'the lock of a conversation',
      lock: (talk: Talk) => `SELECT FROM timeline WHERE key = ${talk.timelineKey} FOR UPDATE`,
    },
    {
      holding: 'the lock of a login that is being displaced',
      lock: (talk: Talk) => `DELETE FROM login WHERE key = ${talk.loginKey}`,
    },
  ])('holding $holding stops nobody who does not need it', async ({ lock }) => {
    await withAdmin(postgres.url, async (holder) => {
      await holder.run('BEGIN')
      await holder.run(lock(firstTalk()))
      const pid = await backendOf(holder)
      process.kill(pid, 'SIGSTOP')
      const load = startLoad()
      try {
        const startedMs = performance.now()
        await until('the others are answered', () => talks.slice(1).every((talk) => load.answersIn(talk) > 100))
        expect(performance.now() - startedMs).toBeLessThan(BUSY_MS)
        await until('those who need it hear that it cannot be now', () => load.refusals >= SENDERS_EACH)
        expect(performance.now() - startedMs).toBeLessThan(BUSY_MS + 500)
        expect(load.answersIn(firstTalk())).toBe(0)
      } finally {
        process.kill(pid, 'SIGCONT')
        await holder.run('ROLLBACK')
      }
      await expectSound(load)
    })
  })

  test('of a node itself costs its conversations the time it stands still, and the node no more than a deadline', async () => {
    const [first, second] = nodes
    if (!first || !second) throw new Error('there are two nodes')
    const load = startLoad({ nodes: [first], talks: talks.slice(0, 2) })
    const others = startLoad({ nodes: [second], talks: talks.slice(2) })
    await until('the loads run', () => load.answers > 100 && others.answers > 100)
    const pid = await until('one is caught in the middle of a transaction', () => stopInTransaction('send one'))
    let guests = others
    try {
      const before = others.answers
      await until('its messages are refused', () => load.refusals > 0)
      expect(others.answers).toBeGreaterThan(before + 100)
      // Whatever the stopped one does not hold, the node serves over its other lane.
      guests = startLoad({ nodes: [first], talks: talks.slice(2), name: 'guest' })
      await until('the node answers', () => guests.answers > 100)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await expectSound(load, others, guests)
  })
})

/**
 * Stops a back end of the pool while it holds its row locks and waits for our next statement, if one can be caught at
 * it. Elsewhere it could hold one of PostgreSQL's inner locks, and stop everybody.
 */
async function stopInTransaction(pool: string): Promise<number | undefined> {
  return withAdmin(postgres.url, async (lane) => {
    const backends = await lane.run<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'hongyan ${pool}'`,
    )
    for (const { pid } of backends.rows) {
      process.kill(pid, 'SIGSTOP')
      const caught = await lane.run(
        `SELECT FROM pg_stat_activity a JOIN pg_locks l USING (pid)
          WHERE pid = ${pid} AND a.state = 'idle in transaction' AND a.wait_event = 'ClientRead'
            AND l.mode = 'RowShareLock' AND l.relation = 'timeline'::regclass`,
      )
      if (caught.rows.length > 0) return pid
      process.kill(pid, 'SIGCONT')
    }
    return undefined
  })
}

test('what a deadline ended leaves no lock behind', async () => {
  const { db, committer } = firstNode()
  const request = requestOf(firstTalk(), 'after')
  const stuck = db.transaction(
    async (tx) => {
      await tx.query('SELECT FROM timeline WHERE key = $1 FOR UPDATE', [request.timelineKey])
      await new Promise(() => {})
    },
    { deadlineMs: 200 },
  )
  await expect(stuck).rejects.toMatchObject({ name: 'DatabaseUnavailable', isAmbiguous: false })
  expect(await committer.append(request)).toMatchObject({ seq: 1 })
})
