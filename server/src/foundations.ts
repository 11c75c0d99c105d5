import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createKeyRing, type KeyRing } from './auth/key-ring.ts'
import { readOrCreateSecret } from './auth/secret-file.ts'
import { signTlsUserSig } from './auth/tls-user-sig.ts'
import type { Blobs } from './blobs/blobs.ts'
import { DiskBlobs } from './blobs/disk-blobs.ts'
import { S3Blobs } from './blobs/s3-blobs.ts'
import type { Broker } from './broker/broker.ts'
import { MemoryBroker } from './broker/memory-broker.ts'
import { RedisBroker, type RedisAddress } from './broker/redis-broker.ts'
import { RedisClusterStore } from './broker/redis-cluster-store.ts'
import { RedisLink, type RedisLinkOptions } from './broker/redis-link.ts'
import type { Config } from './config/config.ts'
import type { Secret } from './config/secrets.ts'
import { ConnectGate } from './db/connect-gate.ts'
import { connect, type Db } from './db/db.ts'
import { DEMO_PEOPLE } from './demo-people.ts'
import type { WebPageOptions } from './http/web-page.ts'
import { systemClock, type Clock } from './kit/clock.ts'
import type { Logger } from './kit/logger.ts'
import { systemRandom, type Random } from './kit/random.ts'
import { MemoryPresence } from './presence/memory-presence.ts'
import type { Presence } from './presence/presence.ts'
import { RedisPresence } from './presence/redis-presence.ts'
import { MemorySharedUse } from './rates/memory-shared-use.ts'
import { RedisSharedUse } from './rates/redis-shared-use.ts'
import type { SharedUse } from './rates/shared-use.ts'

/** The pools of connections: a stalled one takes no connection from the others (reliability.md N17). */
export interface Pools {
  /** The committer's own. */
  readonly send: Db
  /** Reading the log and everything else a client asks for. */
  readonly sync: Db
  /** Sweeper, logins, health. */
  readonly admin: Db
  /** Looking through what there is, which takes its time. */
  readonly search: Db
}

/** What a context is built on: opened before it, closed after it. */
export interface Foundations {
  readonly config: Config
  readonly pools: Pools
  readonly broker: Broker
  readonly presence: Presence
  readonly sharedUse: SharedUse
  readonly blobs: Blobs
  readonly keys: KeyRing
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly webPage: WebPageOptions
}

/** The file that holds a generated SECRETKEY, below DATA_DIR. */
export const SECRET_FILE = 'secretkey'

const POOL_SIZES = { send: 2, sync: 6, admin: 2, search: 2 } as const
const PRESENCE_TIMEOUT_MS = 1_000
const REDIS_CONNECT_MS = 2_000
/** Shorter than the time between two exchanges of rates. */
const RATES_TIMEOUT_MS = 500
const DEMO_SIG_LIFETIME_S = 7 * 86_400

/** Opens what a node stands on, as the configuration says. Connects lazily: an unreachable database shows at its first use. */
export function openFoundations(config: Config, databaseUrl: string, logger: Logger): Foundations {
  const keys = openKeys(config)
  return {
    config,
    pools: openPools(config, databaseUrl, logger),
    broker: openBroker(config, logger),
    presence: openPresence(config, logger),
    sharedUse: openSharedUse(config, logger),
    blobs: openBlobs(config),
    keys,
    clock: systemClock,
    random: systemRandom,
    logger,
    webPage: webPageOptions(config, keys),
  }
}

/** The keys that verify signatures; the first one signs. Generates and keeps one when none is given. */
export function openKeys({ signing, dataDir }: Config): KeyRing {
  const current =
    signing.secret.kind === 'given'
      ? signing.secret.secret.reveal()
      : readOrCreateSecret(join(dataDir, SECRET_FILE), systemRandom)
  return createKeyRing([current, ...signing.previousSecrets.map((secret) => secret.reveal())])
}

