import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import type { WebSocket } from 'ws'
import { connectHongyan, connectRelay, hongyanPair, relayPair, SECRET, type Pair } from './clients.ts'
import { measureLatency, saturate } from './load.ts'
import { LOAD_CORE, pin, startHongyan, startRelay, type Measured } from './processes.ts'

/** How the load comes: as the SDK sends, one message of a conversation at a time; and in bursts. */
const LOADS = [
  { name: '500 pairs, one message in flight each', pairs: 500, inFlight: 1 },
  { name: '64 pairs, 16 in flight each', pairs: 64, inFlight: 16 },
] as const
const ROUNDS = 3
const SECONDS = 4
const IDLE = 5_000

interface Figure {
  readonly name: string
  readonly relay?: number
  readonly hongyan: number
  readonly unit: string
  /** What is to be reached, as a sentence. */
  readonly goal: string
}

async function main(): Promise<void> {
  pin(process, LOAD_CORE)
  const dataDir = mkdtempSync(join(tmpdir(), 'hongyan-bench-'))
  const figures: Figure[] = []
  try {
    const first = await startHongyan(dataDir, SECRET)
    await first.stop()
    const hongyan = await startHongyan(dataDir, SECRET)
    const relay = await startRelay()
    figures.push(
      { name: 'first start to listening', hongyan: first.startedMs, unit: 'ms', goal: '<= 4000' },
      { name: 'later start to listening', hongyan: hongyan.startedMs, unit: 'ms', goal: '<= 2000' },
    )
    figures.push(...(await idleMemory(relay, hongyan)), ...(await allLoads(relay, hongyan)))
    await Promise.all([relay.stop(), hongyan.stop()])
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
  print(figures)
}

async function allLoads(relay: Measured, hongyan: Measured): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const load of LOADS) figures.push(...(await oneToOne(relay, hongyan, load)))
  return figures
}

async function oneToOne(relay: Measured, hongyan: Measured, load: (typeof LOADS)[number]): Promise<readonly Figure[]> {
  const relayPairs = await pairsOf(load.pairs, (index) => relayPair(relay.port, index))
  const hongyanPairs = await pairsOf(load.pairs, (index) => hongyanPair(hongyan.port, index))
  const rates = { relay: [] as number[], hongyan: [] as number[] }
  // In turns, so that what else the machine is doing hits both.
  for (let round = 0; round < ROUNDS; round++) {
    rates.relay.push((await saturate(relayPairs, load.inFlight, SECONDS)).perSecond)
    rates.hongyan.push((await saturate(hongyanPairs, load.inFlight, SECONDS)).perSecond)
  }
  const [relayRate, hongyanRate] = [median(rates.relay), median(rates.hongyan)]
  const relayHalf = await measureLatency(relayPairs, relayRate / 2, SECONDS)
  const hongyanHalf = await measureLatency(hongyanPairs, hongyanRate / 2, SECONDS)
  for (const pair of [...relayPairs, ...hongyanPairs]) pair.close()
  const name = (what: string): string => `${what} (${load.name})`
  return [
    {
      name: name('one-to-one at saturation'),
      relay: relayRate,
      hongyan: hongyanRate,
      unit: 'messages/s',
      goal: 'ratio >= 0.35',
    },
    { name: name('p50 at half load'), relay: relayHalf.p50Ms, hongyan: hongyanHalf.p50Ms, unit: 'ms', goal: '' },
    { name: name('p99 at half load'), relay: relayHalf.p99Ms, hongyan: hongyanHalf.p99Ms, unit: 'ms', goal: '<= 40' },
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

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function print(figures: readonly Figure[]): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
  console.log(`\n${machine}\n`)
  console.log('| figure | relay | Hongyan | ratio | to reach |\n|---|---:|---:|---:|---|')
  for (const { name, relay, hongyan, unit, goal } of figures) {
    const ratio = relay === undefined ? '' : (hongyan / relay).toFixed(2)
    console.log(
      `| ${name}, ${unit} | ${relay === undefined ? '' : relay.toFixed(1)} | ${hongyan.toFixed(1)} | ${ratio} | ${goal} |`,
    )
  }
  console.log('')
  for (const figure of figures) console.log(JSON.stringify(figure))
}

await main()
