import { share } from '../report.ts'
import type { Use } from '../meter.ts'
import type { Measurement, Slopes } from './measured.ts'
import { playStorm } from './storm.ts'

// The model of docs/SCALING.md: everything is what one unit of work uses, times how often it is done.

const SECOND_US = 1_000_000
/** As the product is delivered: OPENINGS_PER_SECOND. */
export const OPENINGS_PER_SECOND = 2_000
const SEED = 1

/** One thing that was measured by itself, and what the model says of it. */
export interface Reproduced {
  readonly what: string
  readonly unit: string
  readonly measured: number
  readonly predicted: number
}

/** What the model says of arrangements that are not the ones its slopes were measured in. */
export function reproduce({ slopes, points }: Measurement): readonly Reproduced[] {
  const { oneToOne, oneToOneAcross } = slopes
  const { returns } = points
  const times = playStorm({
    ...{ clients: returns.count, gateways: 1, openingsPerSecond: OPENINGS_PER_SECOND, seed: SEED },
    // The gateway had a core; the stores took from both.
    resumeMs: (slopes.resume.gatewaysUs + (slopes.resume.databaseUs + slopes.resume.redisUs) / 2) / 1_000,
  })
  const halls = Object.entries(points.deliveriesPerSecond).map(([members, measured]): Reproduced => {
    const predicted = deliveriesPerSecond(slopes, Number(members))
    return { what: `deliveries to a group of ${members}, stores on the same core`, unit: '/s', measured, predicted }
  })
  return [
    {
      what: 'one-to-one, everything and the load on one core',
      unit: '/s',
      measured: points.singlePerSecond,
      predicted: SECOND_US / (stackUs(oneToOne) + oneToOne.loadUs),
    },
    {
      what: 'one-to-one, two gateways, everything and the load on two cores',
      unit: '/s',
      measured: points.doublePerSecond,
      predicted: (2 * SECOND_US) / (stackUs(oneToOneAcross) + oneToOneAcross.loadUs),
    },
    ...halls,
    { what: `${returns.count} come back: half`, unit: 'ms', measured: returns.p50Ms, predicted: share(times, 0.5) },
    { what: '99 of 100', unit: 'ms', measured: returns.p99Ms, predicted: share(times, 0.99) },
    { what: 'the last', unit: 'ms', measured: returns.lastMs, predicted: share(times, 1) },
  ]
}

/** One core for gateway and stores, one for the load: the slower of both decides. */
function deliveriesPerSecond({ groupSend, groupDelivery }: Slopes, members: number): number {
  const serverUs = stackUs(groupSend) + members * stackUs(groupDelivery)
  const loadUs = groupSend.loadUs + members * groupDelivery.loadUs
  return (members * SECOND_US) / Math.max(serverUs, loadUs)
}

function stackUs({ gatewaysUs, databaseUs, redisUs }: Use): number {
  return gatewaysUs + databaseUs + redisUs
}

/** How people use it at their busiest. Each is an assumption; `npm run sizing -- --help` says how to give one's own. */
export interface Habits {
  /** Share of all people who are there at the same time. */
  readonly online: number
  /** Connections of each who is there. */
  readonly devices: number
  /** Messages a minute by each who is there. */
  readonly perMinute: number
  /** Share of the messages that go to groups. */
  readonly toGroups: number
  readonly groupMembers: number
  /** Within how many minutes everybody comes in the morning. */
  readonly arrivalMinutes: number
  /** Busiest minutes that a day's messages would fill. */
  readonly busyMinutesPerDay: number
}

export const SCHOOL: Habits = {
  online: 0.6,
  devices: 1.2,
  perMinute: 0.5,
  toGroups: 0.3,
  groupMembers: 100,
  arrivalMinutes: 15,
  busyMinutesPerDay: 60,
}

/** How much of a thing may be used at the busiest, so that the loss of one part is carried by the others. */
const FILL = 0.5
/** Resident memory that the connections of one gateway may take, and how many were measured at one. */
const CONNECTION_MEMORY_BYTES = 1.5 * 2 ** 30
const MOST_CONNECTIONS = 20_000
/** All clients of a lost gateway are back within this (docs/PERFORMANCE.md). */
const BACK_WITHIN_S = 10

