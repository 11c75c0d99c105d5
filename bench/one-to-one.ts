import { hongyanPair, relayPair, type Pair } from './clients.ts'
import { measureLatency, saturate, type Latency } from './load.ts'
import type { Measured } from './processes.ts'
import { median, type Figure } from './report.ts'

/** How the load comes: as the SDK sends, one message of a conversation at a time; and in bursts. */
const LOADS = [
  { name: '500 pairs, one message in flight each', pairs: 500, inFlight: 1 },
  { name: '64 pairs, 16 in flight each', pairs: 64, inFlight: 16 },
] as const
const ROUNDS = 3
const SECONDS = 4
const WHO = ['relay', 'bare', 'hongyan'] as const

interface Servers<T> {
  readonly relay: T
  readonly bare: T
  readonly hongyan: T
}

/** One-to-one messages of both loads, in turns at all three. */
export async function measureOneToOne(servers: Servers<Measured>, goal: string): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const load of LOADS) figures.push(...(await oneToOne(servers, load, goal)))
  return figures
}

async function oneToOne(
  servers: Servers<Measured>,
  load: (typeof LOADS)[number],
  goal: string,
): Promise<readonly Figure[]> {
  const pairs: Servers<readonly Pair[]> = {
    relay: await pairsOf(load.pairs, (index) => relayPair(servers.relay.port, index)),
    bare: await pairsOf(load.pairs, (index) => hongyanPair(servers.bare.port, index)),
    hongyan: await pairsOf(load.pairs, (index) => hongyanPair(servers.hongyan.port, index)),
  }
  const rates: Servers<number[]> = { relay: [], bare: [], hongyan: [] }
  // In turns, so that what else the machine is doing hits all.
  for (let round = 0; round < ROUNDS; round++) {
    for (const who of WHO) rates[who].push((await saturate(pairs[who], load.inFlight, SECONDS)).perSecond)
  }
  const latencies: Servers<Latency[]> = { relay: [], bare: [], hongyan: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const who of WHO) latencies[who].push(await measureLatency(pairs[who], median(rates[who]) / 2, SECONDS))
  }
  for (const who of WHO) for (const pair of pairs[who]) pair.close()
  const figure = (what: string, unit: string, wanted: string, of: (who: keyof Servers<unknown>) => number): Figure => ({
    name: `${what} (${load.name})`,
    relay: of('relay'),
    bare: of('bare'),
    hongyan: of('hongyan'),
    unit,
    goal: wanted,
  })
  return [
    figure('one-to-one at saturation', 'messages/s', goal, (who) => median(rates[who])),
    figure('p50 at half load', 'ms', '', (who) => median(latencies[who].map(({ p50Ms }) => p50Ms))),
    figure('p99 at half load', 'ms', '<= 40', (who) => median(latencies[who].map(({ p99Ms }) => p99Ms))),
  ]
}

async function pairsOf(count: number, create: (index: number) => Promise<Pair>): Promise<readonly Pair[]> {
  const pairs: Pair[] = []
  for (let index = 0; index < count; index++) pairs.push(await create(index))
  return pairs
}
