import { createUserSigVerifier } from './auth/verifier.ts'
import { allHandlers, type Services } from './commands/index.ts'
import { readMigrations } from './db/migrations.ts'
import { readMigrationState } from './db/migration-state.ts'
import { Admission } from './gateway/admission.ts'
import { obeyControl } from './gateway/control.ts'
import { Dispatcher } from './gateway/dispatcher.ts'
import { Door } from './gateway/door.ts'
import { Hub } from './gateway/hub.ts'
import { SessionRegistry } from './gateway/session-registry.ts'
import { Sweeper } from './gateway/sweeper.ts'
import type { WebsocketOptions } from './gateway/websocket.ts'
import type { Foundations } from './foundations.ts'
import { partsOf } from './health/parts.ts'
import { Readiness, type ReadinessReport } from './health/readiness.ts'
import type { MediaRoutesOptions } from './http/media-options.ts'
import type { WebPageOptions } from './http/web-page.ts'
import { EventLoopWatch } from './kit/event-loop-watch.ts'
import { readAliveLogins } from './logins/login-reader.ts'
import { LoginsService } from './logins/logins-service.ts'
import { buildMedia } from './media.ts'
import { Metrics } from './metrics/metrics.ts'
import { limitsOf } from './rates/limits.ts'
import { Rates } from './rates/rates.ts'
import { addReadings } from './readings.ts'
import { buildRetention } from './retention.ts'
import { buildServices } from './services.ts'
import { noteClosed, noteCommit, noteRefusal, startAtZero } from './tallying.ts'
import { Announcer } from './timelines/announcer.ts'
import { coalescedLogReader } from './timelines/coalesced-log-reader.ts'
import type { Commit } from './timelines/group-commit.ts'
import { createLogReader } from './timelines/log-reader.ts'

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
  /** Whose word on where a client comes from is taken. */
  readonly trustedProxies: readonly string[]
  readonly eventLoop: EventLoopWatch
  /** Whether the node takes traffic, and why not. */
  readiness(): Promise<ReadinessReport>
}

/** As long as this, or longer, the event loop has stood still. */
const STALL_MS = 2_000
const READINESS_DEADLINE_MS = 2_000

/** The composition root: builds the parts in order, top to bottom. */
export function buildContext(foundations: Foundations): Context {
  const { config, pools, broker, presence, clock, random, logger } = foundations
  const metrics = new Metrics()
  const announcer = new Announcer(broker)
  const log = coalescedLogReader(createLogReader(pools.sync), clock)

  const media = buildMedia(foundations, metrics)
  const rates = new Rates({ limits: limitsOf(config.limits), shared: foundations.sharedUse, clock, logger })
  const onCommit = (commit: Commit): void => noteCommit(metrics, commit)
  const built = buildServices(foundations, announcer, { log, media: media.service, rates, onCommit })
  const { services, directory, committer, disbander, rooms, receiptNotices, auditor } = built
  const { accounts } = services
  const logins = new LoginsService({
    db: pools.admin,
    presence,
    announcer,
    clock,
    policy: { instancesPerDevice: config.devices.maxInstancesPerDevice, devices: config.devices.policy },
  })

  const registry = new SessionRegistry()
  const hub = new Hub({
    broker,
    log,
    clock,
    logger,
    onControl: (timeline, control) => {
      obeyControl(registry, control)
      rooms.obey(timeline, control)
    },
    onDelivered: (lagMs) => metrics.observe('deliveryLagSeconds', lagMs / 1000),
  })
  const { maxConnections, maxOpeningPerAddress, maxOpeningsPerSecond } = config.limits
  const admission = new Admission({ maxConnections, maxOpeningPerAddress, maxOpeningsPerSecond }, { clock, random })
  const door = new Door({
    sdkAppId: config.sdkAppId,
    verifier: createUserSigVerifier(foundations.keys, clock),
    accounts,
    logins,
    rates,
  })
  const dispatcher = new Dispatcher({
    handlers: allHandlers(services),
    log: logger,
    onRefused: (name, command) => noteRefusal(metrics, name, command),
  })
  const sweeper = new Sweeper({
    hub,
    log: createLogReader(pools.admin),
    registry,
    onStoreReplaced: () => directory.forgetAll(),
    aliveLogins: (loginKeys) => readAliveLogins(pools.admin, loginKeys),
    clock,
    logger,
  })
  const eventLoop = new EventLoopWatch({ clock, stallMs: STALL_MS })
  const gateway = { registry, admission, dispatcher, hub, sweeper }
  addReadings(metrics, { ...gateway, committer, broker, pools, auditor, receiptNotices, rates, eventLoop, clock })
  startAtZero(metrics)
  const migrations = readMigrations()
  const readiness = new Readiness({
    clock,
    deadlineMs: READINESS_DEADLINE_MS,
    parts: partsOf({
      isDraining: () => admission.isDraining,
      isBrokerUp: () => broker.isUp(),
      pingDatabase: () => createLogReader(pools.admin).epoch(),
      migrationState: () => readMigrationState(pools.admin, migrations),
      eventLoop,
    }),
  })

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
        onClosed: (name) => noteClosed(metrics, name),
        onEntered: (kind) => metrics.count('logins', { kind }),
      },
      admission,
      random,
      allowedOrigins: config.http.allowedOrigins,
      onArrived: () => metrics.count('connectionsOpened', {}),
      onTurnedAway: (status) => metrics.count('connectionsRefused', { status: String(status) }),
    },
    registry,
    sweeper,
    loops: [
      disbander,
      rooms,
      receiptNotices,
      auditor,
      media.loop,
      rates,
      buildRetention(foundations, announcer, metrics),
    ],
    admission,
    hub,
    media: media.routes,
    metrics,
    webPage: foundations.webPage,
    trustedProxies: config.http.trustedProxies,
    eventLoop,
    readiness: () => readiness.report(),
  }
}
