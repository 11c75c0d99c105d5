import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WebSocket } from 'ws'
import { connectHongyan, connectRelay, hongyanPair, relayPair, SECRET, type Pair } from './clients.ts'
import { measureLatency, saturate, type Latency } from './load.ts'
import { startBaseline, startHongyan, type Measured } from './processes.ts'
import { median, type Figure } from './report.ts'

/** How the load comes: as the SDK sends, one message of a conversation at a time; and in bursts. */
const LOADS = [
  { name: '500 pairs, one message in flight each', pairs: 500, inFlight: 1 },
  { name: '64 pairs, 16 in flight each', pairs: 64, inFlight: 16 },
] as const
const ROUNDS = 3
const SECONDS = 4
const IDLE = 5_000
const WHO = ['relay', 'bare', 'hongyan'] as const

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
    ...(await idleMemory(relay, hongyan)),
    ...(await allLoads({ relay, bare, hongyan })),
  ]
}

interface Servers<T> {
  readonly relay: T
  readonly bare: T
  readonly hongyan: T
}

async function allLoads(servers: Servers<Measured>): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const load of LOADS) figures.push(...(await oneToOne(servers, load)))
  return figures
}

async function oneToOne(servers: Servers<Measured>, load: (typeof LOADS)[number]): Promise<readonly Figure[]> {
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
  const figure = (what: string, unit: string, goal: string, of: (who: keyof Servers<unknown>) => number): Figure => ({
    name: `${what} (${load.name})`,
    relay: of('relay'),
    bare: of('bare'),
    hongyan: of('hongyan'),
    unit,
    goal,
  })
  return [
    figure('one-to-one at saturation', 'messages/s', 'ratio >= 0.35', (who) => median(rates[who])),
    figure('p50 at half load', 'ms', '', (who) => median(latencies[who].map(({ p50Ms }) => p50Ms))),
    figure('p99 at half load', 'ms', '<= 40', (who) => median(latencies[who].map(({ p99Ms }) => p99Ms))),
  ]
}

async function idleMemory(relay: Measured, hongyan: Measured): Promise<readonly Figure[]> {
  const relayBytes = await bytesPerConnection(relay, (index) => connectRelay(relay.port, `idle${index}`))
  const hongyanBytes = await bytesPerConnection(hongyan, (index) => connectHongyan(hongyan.port, `idle${index}`))
  return [
    {
      name: `memory per idle connection (${IDLE})`,
      relay: relayBytes / 1024,
      hongyan: hongyanBytes / 1024,
      unit: 'KiB',
      goal: 'ratio <= 2',
    },
  ]
}

async function bytesPerConnection(server: Measured, connect: (index: number) => Promise<WebSocket>): Promise<number> {
  const before = server.rss()
  const sockets: WebSocket[] = []
  for (let start = 0; start < IDLE; start += 100) {
    sockets.push(...(await Promise.all(Array.from({ length: 100 }, (_, i) => connect(start + i)))))
  }
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  const after = server.rss()
  for (const socket of sockets) socket.terminate()
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  return (after - before) / IDLE
}

async function pairsOf(count: number, create: (index: number) => Promise<Pair>): Promise<readonly Pair[]> {
  const pairs: Pair[] = []
  for (let index = 0; index < count; index++) pairs.push(await create(index))
  return pairs
}