/** What is needed for so many people. */
export interface Sizing {
  readonly people: number
  readonly connections: number
  readonly sendsPerSecond: number
  readonly deliveriesPerSecond: number
  readonly gateways: number
  /** What decides the number of gateways. */
  readonly decidedBy: 'two at least' | 'CPU' | 'connections'
  /** Of all gateways together, and of the stores, at the busiest. */
  readonly gatewayCores: number
  readonly databaseCores: number
  readonly redisCores: number
  readonly redisMegabitsPerSecond: number
  readonly walMegabytesPerSecond: number
  readonly gigabytesPerYear: number
  /** When the last client of a lost gateway is back, seconds. */
  readonly lastBackSeconds: number
}

/** What so many people with these habits need. */
export function sizeFor(people: number, { slopes }: Measurement, habits: Habits = SCHOOL): Sizing {
  const present = people * habits.online
  const connections = present * habits.devices
  const sends = (present * habits.perMinute) / 60
  const listeners = habits.groupMembers * habits.online * habits.devices
  const work = (gateways: number, of: (use: Use) => number): number => {
    const reached = gatewaysReached(gateways, listeners)
    const toGroup =
      of(slopes.groupSendAlone) + listeners * of(slopes.groupDeliveryAlone) + (reached - 1) * of(slopes.groupGateway)
    const arrivals = connections / (habits.arrivalMinutes * 60)
    return (
      sends * (1 - habits.toGroups) * of(slopes.oneToOneSpread) +
      sends * habits.toGroups * toGroup +
      arrivals * of(slopes.login)
    )
  }
  const cores = (gateways: number, of: (use: Use) => number): number => work(gateways, of) / SECOND_US
  const { gateways, decidedBy } = gatewaysFor(connections, slopes, (count) => cores(count, (use) => use.gatewaysUs))
  return {
    people,
    connections,
    sendsPerSecond: sends,
    deliveriesPerSecond: sends * (habits.toGroups * listeners + (1 - habits.toGroups) * 2 * habits.devices),
    gateways,
    decidedBy,
    gatewayCores: cores(gateways, (use) => use.gatewaysUs),
    databaseCores: cores(gateways, (use) => use.databaseUs),
    redisCores: cores(gateways, (use) => use.redisUs),
    redisMegabitsPerSecond: (work(gateways, (use) => use.redisInBytes + use.redisOutBytes) * 8) / 1e6,
    walMegabytesPerSecond: work(gateways, (use) => use.walBytes) / 1e6,
    gigabytesPerYear: (sends * 60 * habits.busyMinutesPerDay * 365 * slopes.oneToOneSpread.storedBytes) / 1e9,
    lastBackSeconds: lastBack(connections / gateways, gateways - 1, slopes),
  }
}

/** Of so many gateways, those that a group with so many listeners has one at, on average. */
function gatewaysReached(gateways: number, listeners: number): number {
  return gateways * (1 - (1 - 1 / gateways) ** listeners)
}

function gatewaysFor(
  connections: number,
  { connectionBytes }: Slopes,
  coresOf: (gateways: number) => number,
): Pick<Sizing, 'gateways' | 'decidedBy'> {
  const each = Math.min(MOST_CONNECTIONS, CONNECTION_MEMORY_BYTES / connectionBytes)
  // One more than is needed: one may be lost, or be restarted.
  const forConnections = Math.ceil(connections / each) + 1
  let forWork = 2
  while (coresOf(forWork) > (forWork - 1) * FILL) forWork++
  const gateways = Math.max(2, forConnections, forWork)
  const decidedBy = gateways === 2 ? 'two at least' : gateways === forConnections ? 'connections' : 'CPU'
  return { gateways, decidedBy }
}

function lastBack(clients: number, gateways: number, { resume }: Slopes): number {
  const storm = { clients: Math.ceil(clients), gateways, openingsPerSecond: OPENINGS_PER_SECOND, seed: SEED }
  return share(playStorm({ ...storm, resumeMs: resume.gatewaysUs / 1_000 }), 1) / 1_000
}

/** Whether the clients of a lost gateway are back in time. */
export function isBackInTime({ lastBackSeconds }: Sizing): boolean {
  return lastBackSeconds <= BACK_WITHIN_S
}
