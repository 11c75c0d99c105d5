import { connect } from 'node:net'
import type { Cluster } from './cluster.ts'
import { cpuByProcess, cpuMsBetween, type CpuByProcess } from './cpu.ts'

/** What one unit of work uses. */
export interface Use {
  /** CPU time, microseconds. */
  readonly gatewaysUs: number
  readonly databaseUs: number
  readonly redisUs: number
  readonly loadUs: number
  /** Bytes that Redis has read and written on its connections. */
  readonly redisInBytes: number
  readonly redisOutBytes: number
  /** Bytes of PostgreSQL's log of changes. */
  readonly walBytes: number
  /** Bytes of its tables and indexes. */
  readonly storedBytes: number
}

/** All meters of a cluster at one moment. */
export interface Reading {
  readonly gateways: CpuByProcess
  readonly database: CpuByProcess
  readonly redis: CpuByProcess
  readonly loadUs: number
  readonly redisInBytes: number
  readonly redisOutBytes: number
  readonly walBytes: number
  readonly storedBytes: number
}

/** Reads all meters. */
export async function readMeters({ store, gateways, redis }: Cluster): Promise<Reading> {
  const [disk] = await store.run<{ wal: string; stored: string }>(
    `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text AS wal,
            (SELECT sum(pg_database_size(oid))::text FROM pg_database) AS stored`,
  )
  const info = await redisInfo(redis.url)
  const { user, system } = process.cpuUsage()
  return {
    gateways: new Map(gateways.flatMap(({ pid }) => [...cpuByProcess(pid)])),
    database: cpuByProcess(store.pid),
    redis: cpuByProcess(redis.pid),
    loadUs: user + system,
    redisInBytes: numberIn(info, 'total_net_input_bytes'),
    redisOutBytes: numberIn(info, 'total_net_output_bytes'),
    walBytes: Number(disk?.wal ?? 0),
    storedBytes: Number(disk?.stored ?? 0),
  }
}

/** What one of so many units used between two readings. */
export function useOfEach(before: Reading, after: Reading, units: number): Use {
  const cpuUs = (of: 'gateways' | 'database' | 'redis'): number => (cpuMsBetween(before[of], after[of]) * 1_000) / units
  const each = (of: 'loadUs' | 'redisInBytes' | 'redisOutBytes' | 'walBytes' | 'storedBytes'): number =>
    (after[of] - before[of]) / units
  return {
    gatewaysUs: cpuUs('gateways'),
    databaseUs: cpuUs('database'),
    redisUs: cpuUs('redis'),
    loadUs: each('loadUs'),
    redisInBytes: each('redisInBytes'),
    redisOutBytes: each('redisOutBytes'),
    walBytes: each('walBytes'),
    storedBytes: each('storedBytes'),
  }
}

/** One use with another so many times added to it. */
export function plus(use: Use, other: Use, times: number): Use {
  const names = Object.keys(use) as (keyof Use)[]
  return Object.fromEntries(names.map((name) => [name, use[name] + other[name] * times])) as unknown as Use
}

/** A part of a use. */
export function partOf(use: Use, part: number): Use {
  return plus(use, use, part - 1)
}

function redisInfo(url: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(Number(port), hostname, () => socket.write('INFO stats\r\nQUIT\r\n'))
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => (text += chunk))
    socket.on('end', () => resolve(text))
    socket.on('error', reject)
  })
}

function numberIn(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)
}
