import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SECRET } from './clients.ts'
import { measureIdle } from './idle.ts'
import { measureOneToOne } from './one-to-one.ts'
import { startBaseline, startHongyan, type Measured } from './processes.ts'
import type { Figure } from './report.ts'

const IDLE = 5_000

/** The figures of one-to-one messages, of starting and of idle connections. */
export async function runBaseSuite(): Promise<readonly Figure[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'hongyan-bench-'))
  const running: Measured[] = []
  try {
    return await measure(dataDir, running)
  } finally {
    // Also after a failure, or they would be in the way of the next run.
    await Promise.all(running.map((server) => server.stop()))
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** All figures. What was started and is to be stopped is noted in `running`. */
async function measure(dataDir: string, running: Measured[]): Promise<readonly Figure[]> {
  const note = <Server extends Measured>(server: Server): Server => {
    running.push(server)
    return server
  }
  const first = await startHongyan(dataDir, SECRET)
  await first.stop()
  const hongyan = note(await startHongyan(dataDir, SECRET))
  const relay = note(await startBaseline('relay'))
  const bare = note(await startBaseline('bare'))
  return [
    { name: 'first start to listening', hongyan: first.startedMs, unit: 'ms', goal: '<= 4000' },
    { name: 'later start to listening', hongyan: hongyan.startedMs, unit: 'ms', goal: '<= 2000' },
    await measureIdle({ relay, hongyan }, IDLE, 'ratio <= 2'),
    ...(await measureOneToOne({ relay, bare, hongyan }, 'ratio >= 0.35')),
  ]
}
