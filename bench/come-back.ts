import { Crowd, WITH_JITTER } from '../chaos/faults/crowd.ts'
import { SDK_APP_ID, userSigOf } from './clients.ts'
import { withCluster, type Cluster } from './cluster.ts'
import { cpuMsOf } from './cpu.ts'
import { BOTH_CORES, LOAD_CORE, SERVER_CORE } from './processes.ts'
import { share, type Figure } from './report.ts'
import { pause } from './store.ts'
import { scaled } from './world.ts'

const RETURNING = 5_000
const DEADLINE_MS = 60_000
/** The product's own; a load's server takes as many as come. */
const SETTINGS = { OPENINGS_PER_SECOND: '2000' }

export interface Returns {
  /** From the loss of the connection until the session is caught up again, ms, of each. */
  readonly times: readonly number[]
  readonly attempts: number
  /** CPU time of the gateway they came to, for each of them, ms. */
  readonly cpuMs: number
}

/**
 * So many are on each of two gateways, of which one is killed; its people come to the other as the SDK does, with full
 * jitter, and those who are there must not feel it. The second gateway has a core, the stores both, the load the other.
 */
export function measureReturns(count: number): Promise<Returns> {
  const cores = { gateways: [SERVER_CORE, SERVER_CORE], store: BOTH_CORES, load: LOAD_CORE }
  const application = { sdkAppId: SDK_APP_ID, userSigOf }
  const work = async (cluster: Cluster): Promise<Returns> => {
    const crowd = new Crowd('back', count, application)
    const neighbours = new Crowd('neighbour', count, application)
    try {
      return await timesOfReturn(cluster, crowd, neighbours)
    } finally {
      await Promise.all([crowd.leave(), neighbours.leave()])
    }
  }
  return withCluster(cores, work, SETTINGS)
}

export async function runComeBack(): Promise<readonly Figure[]> {
  const count = scaled(RETURNING, 50)
  const { times, attempts, cpuMs } = await measureReturns(count)
  const figure = (name: string, part: number, goal: string): Figure => ({
    name: `${count.toLocaleString('en')} come back after a gateway was killed: ${name}`,
    hongyan: share(times, part) / 1000,
    unit: 's',
    goal,
  })
  return [
    figure('p50', 0.5, ''),
    figure('p99', 0.99, '<= 3'),
    figure('the last', 1, '<= 10'),
    { name: 'the same: attempts for each return', hongyan: attempts / count, unit: '', goal: '' },
    { name: 'the same: CPU of the gateway for each return', hongyan: cpuMs * 1000, unit: 'µs', goal: '' },
  ]
}

async function timesOfReturn(
  { gateways: [first, second] }: Cluster,
  crowd: Crowd,
  neighbours: Crowd,
): Promise<Returns> {
  if (!first || !second) throw new Error('two gateways are needed')
  let port = first.port
  await neighbours.come(() => second.port, WITH_JITTER)
  await crowd.come(() => port, WITH_JITTER)
  if (crowd.present < crowd.size) throw new Error(`${crowd.present} of ${crowd.size} have come`)
  const usedMs = cpuMsOf(second.pid)
  const killedAtMs = performance.now()
  port = second.port
  process.kill(first.pid, 'SIGKILL')
  const endMs = killedAtMs + DEADLINE_MS
  while (crowd.resumedSince(killedAtMs).length < crowd.size && performance.now() < endMs) await pause(50)
  const cpuMs = (cpuMsOf(second.pid) - usedMs) / crowd.size
  const times = crowd.resumedSince(killedAtMs)
  if (times.length < crowd.size) throw new Error(`${times.length} of ${crowd.size} have come back`)
  if (neighbours.present < neighbours.size) throw new Error('those who were on the other gateway felt it')
  return { times, attempts: crowd.attempts, cpuMs }
}
