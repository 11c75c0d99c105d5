import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { StartRefused } from '../db/start-refused.ts'
import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'

const POLL_MS = 10
/** How a PostgreSQL of an earlier run is asked to go, and how long each way may take. */
const WAYS: readonly { readonly signal: NodeJS.Signals; readonly whom: 'postmaster' | 'all'; readonly waitMs: number }[] = [
  { signal: 'SIGINT', whom: 'postmaster', waitMs: 10_000 },
  { signal: 'SIGQUIT', whom: 'all', waitMs: 3_000 },
  { signal: 'SIGKILL', whom: 'all', waitMs: 3_000 },
]

/**
 * Ends what an earlier run that was killed has left at work in the data directory. It is stopped rather than taken
 * over: we could not learn of its end, nor know its settings, and a clean start costs a fraction of a second. To be
 * called under the lock only.
 */
export async function endLeftovers(dataDir: string, { clock, log }: { clock: Clock; log: Logger }): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid')
  const postmaster = readPid(pidFile)
  if (postmaster === undefined) return
  if (processesIn(dataDir, postmaster).length > 0) {
    log.warn({ pid: postmaster }, 'an earlier run has left its PostgreSQL behind; stopping it')
  }
  for (const { signal, whom, waitMs } of WAYS) {
    const pids = processesIn(dataDir, postmaster)
    if (pids.length === 0) break
    for (const pid of pids) if (whom === 'all' || pid === postmaster) send(signal, pid, dataDir)
    const isOrphaned = whom === 'postmaster' && !pids.includes(postmaster)
    if (!isOrphaned) await until(() => processesIn(dataDir, postmaster).length === 0, waitMs, clock)
  }
  if (processesIn(dataDir, postmaster).length > 0) {
    throw new StartRefused(`${dataDir} is in use by a PostgreSQL that does not stop (pid ${postmaster})`)
  }
  // PostgreSQL goes by the number alone, and would refuse if another program of this user has got it since.
  if (isAlive(postmaster)) rmSync(pidFile, { force: true })
}

function readPid(pidFile: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10)
    return pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

/** PostgreSQL's processes whose working directory is this data directory: the postmaster and those it has forked. */
function processesIn(dataDir: string, postmaster: number): readonly number[] {
  if (process.platform !== 'linux') return isPostgres(postmaster) ? [postmaster] : []
  const own = statSync(dataDir)
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const cwd = quietly(() => statSync(`/proc/${pid}/cwd`))
      return cwd?.ino === own.ino && cwd.dev === own.dev && isPostgres(pid)
    })
}

function isPostgres(pid: number): boolean {
  const name = quietly(() =>
    process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/comm`, 'utf8')
      : execFileSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }),
  )
  return name?.trim().endsWith('postgres') ?? false
}

/** Undefined when the process is gone, or is none of our business. */
function quietly<T>(ask: () => T): T | undefined {
  try {
    return ask()
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  return quietly(() => process.kill(pid, 0)) ?? false
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
