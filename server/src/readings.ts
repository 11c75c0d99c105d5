import { readdirSync } from 'node:fs'
import { memoryUsage } from 'node:process'
import { getHeapStatistics } from 'node:v8'
import type { Auditor } from './audit/auditor.ts'
import type { Broker } from './broker/broker.ts'
import { readBuildInfo } from './build-info.ts'
import type { Db, PoolStats } from './db/db.ts'
import type { Pools } from './foundations.ts'
import type { Admission } from './gateway/admission.ts'
import type { Dispatcher } from './gateway/dispatcher.ts'
import type { Hub } from './gateway/hub.ts'
import type { SessionRegistry } from './gateway/session-registry.ts'
import type { Sweeper } from './gateway/sweeper.ts'
import type { Clock } from './kit/clock.ts'
import type { EventLoopWatch } from './kit/event-loop-watch.ts'
import type { MessageCommitter } from './messaging/message-committer.ts'
import type { Metrics, Sample } from './metrics/metrics.ts'
import type { Rates } from './rates/rates.ts'
import type { ReceiptNotices } from './receipts/receipt-notices.ts'

/** The parts whose numbers are read when somebody asks for them. */
export interface ReadParts {
  readonly registry: SessionRegistry
  readonly admission: Admission
  readonly dispatcher: Dispatcher
  readonly hub: Hub
  readonly sweeper: Sweeper
  readonly committer: MessageCommitter
  readonly broker: Broker
  readonly pools: Pools
  readonly auditor: Auditor
  readonly receiptNotices: ReceiptNotices
  readonly rates: Rates
  readonly eventLoop: EventLoopWatch
  readonly clock: Clock
}

/** Joins the parts to the numbers that are read of them; what is counted as it happens is joined where it happens. */
export function addReadings(metrics: Metrics, parts: ReadParts): void {
  readGateway(metrics, parts)
  readDelivery(metrics, parts)
  readStore(metrics, parts)
  readProcess(metrics, parts)
}

function readGateway(metrics: Metrics, { registry, admission, dispatcher, committer, rates }: ReadParts): void {
  metrics.read('connections', () => registry.connections)
  metrics.read('sessions', () => registry.sessions)
  metrics.read('draining', () => Number(admission.isDraining))
  metrics.read('requests', () => [...dispatcher.served()].map(([command, value]) => ({ labels: { command }, value })))
  metrics.read('sendsWaiting', () => committer.stats().waiting)
  metrics.read('rateKeys', () => rates.stats().keys)
  metrics.read('rateExchangesLost', () => rates.stats().lost)
}

function readDelivery(metrics: Metrics, { hub, sweeper, broker }: ReadParts): void {
  metrics.read('followedTimelines', () => hub.stats().topics)
  metrics.read('followers', () => hub.stats().followers)
  metrics.read('repairedEntries', () => hub.stats().repaired)
  metrics.read('gapsRepaired', () => hub.delivery().gapsRepaired)
  metrics.read('deliveredEntries', () => hub.delivery().entries)
  metrics.read('behindEntries', () => sweeper.stats().behind.entries)
  metrics.read('behindEntriesMax', () => sweeper.stats().behind.greatest)
  metrics.read('sweeperRepairs', () => sweeper.stats().repairs)
  metrics.read('sweeps', () => sweeper.stats().sweeps)
  metrics.read('brokerUp', () => Number(broker.isUp()))
  metrics.read('brokerPublished', () => broker.stats().published)
  metrics.read('brokerReceived', () => broker.stats().received)
  metrics.read('brokerDropped', () => broker.stats().dropped)
  metrics.read('brokerLost', () => broker.stats().lost)
}

function readStore(metrics: Metrics, { pools, auditor, receiptNotices }: ReadParts): void {
  const byPool = (numberOf: (stats: PoolStats) => number) => (): readonly Sample[] =>
    Object.entries<Db>({ ...pools }).map(([pool, db]) => ({ labels: { pool }, value: numberOf(db.stats()) }))
  metrics.read(
    'databaseOpen',
    byPool(({ open }) => open),
  )
  metrics.read(
    'databaseBusy',
    byPool(({ busy }) => busy),
  )
  metrics.read(
    'databaseWaiting',
    byPool(({ waiting }) => waiting),
  )
  metrics.read(
    'databaseOpened',
    byPool(({ opened }) => opened),
  )
  metrics.read(
    'databaseLost',
    byPool(({ discarded }) => discarded),
  )
  metrics.read('auditChecked', () => auditor.stats().checked)
  metrics.read('auditDifferences', () => auditor.stats().differences)
  metrics.read('receiptNoticesWaiting', () => receiptNotices.stats().waiting)
  metrics.read('receiptNoticesDropped', () => receiptNotices.stats().dropped)
}

function readProcess(metrics: Metrics, { eventLoop, clock }: ReadParts): void {
  const startedAtS = clock.now() / 1000 - process.uptime()
  const build = readBuildInfo()
  metrics.read('buildInfo', () => [{ labels: { ...build }, value: 1 }])
  metrics.read('uptimeSeconds', () => process.uptime())
  metrics.read('startTimeSeconds', () => startedAtS)
  metrics.read('eventLoopDelaySeconds', () => {
    const { p50Ms, p99Ms, maxMs } = eventLoop.delay
    const quantiles = { '0.5': p50Ms, '0.99': p99Ms, '1': maxMs }
    return Object.entries(quantiles).map(([quantile, ms]) => ({ labels: { quantile }, value: ms / 1000 }))
  })
  metrics.read('eventLoopStalls', () => eventLoop.stalls)
  metrics.read('gcSeconds', () => eventLoop.gcMs / 1000)
  metrics.read('heapUsedBytes', () => getHeapStatistics().used_heap_size)
  metrics.read('heapLimitBytes', () => getHeapStatistics().heap_size_limit)
  metrics.read('externalBytes', () => getHeapStatistics().external_memory)
  metrics.read('residentBytes', () => memoryUsage.rss())
  metrics.read('cpuSeconds', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  metrics.read('openFiles', countOpenFiles)
}

function countOpenFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return 0
  }
}
