import { AccountsService } from './accounts/accounts-service.ts'
import type { KeyRing } from './auth/key-ring.ts'
import { createUserSigVerifier } from './auth/verifier.ts'
import type { Broker } from './broker/broker.ts'
import { allHandlers, type Services } from './commands/index.ts'
import type { Config } from './config/config.ts'
import { ConversationDirectory } from './conversations/conversation-directory.ts'
import { ConversationsService } from './conversations/conversations-service.ts'
import type { Db } from './db/db.ts'
import { Admission } from './gateway/admission.ts'
import { obeyControl } from './gateway/control.ts'
import { Dispatcher } from './gateway/dispatcher.ts'
import { Door } from './gateway/door.ts'
import { Hub } from './gateway/hub.ts'
import { RateLimiter } from './gateway/rate-limiter.ts'
import { SessionRegistry } from './gateway/session-registry.ts'
import { Sweeper } from './gateway/sweeper.ts'
import type { WebsocketOptions } from './gateway/websocket.ts'
import type { DemoOptions } from './http/demo.ts'
import type { Clock } from './kit/clock.ts'
import type { Logger } from './kit/logger.ts'
import { Metrics } from './kit/metrics.ts'
import type { Random } from './kit/random.ts'
import { readAliveLogins } from './logins/login-reader.ts'
import { LoginsService } from './logins/logins-service.ts'
import { MessageCommitter } from './messaging/message-committer.ts'
import { MessagingService } from './messaging/messaging-service.ts'
import type { Presence } from './presence/presence.ts'
import { ReceiptsService } from './receipts/receipts-service.ts'
import { SyncService } from './sync/sync-service.ts'
import { Announcer } from './timelines/announcer.ts'
import { createLogReader, type LogReader } from './timelines/log-reader.ts'

/** The pools of connections: a stalled one takes no connection from the others (reliability.md N17). */
export interface Pools {
  /** The committer's own. */
  readonly send: Db
  /** Reading the log and everything else a client asks for. */
  readonly sync: Db
  /** Sweeper, logins, health. */
  readonly admin: Db
}

/** What a context is built on: opened before it, closed after it. */
export interface Foundations {
  readonly config: Config
  readonly pools: Pools
  readonly broker: Broker
  readonly presence: Presence
  readonly keys: KeyRing
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly demo: DemoOptions | undefined
}

/** Every part of a node, built and wired; nothing listens and nothing loops yet. */
export interface Context {
  readonly services: Services
  readonly websocket: WebsocketOptions
  readonly registry: SessionRegistry
  readonly sweeper: Sweeper
  readonly admission: Admission
  readonly hub: Hub
  readonly metrics: Metrics
  readonly demo: DemoOptions | undefined
  /** True when the node takes traffic and its database answers. */
  isReady(): Promise<boolean>
}

/** The composition root: builds the parts in order, top to bottom. */
export function buildContext(foundations: Foundations): Context {
  const { config, pools, broker, presence, clock, random, logger } = foundations
  const metrics = new Metrics()
  const announcer = new Announcer(broker)
  const log = createLogReader(pools.sync)

  const accounts = new AccountsService({
    db: pools.sync,
    isAutoRegister: config.accounts.registration === 'automatic',
  })
  const directory = new ConversationDirectory({ db: pools.sync, accounts, announcer })
  const committer = new MessageCommitter({ db: pools.send, announcer, clock })
  const services: Services = {
    accounts,
    conversations: new ConversationsService({ db: pools.sync, directory, accounts, announcer, clock }),
    messaging: new MessagingService({
      db: pools.sync,
      directory,
      committer,
      announcer,
      clock,
      revokeWindowMs: config.revokeWindowMs,
    }),
    receipts: new ReceiptsService({ db: pools.sync, directory, announcer, clock }),
    sync: new SyncService({ db: pools.sync, log }),
  }
  const logins = new LoginsService({
    db: pools.admin,
    presence,
    announcer,
    policy: { instancesPerDevice: config.devices.maxInstancesPerDevice, devices: config.devices.policy },
  })

  const registry = new SessionRegistry()
  const rates = new RateLimiter(config.limits.maxSendsPerSecondPerUser, clock)
  const hub = new Hub({ broker, log, clock, logger, onControl: (_timeline, control) => obeyControl(registry, control) })
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
  addReadings(metrics, { registry, hub, committer, broker, pools })

  return {
    services,
    websocket: {
      session: {
        door,
        dispatcher,
        hub,
        log,
        presence,
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
    admission,
    hub,
    metrics,
    demo: foundations.demo,
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
  },
): void {
  const { registry, hub, committer, broker, pools } = parts
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
  for (const name of ['send', 'sync', 'admin'] as const) {
    const pool = pools[name]
    metrics.addReading(`database_${name}_open`, `Connections to PostgreSQL (${name}).`, () => pool.stats().open)
    metrics.addReading(`database_${name}_waiting`, `Callers that wait for one (${name}).`, () => pool.stats().waiting)
    metrics.addReading(`database_${name}_lost`, `Connections lost or given up (${name}).`, () => pool.stats().discarded)
  }
  metrics.addReading('broker_dropped', 'Payloads the broker could not hand over.', () => broker.stats().dropped)
  metrics.addReading('broker_lost', 'How often the broker lost its link.', () => broker.stats().lost)
}
