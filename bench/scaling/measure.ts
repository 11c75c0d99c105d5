import { openClass } from '../class-room.ts'
import { SDK_APP_ID, userSigOf } from '../clients.ts'
import { measureReturns } from '../come-back.ts'
import { withCluster, type Cluster } from '../cluster.ts'
import { Crowd, WITH_JITTER } from '../../chaos/faults/crowd.ts'
import { bytesEach } from '../idle.ts'
import { LightSession } from '../light-session.ts'
import { saturate } from '../load.ts'
import { partOf, plus, readMeters, useOfEach, type Use } from '../meter.ts'
import { LOAD_CORE, SERVER_CORE } from '../processes.ts'
import { machine, share } from '../report.ts'
import type { Room } from '../room.ts'
import { IN_FLIGHT, measureScaleOut, PAIRS, spreadPairs } from '../scale-out.ts'
import { pause } from '../store.ts'
import { scaled } from '../world.ts'
import type { Measurement, Points, Slopes } from './measured.ts'

const SECONDS = 5
const WARM_UP_SECONDS = 2
const SPREAD_PAIRS = 500
const SMALL_CLASS = 20
const USUAL_CLASS = 300
const LARGE_CLASS = 2_500
const SINGLES_PER_SECOND = 60
const CROWD = 5_000
const IDLE = 10_000
const SETTLE_MS = 2_000
const RETURNING = 5_000
const RETURN_DEADLINE_MS = 60_000
const HALLS = [200, 1_000, 5_000] as const

/** Measured by itself; the rest of what is known stays. */
const PARTS: Readonly<Record<string, () => Promise<{ readonly slopes?: Partial<Slopes>; readonly points?: Points }>>> =
  {
    messages: async () => ({ slopes: await measureMessages() }),
    groups: async () => ({ slopes: await measureGroups() }),
    coming: async () => ({ slopes: await withGateways(2, useOfComing) }),
    memory: async () => ({ slopes: { connectionBytes: await withGateways(1, bytesOfConnection) } }),
    points: async () => ({ points: await measurePoints() }),
  }

/** Measures what the model of docs/SCALING.md is made of, and what it is held against; these parts of it, or all. */
export async function measure(known: Measurement, names = Object.keys(PARTS)): Promise<Measurement> {
  let { slopes, points } = known
  for (const name of names) {
    const part = PARTS[name]
    if (!part) throw new Error(`no such part: ${name}; there are ${Object.keys(PARTS).join(', ')}`)
    const found = await part()
    slopes = { ...slopes, ...found.slopes }
    points = { ...points, ...found.points }
  }
  return { machine: machine(), date: new Date().toISOString().slice(0, 10), slopes, points }
}

async function measureMessages(): Promise<Partial<Slopes>> {
  return {
    oneToOne: await withGateways(1, (cluster) => useOfMessages(cluster, PAIRS, IN_FLIGHT)),
    oneToOneAcross: await withGateways(2, (cluster) => useOfMessages(cluster, PAIRS, IN_FLIGHT)),
    oneToOneSpread: await withGateways(2, (cluster) => useOfMessages(cluster, SPREAD_PAIRS, 1)),
  }
}

async function measureGroups(): Promise<Partial<Slopes>> {
  const bursts = await withGateways(1, async (cluster) => {
    return lineThrough(await useOfBursts(cluster, SMALL_CLASS), await useOfBursts(cluster, LARGE_CLASS), LARGE_CLASS)
  })
  const alone = await withGateways(1, async (cluster) => {
    const usual = await useOfSingles(cluster, USUAL_CLASS)
    return { usual, ...lineThrough(await useOfSingles(cluster, SMALL_CLASS), usual, USUAL_CLASS) }
  })
  const inThree = await withGateways(3, (cluster) => useOfSingles(cluster, USUAL_CLASS))
  return {
    groupSend: bursts.send,
    groupDelivery: bursts.delivery,
    groupSendAlone: alone.send,
    groupDeliveryAlone: alone.delivery,
    groupGateway: partOf(plus(inThree, alone.usual, -1), 1 / 2),
  }
}

function withGateways<T>(count: number, work: (cluster: Cluster) => Promise<T>): Promise<T> {
  const gateways = Array.from({ length: count }, () => SERVER_CORE)
  return withCluster({ gateways, store: SERVER_CORE, load: LOAD_CORE }, work, { MAX_CONNECTIONS: '100000' })
}

