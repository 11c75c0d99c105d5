import { hongyanPair, type Pair } from './clients.ts'
import { withCluster, type Cluster } from './cluster.ts'
import { saturate } from './load.ts'
import { BOTH_CORES, LOAD_CORE, SERVER_CORE } from './processes.ts'
import { median, type Figure } from './report.ts'
import { scaled } from './world.ts'

export const PAIRS = 64
export const IN_FLIGHT = 16
const SECONDS = 4
const ROUNDS = 3

/** Messages a second: one gateway with everything, the load too, on one core; two with everything on two. */
export async function measureScaleOut(): Promise<{ readonly single: number; readonly double: number }> {
  const single = await withCluster({ gateways: [SERVER_CORE], store: SERVER_CORE, load: SERVER_CORE }, throughput)
  const double = await withCluster(
    { gateways: [SERVER_CORE, LOAD_CORE], store: BOTH_CORES, load: BOTH_CORES },
    throughput,
  )
  return { single, double }
}

export async function runScaleOut(): Promise<readonly Figure[]> {
  const { single, double } = await measureScaleOut()
  const name = `one-to-one, ${PAIRS} pairs × ${IN_FLIGHT}, with load and stores on the same cores`
  return [
    { name: `${name}: one gateway on one core`, hongyan: single, unit: 'messages/s', goal: '' },
    { name: `${name}: two gateways on two cores`, hongyan: double, unit: 'messages/s', goal: '' },
    { name: `${name}: two of one`, hongyan: double / single, unit: 'times', goal: '>= 1.6' },
  ]
}

/** Those who write and those they write to are spread over all gateways, in every combination. */
export async function spreadPairs({ gateways }: Cluster, count: number): Promise<readonly Pair[]> {
  const ports = gateways.map(({ port }) => port)
  const at = (index: number): number => ports[index % ports.length] ?? 0
  const pairs: Pair[] = []
  for (let index = 0; index < count; index++) {
    pairs.push(await hongyanPair(at(index), index, at(Math.floor(index / ports.length))))
  }
  return pairs
}

async function throughput(cluster: Cluster): Promise<number> {
  const pairs = await spreadPairs(cluster, PAIRS)
  const rates: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    rates.push((await saturate(pairs, IN_FLIGHT, scaled(SECONDS, 1))).perSecond)
  }
  for (const pair of pairs) pair.close()
  return median(rates)
}
