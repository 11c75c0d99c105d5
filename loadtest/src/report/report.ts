import { cpus, release, totalmem, type as osType } from 'node:os'
import { distributionOf, TIMED, type Distribution, type Timed } from '../measure/meter.ts'
import type { Books } from '../ledger/books.ts'
import type { Scenario } from '../plan/scenario.ts'
import type { Row } from '../run/conductor.ts'
import type { Played } from '../run/run-scenario.ts'

/** A run as it is kept: everything that the page shows, and a program may read. */
export interface Report {
  readonly format: 1
  readonly scenario: Scenario
  readonly startedAtMs: number
  readonly verdict: { readonly isGood: boolean; readonly reasons: readonly Reason[] }
  readonly ledger: Books & { readonly receiptsSent: number; readonly wrongReceipts: number }
  readonly latencies: Readonly<Partial<Record<Timed, Distribution>>>
  readonly totals: {
    readonly sent: number
    readonly connects: number
    readonly logins: number
    readonly resumes: number
    readonly uploadedBytes: number
    readonly downloadedBytes: number
    readonly historyMessages: number
  }
  /** Final refusals by the name of the error; in a lossy scenario they are allowed. */
  readonly refused: Readonly<Record<string, number>>
  /** Refused for the moment, and done later. */
  readonly putOff: Readonly<Record<string, number>>
  /** How connections ended that nobody had meant to end. */
  readonly endings: Readonly<Record<string, number>>
  /** Planned, and not possible when it was due: nothing to read yet, no file yet, not in the room. */
  readonly skipped: Readonly<Record<string, number>>
  readonly series: readonly Row[]
  readonly environment: {
    readonly cpu: string
    readonly cores: number
    readonly memoryBytes: number
    readonly system: string
    readonly node: string
    readonly isOwnServer: boolean
    readonly endpoints: readonly string[]
  }
  readonly settings: {
    readonly seed: number
    readonly run: string
    readonly processes: number
    readonly localAddresses: readonly string[]
  }
  readonly generator: { readonly bytesPerClient: number; readonly idleBytes: number; readonly mostBytes: number }
}

/** Why a run is not good. */
export interface Reason {
  readonly what:
    | 'lost'
    | 'doubled'
    | 'reordered'
    | 'diverged'
    | 'gaps'
    | 'unknown'
    | 'unchecked'
    | 'refused'
    | 'receipts'
    | 'downloads'
    | 'away'
    | 'behind'
    | 'sent away'
    | 'unanswered'
    | 'nothing'
  readonly count: number
}

/** Puts the report of a run together. */
export function reportOf({ orders, result, isOwnServer }: Played): Report {
  const { scenario } = orders
  const { counts, timed } = result.measures
  const withPrefix = (prefix: string): Record<string, number> =>
    Object.fromEntries(
      Object.entries(counts)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]): [string, number] => [name.slice(prefix.length), value])
        .sort(([, a], [, b]) => b - a),
    )
  const ledger = { ...result.books, receiptsSent: result.receiptsSent, wrongReceipts: result.wrongReceipts }
  const refused = withPrefix('refused ')
  const reasons = reasonsOf({ isLossy: scenario.isLossy, ledger, refused, result })
  const idleBytes = result.parts.reduce((sum, { memory }) => sum + memory.idleBytes, 0)
  const grownBytes = result.parts.reduce(
    (sum, { memory }) => sum + Math.max(0, memory.idleBytes - memory.beforeBytes),
    0,
  )
  return {
    format: 1,
    scenario,
    startedAtMs: result.startedAtMs,
    verdict: { isGood: reasons.length === 0, reasons },
    ledger,
    latencies: Object.fromEntries(
      TIMED.flatMap((what) => {
        const distribution = distributionOf(timed[what])
        return distribution ? [[what, distribution]] : []
      }),
    ),
    totals: {
      sent: counts['sent'] ?? 0,
      connects: counts['dials'] ?? 0,
      logins: counts['logins'] ?? 0,
      resumes: counts['resumes'] ?? 0,
      uploadedBytes: counts['uploaded bytes'] ?? 0,
      downloadedBytes: counts['downloaded bytes'] ?? 0,
      historyMessages: counts['history messages'] ?? 0,
    },
    refused,
    putOff: withPrefix('put off '),
    endings: withPrefix('ended '),
    skipped: withPrefix('skipped: '),
    series: result.rows,
    environment: {
      cpu: cpus()[0]?.model.trim() ?? '?',
      cores: cpus().length,
      memoryBytes: totalmem(),
      system: `${osType()} ${release()}`,
      node: process.version,
      isOwnServer,
      endpoints: orders.endpoints,
    },
    settings: {
      seed: orders.seed,
      run: orders.run,
      processes: orders.processes,
      localAddresses: orders.localAddresses,
    },
    generator: {
      bytesPerClient: Math.round(grownBytes / scenario.clients),
      idleBytes,
      mostBytes: result.parts.reduce((sum, { memory }) => sum + memory.mostBytes, 0),
    },
  }
}