async function useOfMessages(cluster: Cluster, count: number, inFlight: number): Promise<Use> {
  const pairs = await spreadPairs(cluster, count)
  await saturate(pairs, inFlight, scaled(WARM_UP_SECONDS, 1))
  const before = await readMeters(cluster)
  const { sent } = await saturate(pairs, inFlight, scaled(SECONDS, 1))
  const use = useOfEach(before, await readMeters(cluster), sent)
  for (const pair of pairs) pair.close()
  return use
}

/** What a message costs without deliveries, and each delivery: from messages to a small class and to a larger one. */
function lineThrough(small: Use, larger: Use, members: number): { readonly send: Use; readonly delivery: Use } {
  const delivery = partOf(plus(larger, small, -1), 1 / (members - SMALL_CLASS))
  return { send: plus(small, delivery, -SMALL_CLASS), delivery }
}

async function useOfBursts(cluster: Cluster, members: number): Promise<Use> {
  return useOfClass(cluster, members, (room, seconds) => room.saturate(IN_FLIGHT, seconds))
}

async function useOfSingles(cluster: Cluster, members: number): Promise<Use> {
  return useOfClass(cluster, members, (room, seconds) => room.atRate(SINGLES_PER_SECOND, seconds))
}

async function useOfClass(
  cluster: Cluster,
  members: number,
  speak: (room: Room, seconds: number) => Promise<unknown>,
): Promise<Use> {
  const { room, close } = await openClass(cluster, members)
  await speak(room, scaled(WARM_UP_SECONDS, 1))
  const [before, delivered] = [await readMeters(cluster), room.delivered]
  await speak(room, scaled(SECONDS, 1))
  const use = useOfEach(before, await readMeters(cluster), (room.delivered - delivered) / members)
  close()
  return use
}

/**
 * Everybody has been there before; they come, and come back when the gateway of all is killed. The other one has people
 * of its own: a program that has just been started takes three times as long.
 */
async function useOfComing(cluster: Cluster): Promise<Pick<Slopes, 'login' | 'resume'>> {
  const count = scaled(CROWD, 50)
  const [first, second] = cluster.gateways
  if (!first || !second) throw new Error('two gateways are needed')
  const application = { sdkAppId: SDK_APP_ID, userSigOf }
  const neighbours = new Crowd('neighbour', count, application)
  await neighbours.come(() => second.port, WITH_JITTER)
  const earlier = new Crowd('coming', count, application)
  await earlier.come(() => first.port, WITH_JITTER)
  await earlier.leave()
  await pause(SETTLE_MS)
  let port = first.port
  const crowd = new Crowd('coming', count, application)
  const before = await readMeters(cluster)
  await crowd.come(() => port, WITH_JITTER)
  const login = useOfEach(before, await readMeters(cluster), count)
  const killedAtMs = performance.now()
  port = second.port
  process.kill(first.pid, 'SIGKILL')
  const left = { ...cluster, gateways: [second] }
  const atKill = await readMeters(left)
  while (crowd.resumedSince(killedAtMs).length < count) {
    if (performance.now() - killedAtMs > RETURN_DEADLINE_MS) throw new Error('not all have come back')
    await pause(20)
  }
  const resume = useOfEach(atKill, await readMeters(left), count)
  await Promise.all([crowd.leave(), neighbours.leave()])
  return { login, resume }
}

async function bytesOfConnection({ gateways: [gateway] }: Cluster): Promise<number> {
  if (!gateway) throw new Error('a gateway is needed')
  return bytesEach(gateway, scaled(IDLE, 100), (index) => LightSession.login(gateway.port, `idle${index}`))
}

async function measurePoints(): Promise<Points> {
  const { single, double } = await measureScaleOut()
  const rates: [string, number][] = []
  for (const members of HALLS) {
    const rate = await withGateways(1, (cluster) => rateOfClass(cluster, scaled(members, 20)))
    rates.push([String(members), rate])
  }
  const count = scaled(RETURNING, 50)
  const { times } = await measureReturns(count)
  return {
    singlePerSecond: single,
    doublePerSecond: double,
    deliveriesPerSecond: Object.fromEntries(rates),
    returns: { count, p50Ms: share(times, 0.5), p99Ms: share(times, 0.99), lastMs: share(times, 1) },
  }
}

async function rateOfClass(cluster: Cluster, members: number): Promise<number> {
  const { room, close } = await openClass(cluster, members)
  await room.saturate(IN_FLIGHT, scaled(WARM_UP_SECONDS, 1))
  const { perSecond } = await room.saturate(IN_FLIGHT, scaled(SECONDS, 1))
  close()
  return perSecond
}
