import { DatabaseUnavailable } from '../../server/src/db/db-errors.ts'
import { pause, until } from '../rig/waiting.ts'
import type { Rig } from '../rig/rig.ts'
import { Finding, type Scenario } from './scenario.ts'

const RESTARTS = [
  { how: 'restart -m fast', signal: 'SIGINT' },
  { how: 'restart -m immediate', signal: 'SIGQUIT' },
  { how: 'kill -9 of the postmaster', signal: 'SIGKILL' },
] as const
const SERVICE_GOAL_MS = 5_000
const POOL_GOAL_MS = 2_000

/** How long after a fault is over until messages are acknowledged again. */
async function untilServed(rig: Rig): Promise<number> {
  const startedMs = performance.now()
  const { acked } = rig.crew.measure.totals
  await until('messages are acknowledged again', () => rig.crew.measure.totals.acked > acked + 20)
  return performance.now() - startedMs
}

export const POSTGRES_FAULTS: readonly Scenario[] = [
  {
    id: 'F-05',
    what: 'SIGSTOP postmaster and all children 15 s, then CONT',
    isMixable: true,
    run: async (rig, { isBrief }) => {
      const finding = new Finding()
      rig.cluster.freeze(rig.cluster.postgresPids())
      await pause(isBrief ? 2_500 : 15_000)
      rig.cluster.thaw()
      finding.goal('messages are acknowledged again, ms', POOL_GOAL_MS, await untilServed(rig))
      return finding
    },
  },
  {
    id: 'F-06',
    what: 'SIGSTOP one backend that holds a conversation lock',
    isMixable: true,
    run: async (rig, { random, isBrief }) => {
      const finding = new Finding()
      const conversation = random.pick([...rig.population.pairs, ...rig.population.groups.map((g) => g.conversationId)])
      await rig.cluster.ask(async (holder) => {
        await holder.run('BEGIN')
        await holder.run('SELECT FROM timeline WHERE id = $1 FOR UPDATE', [`c:${conversation}`])
        const [row] = (await holder.run<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows
        rig.cluster.freeze([row?.pid ?? 0])
        const { acked } = rig.crew.measure.totals
        await pause(isBrief ? 2_500 : 10_000)
        const others = rig.crew.measure.totals.acked - acked
        rig.cluster.thaw()
        // PostgreSQL may have ended it for its idleness; the lock is free in either case.
        const isOver = await holder.run('ROLLBACK').then(
          () => 'given back',
          (err: unknown) => {
            if (err instanceof DatabaseUnavailable) return 'ended by PostgreSQL'
            throw err
          },
        )
        if (others === 0) finding.blame(`nobody was served while ${conversation} was locked`)
        finding.note(`${others} messages elsewhere while ${conversation} was locked; the lock was ${isOver}`)
      })
      return finding
    },
  },
  {
    id: 'F-07',
    what: 'pg_ctl restart -m fast, -m immediate, kill -9 of the postmaster',
    isMixable: true,
    run: async (rig, { random, isBrief }) => {
      const finding = new Finding()
      for (const { how, signal } of isBrief ? [random.pick(RESTARTS)] : RESTARTS) {
        const { pid } = rig.cluster.postgres
        process.kill(pid, signal)
        await until('PostgreSQL is started again', () => rig.cluster.postgres.pid !== pid, { deadlineMs: 60_000 })
        await rig.cluster.untilPostgresAnswers()
        finding.goal(`service after ${how}, ms`, SERVICE_GOAL_MS, await untilServed(rig))
        finding.note(how)
        if (!isBrief) await rig.untilCaughtUp(how)
      }
      return finding
    },
  },
  {
    id: 'F-08',
    what: 'pg_terminate_backend of random backends every 200 ms for 30 s',
    isMixable: true,
    run: async (rig, { isBrief }) => {
      const finding = new Finding()
      const turns = isBrief ? 12 : 150
      await rig.cluster.ask(async (lane) => {
        for (let turn = 0; turn < turns; turn++) {
          await lane.run(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE application_name LIKE 'hongyan%' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1`,
          )
          await pause(200)
        }
      })
      finding.note(`${turns} connections terminated`)
      finding.effect = turns
      return finding
    },
  },
]
