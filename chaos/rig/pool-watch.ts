import { METRICS } from '../../server/src/metrics/catalogue.ts'
import type { Cluster } from './cluster.ts'
import type { Gateway } from './gateway.ts'
import { pause } from './waiting.ts'

const POOLS = ['send', 'sync', 'admin', 'search'] as const
const WHOLE_WITHIN_MS = 15_000

/** Whether the gateways have the connections to the database that they had, as they say themselves (promise I13). */
export class PoolWatch {
  readonly #had = new Map<number, ReadonlyMap<string, number>>()

  /** What is missing, after it has had time to come back. */
  async findProblems(cluster: Cluster): Promise<readonly string[]> {
    const endMs = performance.now() + WHOLE_WITHIN_MS
    for (;;) {
      const problems = await this.#look(cluster)
      if (problems.length === 0 || performance.now() > endMs) return problems
      await pause(250)
    }
  }

  async isWhole(cluster: Cluster): Promise<boolean> {
    return (await this.#look(cluster)).length === 0
  }

  async #look({ gateways }: Cluster): Promise<readonly string[]> {
    return (await Promise.all(gateways.map((gateway) => this.#lookAt(gateway)))).flat()
  }

  async #lookAt(gateway: Gateway): Promise<readonly string[]> {
    const now = await gateway.metrics()
    if (now.size === 0) return [`gateway ${gateway.index} shows no numbers`]
    const before = this.#had.get(gateway.pid)
    const problems = POOLS.flatMap((pool) => {
      const open = numberOf(now, METRICS.databaseOpen.name, pool)
      const had = before === undefined ? 0 : numberOf(before, METRICS.databaseOpen.name, pool)
      const waiting = numberOf(now, METRICS.databaseWaiting.name, pool)
      return [
        ...(open < had ? [`gateway ${gateway.index} has ${open} connections for ${pool} where it had ${had}`] : []),
        ...(waiting > 0
          ? [`${waiting} wait for a connection for ${pool} of gateway ${gateway.index} while nothing is asked`]
          : []),
      ]
    })
    const differences = numberOf(now, METRICS.auditDifferences.name)
    if (differences > 0) problems.push(`the auditor of gateway ${gateway.index} found ${differences} wrong numbers`)
    if (problems.length === 0) this.#had.set(gateway.pid, now)
    return problems
  }
}

/** Throws where there is no such number: what is not there must not pass for 0. */
function numberOf(metrics: ReadonlyMap<string, number>, name: string, pool?: string): number {
  const series = pool === undefined ? name : `${name}{pool="${pool}"}`
  const value = metrics.get(series)
  if (value === undefined) throw new Error(`/metrics shows no ${series}`)
  return value
}
