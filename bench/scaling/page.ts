import { format } from 'prettier'
import { withTable } from '../../tools/env-docs.ts'
import type { Measurement, Slopes } from './measured.ts'
import { isBackInTime, reproduce, sizeFor, type Sizing } from './model.ts'

const SIZES = [2_000, 20_000, 100_000, 500_000, 1_400_000] as const
const KINDS = {
  oneToOne: 'a message to one, in bursts, one gateway',
  oneToOneAcross: '… two gateways',
  oneToOneSpread: '… two gateways, one message at a time from each of 500',
  groupSend: 'a message to a group without its deliveries, in bursts',
  groupDelivery: '… each member who is there',
  groupSendAlone: 'a message to a group without its deliveries, one after the other',
  groupDeliveryAlone: '… each member who is there',
  groupGateway: '… each further gateway with members',
  login: 'a login with nothing to catch up',
  resume: 'coming back after a lost connection',
} as const satisfies Partial<Record<keyof Slopes, string>>

/** The tables of docs/SCALING.md by the names in their markers. */
function tables(measurement: Measurement): Readonly<Record<string, string>> {
  return { slopes: slopeTable(measurement), points: pointTable(measurement), sizes: sizeTable(measurement) }
}

/** The page with its tables written anew, as Prettier leaves it; throws where a marker is missing. */
export async function withTables(page: string, measurement: Measurement): Promise<string> {
  let written = page
  for (const [name, table] of Object.entries(tables(measurement))) {
    const begin = `<!-- ${name}:begin (written by npm run sizing) -->`
    const next = withTable(written, table, [begin, `<!-- ${name}:end -->`])
    if (next === undefined) throw new Error(`the page lacks the markers of the table "${name}"`)
    written = next
  }
  return format(written, { parser: 'markdown', printWidth: 120, proseWrap: 'preserve' })
}

function slopeTable({ slopes, machine, date }: Measurement): string {
  const rows = Object.entries(KINDS).map(([kind, what]) => {
    const use = slopes[kind as keyof typeof KINDS]
    const cells = [use.gatewaysUs, use.databaseUs, use.redisUs].map((us) => us.toFixed(1))
    const bytes = [use.redisInBytes + use.redisOutBytes, use.walBytes].map((count) => thousands(Math.max(0, count)))
    return `| ${[what, ...cells, ...bytes].join(' | ')} |`
  })
  const memory = `| memory of an idle connection | ${(slopes.connectionBytes / 1024).toFixed(1)} KiB | | | | |`
  return [
    `${date}, ${machine}.`,
    '',
    '| unit of work | gateway, µs | PostgreSQL, µs | Redis, µs | Redis, bytes | WAL, bytes |',
    '|---|---:|---:|---:|---:|---:|',
    ...rows,
    memory,
    '',
  ].join('\n')
}

function pointTable(measurement: Measurement): string {
  const rows = reproduce(measurement).map(({ what, unit, measured, predicted }) => {
    const cells = [
      `${thousands(measured)} ${unit}`,
      `${thousands(predicted)} ${unit}`,
      (predicted / measured).toFixed(2),
    ]
    return `| ${[what, ...cells].join(' | ')} |`
  })
  return ['| | measured | by the model | of measured |', '|---|---:|---:|---:|', ...rows, ''].join('\n')
}

function sizeTable(measurement: Measurement): string {
  return markdownOf(SIZES.map((people) => sizeFor(people, measurement)))
}

/** A column for each size. */
export function markdownOf(sizings: readonly Sizing[]): string {
  const row = (what: string, of: (sizing: Sizing) => string): string => `| ${[what, ...sizings.map(of)].join(' | ')} |`
  return [
    row('people', ({ people }) => thousands(people)),
    `|---|${sizings.map(() => '---:|').join('')}`,
    row('connections', ({ connections }) => thousands(connections)),
    row('messages/s', ({ sendsPerSecond }) => thousands(sendsPerSecond)),
    row('deliveries/s', (sizing) => thousands(sizing.deliveriesPerSecond)),
    row('gateways (one core each)', ({ gateways }) => thousands(gateways)),
    row('… decided by', ({ decidedBy }) => decidedBy),
    row('cores busy in gateways', ({ gatewayCores }) => gatewayCores.toFixed(2)),
    row('cores busy in PostgreSQL', ({ databaseCores }) => databaseCores.toFixed(2)),
    row('cores busy in Redis', ({ redisCores }) => redisCores.toFixed(2)),
    row('Redis, Mbit/s', ({ redisMegabitsPerSecond }) => redisMegabitsPerSecond.toFixed(1)),
    row('PostgreSQL log, MB/s', ({ walMegabytesPerSecond }) => walMegabytesPerSecond.toFixed(2)),
    row('rows kept, GB a year', ({ gigabytesPerYear }) => thousands(gigabytesPerYear)),
    row('a lost gateway: all back after, s', (sizing) => {
      const shown = sizing.lastBackSeconds.toFixed(1)
      return isBackInTime(sizing) ? shown : `${shown} (late)`
    }),
    '',
  ].join('\n')
}

function thousands(value: number): string {
  return (Math.abs(value) < 10 ? Number(value.toFixed(1)) : Math.round(value)).toLocaleString('en')
}
