import { createHash } from 'node:crypto'
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { StartRefused } from '../db/start-refused.ts'
import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import { listProcesses } from './processes.ts'

const POLL_MS = 10
/** What PostgreSQL leaves in its data directory when it is killed. */
const LOCK_FILES = ['postmaster.pid', '.s.PGSQL.5432.lock', '.s.PGSQL.5432']

/** How a PostgreSQL of an earlier run is asked to go, and how long each way may take. */
const WAYS: readonly {
  readonly signal: NodeJS.Signals
  readonly whom: 'postmaster' | 'all'
  readonly waitMs: number
}[] = [
  { signal: 'SIGINT', whom: 'postmaster', waitMs: 10_000 },
  { signal: 'SIGQUIT', whom: 'all', waitMs: 3_000 },
  { signal: 'SIGKILL', whom: 'all', waitMs: 3_000 },
]

interface Leftover {
  readonly pid: number
  readonly isPostmaster: boolean
}

/**
 * The name that PostgreSQL's processes on this data directory carry in their titles, by which we know our own again.
 * No two directories have the same at a time, and none survives a restart of the machine.
 */
export function markOf(dataDir: string): string {
  const { dev, ino } = statSync(dataDir)
  return `hongyan-${createHash('sha256').update(`${dev} ${ino}`).digest('hex').slice(0, 16)}`
}

/**
 * Ends what an earlier run that was killed has left at work in the data directory. It is stopped rather than taken
 * over: we could not learn of its end, nor know its settings, and a clean start costs a fraction of a second. To be
 * called under the lock only.
 */
export async function endLeftovers(dataDir: string, { clock, log }: { clock: Clock; log: Logger }): Promise<void> {
  const find = leftoversOf(dataDir)
  const first = find()[0]
  if (first) log.warn({ pid: first.pid }, 'an earlier run has left its PostgreSQL behind; stopping it')
  for (const { signal, whom, waitMs } of WAYS) {
    const found = find()
    const targets = found.filter(({ isPostmaster }) => whom === 'all' || isPostmaster)
    for (const { pid } of targets) send(signal, pid, dataDir)
    if (targets.length > 0) await until(() => find().length === 0, waitMs, clock)
  }
  const stubborn = find()[0]
  if (stubborn) throw new StartRefused(`${dataDir} is in use by a PostgreSQL that does not stop (pid ${stubborn.pid})`)
  // PostgreSQL goes by the numbers in them alone, and would refuse if another program of this user has got one since.
  // Its own last guard, the shared memory that belongs to the directory, stays.
  for (const name of LOCK_FILES) rmSync(join(dataDir, name), { force: true })
}

/** The postmaster has the mark in its command line, those that it has forked in their titles. */
function leftoversOf(dataDir: string): () => readonly Leftover[] {
  const mark = markOf(dataDir)
  const { uid: owner } = statSync(dataDir)
  return () =>
    listProcesses()
      .filter(({ uid }) => uid === owner)
      .map(({ pid, title }) => ({
        pid,
        isPostmaster: title.includes(`cluster_name=${mark}`),
        isForked: title.startsWith(`postgres: ${mark}`),
      }))
      .filter(({ isPostmaster, isForked }) => isPostmaster || isForked)
}

function send(signal: NodeJS.Signals, pid: number, dataDir: string): void {
  try {
    process.kill(pid, signal)
  } catch (err) {
    if (!(err instanceof Error && 'code' in err) || err.code === 'ESRCH') return
    throw new StartRefused(`${dataDir} is in use by a PostgreSQL of another user (pid ${pid})`, { cause: err })
  }
}

async function until(isSo: () => boolean, waitMs: number, clock: Clock): Promise<void> {
  const deadlineMs = clock.monotonicMs() + waitMs
  while (!isSo() && clock.monotonicMs() < deadlineMs) {
    await new Promise<void>((resolve) => void clock.after(POLL_MS, resolve))
  }
}
