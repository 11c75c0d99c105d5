import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SECRET } from './clients.ts'
import { startBaseline, startHongyan, type Measured } from './processes.ts'
import { Store } from './store.ts'

/** What a scenario runs in. */
export interface World {
  readonly store: Store
  readonly hongyan: Measured
  readonly relay: Measured
  /** Prints plans and statements, too. */
  readonly explains: boolean
  stop(): Promise<void>
}

/** Starts the database, the server over it and the relay, all on the servers' core. */
export async function startWorld(explains: boolean): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'hongyan-bench-'))
  const stops: (() => Promise<unknown>)[] = []
  const stop = async (): Promise<void> => {
    for (const end of stops.reverse()) await end()
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    const store = await Store.start()
    stops.push(() => store.stop())
    const hongyan = await startHongyan(dataDir, SECRET, { DATABASE_URL: store.url })
    stops.push(() => hongyan.stop())
    const relay = await startBaseline('relay')
    stops.push(() => relay.stop())
    return { store, hongyan, relay, explains, stop }
  } catch (err) {
    await stop()
    throw err
  }
}

/** A share of all sizes and times, for a rough look. */
const SCALE = Number(process.env['BENCH_SCALE'] ?? '1')

export function scaled(value: number, atLeast: number): number {
  return Math.max(atLeast, Math.round(value * SCALE))
}
