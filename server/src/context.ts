import { createUserSigVerifier } from './auth/verifier.ts'
import type { Auditor } from './audit/auditor.ts'
import type { Broker } from './broker/broker.ts'
import { allHandlers, type Services } from './commands/index.ts'
import { Admission } from './gateway/admission.ts'
import { obeyControl } from './gateway/control.ts'
import { Dispatcher } from './gateway/dispatcher.ts'
import { Door } from './gateway/door.ts'
import { Hub } from './gateway/hub.ts'
import { RateLimiter } from './kit/rate-limiter.ts'
import { SessionRegistry } from './gateway/session-registry.ts'
import { Sweeper } from './gateway/sweeper.ts'
import type { WebsocketOptions } from './gateway/websocket.ts'
import type { Foundations, Pools } from './foundations.ts'
import type { MediaRoutesOptions } from './http/media-options.ts'
import type { WebPageOptions } from './http/web-page.ts'
import { Metrics } from './kit/metrics.ts'
import { readAliveLogins } from './logins/login-reader.ts'
import { LoginsService } from './logins/logins-service.ts'
import { buildMedia } from './media.ts'
import type { MessageCommitter } from './messaging/message-committer.ts'
import type { ReceiptNotices } from './receipts/receipt-notices.ts'
import { buildServices } from './services.ts'
import { Announcer } from './timelines/announcer.ts'
import { createLogReader, type LogReader } from './timelines/log-reader.ts'

/** What works by itself once it is started. */
export interface Startable {
  start(): void
  stop(): Promise<void>
}

/** Every part of a node, built and wired; nothing listens and nothing loops yet. */
export interface Context {
  readonly services: Services
  readonly websocket: WebsocketOptions
  readonly registry: SessionRegistry
  readonly sweeper: Sweeper
  /** Loops that stand beside the sweeper. */
  readonly loops: readonly Startable[]
  readonly admission: Admission
  readonly hub: Hub
  readonly media: MediaRoutesOptions
  readonly metrics: Metrics
  readonly webPage: WebPageOptions
  /** True when the node takes traffic and its database answers. */
  isReady(): Promise<boolean>
}

/** The composition root: builds the parts in order, top to bottom. */
export function buildContext(foundations: Foundations): Context {
  const { config, pools, broker, presence, clock, random, logger } = foundations
  const metrics = new Metrics()
  const announcer = new Announcer(broker)
  const log = createLogReader(pools.sync)

  const media = buildMedia(foundations, metrics)
  const built = buildServices(foundations, announcer, log, media.service)
  const { services, directory, committer, disbander, rooms, receiptNotices, auditor } = built
  const { accounts } = services
  const logins = new LoginsService({
    db: pools.admin,
    presence,
    announcer,
    policy: { instancesPerDevice: config.devices.maxInstancesPerDevice, devices: config.devices.policy },
  })

  const registry = new SessionRegistry()
  const rates = new RateLimiter(config.limits.maxSendsPerSecondPerUser, clock)
  const hub = new Hub({
    broker,
    log,
    clock,
    logger,
    onControl: (timeline, control) => {
      obeyControl(registry, control)
      rooms.obey(timeline, control)
    },
  })
  const admission = new Admission({
    maxConnections: config.limits.maxConnections,
    maxOpeningPerAddress: config.limits.maxOpeningPerAddress,
  })
  const door = new Door({
    sdkAppId: config.sdkAppId,
    verifier: createUserSigVerifier(foundations.keys, clock),
    accounts,
    logins,
  })
  const dispatcher = new Dispatcher({
    handlers: allHandlers(services),
    log: logger,
    onRefused: (name) => metrics.countRefused(name),
  })
  const sweeper = new Sweeper({
    hub,
    log: createLogReader(pools.admin),
    registry,
    rates,
    onStoreReplaced: () => directory.forgetAll(),
    aliveLogins: (loginKeys) => readAliveLogins(pools.admin, loginKeys),
    clock,
    logger,
  })
  addReadings(metrics, { registry, hub, committer, broker, pools, auditor, receiptNotices })

  return {
    services,
    websocket: {
      session: {
        door,
        dispatcher,
        hub,
        log,
        presence,
        mediaToken: (bearer) => media.service.token(bearer),
        registry,
        rates,
        clock,
        logger,
        onClosed: (name) => metrics.countClosed(name),
      },
      admission,
      random,
      allowedOrigins: config.http.allowedOrigins,
    },
    registry,
    sweeper,
    loops: [disbander, rooms, receiptNotices, auditor, media.loop],
    admission,
    hub,
    media: media.routes,
    metrics,
    webPage: foundations.webPage,
    isReady: () => isReady(admission, createLogReader(pools.admin)),
  }
}

async function isReady(admission: Admission, log: LogReader): Promise<boolean> {
  if (admission.isDraining) return false
  try {
    await log.epoch()
    return true
  } catch {
    return false
  }
}

function addReadings(
  metrics: Metrics,
  parts: {
    readonly registry: SessionRegistry
    readonly hub: Hub
    readonly committer: MessageCommitter
    readonly broker: Broker
    readonly pools: Pools
    readonly auditor: Auditor
    readonly receiptNotices: ReceiptNotices
  },
): void {
  const { registry, hub, committer, broker, pools, auditor, receiptNotices } = parts
  metrics.addReading('connections', 'Connections of this node.', () => registry.connections)
  metrics.addReading('sessions', 'Connections with an open session.', () => registry.sessions)
  metrics.addReading('followed_timelines', 'Timelines that sessions of this node follow.', () => hub.stats().topics)
  metrics.addReading(
    'repaired_entries',
    'Entries read from the log that the broker did not bring.',
    () => hub.stats().repaired,
  )
  metrics.addReading('sends_waiting', 'Messages waiting for the next commit.', () => committer.stats().waiting)
  metrics.addReading('commits', 'Transactions of the message path.', () => committer.stats().batches)
  for (const name of ['send', 'sync', 'admin', 'search'] as const) {
    const pool = pools[name]
    metrics.addReading(`database_${name}_open`, `Connections to PostgreSQL (${name}).`, () => pool.stats().open)
    metrics.addReading(`database_${name}_waiting`, `Callers that wait for one (${name}).`, () => pool.stats().waiting)
    metrics.addReading(`database_${name}_lost`, `Connections lost or given up (${name}).`, () => pool.stats().discarded)
  }
  metrics.addReading('broker_dropped', 'Payloads the broker could not hand over.', () => broker.stats().dropped)
  metrics.addReading('audit_checked', 'Derived numbers that were recounted.', () => auditor.stats().checked)
  metrics.addReading('audit_differences', 'Of these, wrong ones. Never more than 0.', () => auditor.stats().differences)
  metrics.addReading(
    'receipt_notices_dropped',
    'Messages whose sender was not told of receipts, there being too many.',
    () => receiptNotices.stats().dropped,
  )
  metrics.addReading('broker_lost', 'How often the broker lost its link.', () => broker.stats().lost)
}