function openPools(config: Config, url: string, logger: Logger): Pools {
  const gate = new ConnectGate(systemClock, systemRandom)
  const pool = (name: keyof typeof POOL_SIZES): Db =>
    connect({
      url,
      name,
      size: POOL_SIZES[name],
      statementDeadlineMs: config.statementDeadlineMs,
      clock: systemClock,
      random: systemRandom,
      logger,
      gate,
    })
  return { send: pool('send'), sync: pool('sync'), admin: pool('admin'), search: pool('search') }
}

function openBroker({ broker }: Config, logger: Logger): Broker {
  const onFault = (err: unknown): void => logger.warn({ err }, 'the broker has a fault')
  if (broker.kind === 'memory') return new MemoryBroker({ onFault })
  const address: RedisAddress =
    broker.kind === 'redis'
      ? { kind: 'single', url: broker.url.reveal() }
      : { kind: 'cluster', urls: revealAll(broker.urls) }
  return new RedisBroker({ address, clock: systemClock, random: systemRandom, onFault })
}

/** The presence of the nodes. Connects in the background. */
export function openPresence({ broker }: Config, logger: Logger): Presence {
  if (broker.kind === 'memory') return new MemoryPresence()
  const onFault = (err: unknown): void => logger.warn({ err }, 'presence has a fault')
  const store = openRedis(broker, { name: 'hongyan-presence', commandTimeoutMs: PRESENCE_TIMEOUT_MS, onFault })
  return new RedisPresence({ store, clock: systemClock, random: systemRandom })
}

/** Keys and scripts on the Redis that the configuration names, or on its cluster. */
function openRedis(
  broker: Exclude<Config['broker'], { readonly kind: 'memory' }>,
  link: Pick<RedisLinkOptions, 'name' | 'commandTimeoutMs' | 'onFault'>,
): RedisLink | RedisClusterStore {
  const options = { ...link, connectTimeoutMs: REDIS_CONNECT_MS, clock: systemClock, random: systemRandom }
  return broker.kind === 'redis'
    ? new RedisLink({ ...options, url: broker.url.reveal() })
    : new RedisClusterStore({ ...options, urls: revealAll(broker.urls) })
}

function revealAll([first, ...others]: readonly [Secret, ...Secret[]]): readonly [string, ...string[]] {
  return [first.reveal(), ...others.map((secret) => secret.reveal())]
}

function openSharedUse({ broker }: Config, logger: Logger): SharedUse {
  if (broker.kind === 'memory') return new MemorySharedUse(systemClock)
  const onFault = (err: unknown): void => logger.warn({ err }, 'the exchange of rates has a fault')
  return new RedisSharedUse({
    store: openRedis(broker, { name: 'hongyan-rates', commandTimeoutMs: RATES_TIMEOUT_MS, onFault }),
  })
}

/** Where files are kept. `stallMs`: how long a store may be silent. */
export function openBlobs({ media }: Pick<Config, 'media'>, limits: { readonly stallMs?: number } = {}): Blobs {
  const common = { random: systemRandom, clock: systemClock, ...limits }
  if (media.blobs.kind === 'disk') return new DiskBlobs({ root: media.dir, ...common })
  const { secretKey, ...options } = media.blobs
  return new S3Blobs({ ...options, secretKey: secretKey.reveal(), draftDir: join(media.dir, 'incoming'), ...common })
}

function webPageOptions({ sdkAppId, webPage, demo }: Config, keys: KeyRing): WebPageOptions {
  const sign = (userId: string): string =>
    signTlsUserSig(keys, { userId, sdkAppId, issuedAtMs: systemClock.now(), lifetimeS: DEMO_SIG_LIFETIME_S })
  return {
    sdkAppId,
    files: webPage === 'on' ? webFiles() : undefined,
    demo: demo === 'on' ? { users: DEMO_PEOPLE, sign } : undefined,
  }
}

/** Where the page and the SDK are built to. */
export function webFiles(): { readonly pageDir: string; readonly sdkDir: string } {
  return { pageDir: fromHere('../../web-demo/dist'), sdkDir: fromHere('../../client-sdk/dist') }
}

/** The same place from `src` and from `dist`: both lie one folder below the package. */
function fromHere(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
