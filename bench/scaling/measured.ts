import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Use } from '../meter.ts'

const FILE = fileURLToPath(new URL('measured.json', import.meta.url))

/** What one unit of each kind of work uses: what the model is made of. */
export interface Slopes {
  /** A message to one who is there, both on the only gateway: in bursts, so that many share a commit. */
  readonly oneToOne: Use
  /** The same with two gateways, half of the pairs across them. */
  readonly oneToOneAcross: Use
  /** The same with one message at a time from each of 500, as people write. */
  readonly oneToOneSpread: Use
  /** A message to a group, without its deliveries, and each member who is there: in bursts, so that many share a write. */
  readonly groupSend: Use
  readonly groupDelivery: Use
  /** The same with one message after the other, as teachers write: each delivery is a write by itself. */
  readonly groupSendAlone: Use
  readonly groupDeliveryAlone: Use
  /** Each further gateway that has members of the group. */
  readonly groupGateway: Use
  /** A login with nothing to catch up, and one that comes back after a lost connection. */
  readonly login: Use
  readonly resume: Use
  /** Resident memory of a gateway. */
  readonly connectionBytes: number
}

/** What the model must say by itself: measured in other arrangements than the slopes. */
export interface Points {
  /** Messages a second with everything, the load too, on one core; with two gateways on two. */
  readonly singlePerSecond: number
  readonly doublePerSecond: number
  /** Deliveries a second by the size of the group, one gateway and its stores on one core. */
  readonly deliveriesPerSecond: Readonly<Record<string, number>>
  /** When half, nearly all and all of so many are back after their gateway was killed, ms. */
  readonly returns: { readonly count: number; readonly p50Ms: number; readonly p99Ms: number; readonly lastMs: number }
}

export interface Measurement {
  readonly machine: string
  /** As in 2026-11-22. */
  readonly date: string
  readonly slopes: Slopes
  readonly points: Points
}

export function readMeasurement(): Measurement {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Measurement
}

export function writeMeasurement(measurement: Measurement): void {
  writeFileSync(FILE, `${JSON.stringify(measurement, undefined, 2)}\n`)
}
