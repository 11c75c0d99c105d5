import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { startRedis } from '../server/test/kit/redis.ts'
import { SECRET } from './clients.ts'
import { cpuMsOf } from './cpu.ts'
import { pin, startHongyan, type Measured } from './processes.ts'
import { setUp } from './set-up.ts'
import { Store } from './store.ts'

/** Several gateways on one PostgreSQL and one Redis. */
export interface Cluster {
  readonly store: Store
  readonly gateways: readonly Measured[]
  readonly redis: { readonly pid: number; readonly url: string }
  /** CPU time of all processes together, in milliseconds. */
  cpuMs(): number
}

/** On which cores what runs, as `taskset` wants it: `gateways` has one entry for each gateway. */
export interface Cores {
  readonly gateways: readonly string[]
  /** Of PostgreSQL and Redis. */
  readonly store: string
  /** Of this process, which is the load. */
  readonly load: string
}

/** Does the work with a cluster of its own, which is stopped whatever becomes of it. */
export async function withCluster<T>(
  cores: Cores,
  work: (cluster: Cluster) => Promise<T>,
  settings: Readonly<Record<string, string>> = {},
): Promise<T> {
  const cluster = await startCluster(cores, settings)
  try {
    return await work(cluster)
  } finally {
    await cluster.stop()
  }
}

function startCluster(
  { gateways: cores, store: storeCore, load }: Cores,
  settings: Readonly<Record<string, string>>,
): Promise<Cluster & { stop(): Promise<void> }> {
  return setUp(async ({ dataDir, keep }) => {
    const store = keep(await Store.start())
    // What is started from now on inherits its core.
    pin({ pid: store.pid }, storeCore)
    pin(process, storeCore)
    const redis = await startRedis()
    if (!redis?.pid) throw new Error('several gateways need a redis-server of their own, without REDIS_URL')
    keep(redis)
    pin(process, load)
    const gateways: Measured[] = []
    for (const [index, core] of cores.entries()) {
      const folder = mkdtempSync(join(dataDir, `gateway-${index}-`))
      const environment = { DATABASE_URL: store.url, REDIS_URL: redis.url, ...settings }
      gateways.push(keep(await startHongyan(folder, SECRET, environment, core)))
    }
    const redisPid = redis.pid()
    const pids = [store.pid, redisPid, ...gateways.map(({ pid }) => pid)]
    const cpuMs = (): number => pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0)
    return { store, gateways, redis: { pid: redisPid, url: redis.url }, cpuMs }
  })
}
