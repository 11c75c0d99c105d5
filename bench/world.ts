import { SECRET } from './clients.ts'
import { startBaseline, startHongyan, type Measured } from './processes.ts'
import { setUp } from './set-up.ts'
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
export function startWorld(explains: boolean): Promise<World> {
  return setUp(async ({ dataDir, keep }) => {
    const store = keep(await Store.start())
    const hongyan = keep(await startHongyan(dataDir, SECRET, { DATABASE_URL: store.url }))
    const relay = keep(await startBaseline('relay'))
    return { store, hongyan, relay, explains }
  })
}

/** A share of all sizes and times, for a rough look. */
const SCALE = Number(process.env['BENCH_SCALE'] ?? '1')

export function scaled(value: number, atLeast: number): number {
  return Math.max(atLeast, Math.round(value * SCALE))
}