function reasonsOf({
  isLossy,
  ledger,
  refused,
  result,
}: {
  readonly isLossy: boolean
  readonly ledger: Report['ledger']
  readonly refused: Readonly<Record<string, number>>
  readonly result: Played['result']
}): readonly Reason[] {
  const sum = (of: (part: Played['result']['parts'][number]) => number): number =>
    result.parts.reduce((all, part) => all + of(part), 0)
  const refusals = Object.values(refused).reduce((all, count) => all + count, 0)
  const all: readonly Reason[] = [
    { what: 'lost', count: ledger.lost },
    { what: 'doubled', count: ledger.doubled },
    { what: 'reordered', count: ledger.reordered },
    { what: 'diverged', count: ledger.diverged },
    { what: 'gaps', count: ledger.gaps },
    { what: 'unknown', count: ledger.unknown },
    { what: 'unchecked', count: ledger.unchecked },
    { what: 'refused', count: isLossy ? 0 : refusals },
    { what: 'receipts', count: ledger.wrongReceipts },
    { what: 'downloads', count: result.measures.counts['wrong downloads'] ?? 0 },
    { what: 'away', count: sum(({ unsettled }) => unsettled.away) },
    { what: 'behind', count: sum(({ unsettled }) => unsettled.behind) },
    { what: 'unanswered', count: sum(({ unsettled }) => unsettled.openErrands) },
    { what: 'sent away', count: sum(({ over }) => over) },
    // A run in which nothing happened proves nothing.
    { what: 'nothing', count: (result.measures.counts['logins'] ?? 0) === 0 ? 1 : 0 },
  ]
  return all.filter(({ count }) => count > 0)
}

/** A few lines for a terminal. */
export function summaryOf({ scenario, verdict, ledger, latencies, totals, refused, generator }: Report): string {
  const time = (what: Timed, name: string): readonly string[] => {
    const d = latencies[what]
    if (!d) return []
    const [p50, p99, most] = [d.p50Ms, d.p99Ms, d.maxMs].map((ms) => ms.toFixed(ms < 10 ? 1 : 0))
    return [`${name.padEnd(22)} ${String(d.count).padStart(9)} × p50 ${p50} ms, p99 ${p99} ms, at most ${most} ms`]
  }
  const said = verdict.isGood ? 'good' : verdict.reasons.map(({ what, count }) => `${what}: ${count}`).join(', ')
  return [
    `${scenario.name}: ${said}`,
    `${totals.sent} sent, ${ledger.acknowledged + ledger.said} acknowledged, ${ledger.delivered + ledger.heard} arrived; ` +
      `lost ${ledger.lost}, doubled ${ledger.doubled}, reordered ${ledger.reordered}, diverged ${ledger.diverged}, ` +
      `stepped over ${ledger.gaps}, unknown ${ledger.unknown}` +
      (scenario.isLossy ? `; not heard in live rooms ${ledger.missed}` : ''),
    ...time('login', 'login'),
    ...time('resume', 'back after a loss'),
    ...time('acknowledged', 'stored'),
    ...time('delivered', 'arrived'),
    ...time('heard', 'heard in a live room'),
    ...time('receipt', 'receipt'),
    ...time('history', 'page of history'),
    ...time('upload', 'upload'),
    ...time('download', 'download'),
    ...time('late', 'load generator late'),
    ...Object.entries(refused).map(([name, count]) => `refused ${name}: ${count}`),
    `${(generator.bytesPerClient / 1024).toFixed(1)} KiB of the load generator for each client`,
  ].join('\n')
}
