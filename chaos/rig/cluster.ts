import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../server/src/embedded/embedded-postgres.ts'
import type { Lane } from '../../server/src/db/lane.ts'
import { silentLogger } from '../../server/src/kit/logger.ts'
import { FaultProxy } from '../../server/test/kit/fault-proxy.ts'
import { processesOf, signalAll } from '../../server/test/kit/processes.ts'
import { startRedis, type RedisServer } from '../../server/test/kit/redis.ts'
import { freePort, postmasterOf } from '../../server/test/kit/server-process.ts'
import { withAdmin } from '../../server/test/kit/admin-connection.ts'
import { Gateway } from './gateway.ts'
import { pause, until } from './waiting.ts'

const GATEWAYS = 3
const SOCKET_NAME = '.s.PGSQL.5432'
const POSTGRES_SETTINGS = { max_connections: '120' }
const HEALTH_EVERY_MS = 300

/** `three`: three gateways on one PostgreSQL and one Redis. `one`: the default of `npm start`, with everything in itself. */
export type Topology = 'three' | 'one'

export interface ClusterOptions {
  readonly folder: string
  readonly topology: Topology
  readonly onIncident: (what: string) => void
  /** Where PostgreSQL's data are to lie; in the folder by default. */
  readonly postgresDir?: string
  /** Settings of PostgreSQL that differ from the server's own. */
  readonly settings?: Readonly<Record<string, string>>
}

/** One PostgreSQL, one Redis, three gateways, and a proxy on every way between them: all real, all on loopback. */
export class Cluster {
  readonly folder: string
  readonly gateways: Gateway[] = []
  readonly databaseWays: FaultProxy[] = []
  readonly redisWays: FaultProxy[] = []
  readonly postgresDir: string
  readonly #options: ClusterOptions
  #postgres: EmbeddedPostgres | undefined
  #redis: RedisServer | undefined
  #isWatching = false
  #stopped = new Set<number>()

  constructor(options: ClusterOptions) {
    this.#options = options
    this.folder = options.folder
    this.postgresDir = options.postgresDir ?? join(options.folder, 'postgres')
  }

  async start(): Promise<void> {
    if (this.#options.topology === 'three') return this.#startThree()
    const gateway = await this.#makeGateway(0, {})
    await gateway.start()
  }

  async #startThree(): Promise<void> {
    // A Redis that somebody else gave us is not ours to hurt.
    delete process.env['REDIS_URL']
    await this.startPostgres()
    this.#redis = await startRedis()
    if (this.#redis === undefined) throw new Error('there is no redis-server here, and it could not be installed')
    const redisPort = Number(new URL(this.#redis.url).port)
    mkdirSync(this.mediaDir, { recursive: true })
    for (let index = 0; index < GATEWAYS; index++) {
      const database = await FaultProxy.start({ path: join(this.postgresDir, SOCKET_NAME) })
      const redis = await FaultProxy.start({ port: redisPort })
      this.databaseWays.push(database)
      this.redisWays.push(redis)
      const gateway = await this.#makeGateway(index, {
        DATABASE_URL: database.inFrontOf(this.databaseUrl),
        REDIS_URL: redis.inFrontOf(this.#redis.url),
        MEDIA_DIR: this.mediaDir,
      })
      // The first brings the database up to date.
      await gateway.start()
    }
  }

  async #makeGateway(index: number, env: Readonly<Record<string, string>>): Promise<Gateway> {
    const { folder, onIncident: onUnaskedEnd } = this.#options
    const gateway = await Gateway.make({ index, port: await freePort(), folder, env, onUnaskedEnd })
    this.gateways.push(gateway)
    return gateway
  }

  get postgres(): EmbeddedPostgres {
    if (this.#postgres === undefined) throw new Error('PostgreSQL is not running')
    return this.#postgres
  }

  get redis(): Required<RedisServer> {
    const redis = this.#redis
    if (!redis?.pid || !redis.kill || !redis.restart) throw new Error('Redis is not ours')
    const { url, pid, kill, restart } = redis
    return { url, pid, kill, restart, stop: () => redis.stop() }
  }

  /** Of all gateways. */
  get mediaDir(): string {
    return join(this.folder, 'media')
  }

  get databaseUrl(): string {
    if (this.#options.topology === 'three') return this.postgres.url
    const folder = join(this.gateway(0).dataDir, 'postgres')
    const password = readFileSync(join(folder, 'hongyan.password'), 'utf8').trim()
    return `postgres://hongyan:${password}@localhost/hongyan?host=${encodeURIComponent(folder)}`
  }

  /** The postmaster that runs now; undefined while there is none. */
  get postmaster(): number | undefined {
    if (this.#options.topology === 'three') return this.postgres.pid
    return postmasterOf(this.gateway(0).dataDir)
  }

  gateway(index: number): Gateway {
    const found = this.gateways[index]
    if (found === undefined) throw new Error(`there is no gateway ${index}`)
    return found
  }

  get ways(): readonly FaultProxy[] {
    return [...this.databaseWays, ...this.redisWays, ...this.gateways.map(({ front }) => front)]
  }

  /** Past all proxies. */
  ask<T>(work: (lane: Lane) => Promise<T>): Promise<T> {
    return withAdmin(this.databaseUrl, work)
  }

  async startPostgres(): Promise<void> {
    const settings = { ...POSTGRES_SETTINGS, ...this.#options.settings }
    this.#postgres = await startEmbeddedPostgres({ dataDir: this.postgresDir, log: silentLogger(), settings })
  }

  /** Resolves when it has accepted a question. */
  async untilPostgresAnswers(): Promise<void> {
    await until('PostgreSQL answers', async () => {
      try {
        await this.ask((lane) => lane.run('SELECT 1'))
        return true
      } catch {
        return false
      }
    })
  }

  /** Stops processes where they stand; `healAll` lets them go on. */
  freeze(pids: readonly number[]): void {
    for (const pid of pids) this.#stopped.add(pid)
    signalAll(pids, 'SIGSTOP')
  }

  thaw(): void {
    signalAll([...this.#stopped], 'SIGCONT')
    this.#stopped.clear()
  }

  postgresPids(): readonly number[] {
    return processesOf(this.postgres.pid)
  }

  /** Whatever a fault has left: everything runs and every way is open. */
  async healAll(): Promise<void> {
    this.thaw()
    for (const way of this.ways) way.heal()
    await Promise.all(this.gateways.filter(({ isRunning }) => !isRunning).map((gateway) => gateway.start()))
  }

  /** Tells which gateways a load balancer would choose, again and again; all when none is ready. */
  watch(onPorts: (ports: readonly number[]) => void): void {
    this.#isWatching = true
    const look = async (): Promise<void> => {
      const ready = await Promise.all(this.gateways.map((gateway) => gateway.isReady()))
      const good = this.gateways.filter((_, index) => ready[index])
      onPorts((good.length === 0 ? this.gateways : good).map(({ front }) => front.port))
    }
    void (async () => {
      while (this.#isWatching) {
        await look()
        await pause(HEALTH_EVERY_MS)
      }
    })()
  }

  async stop(): Promise<void> {
    this.#isWatching = false
    this.thaw()
    await Promise.all(this.gateways.map((gateway) => gateway.stop()))
    await this.#redis?.stop()
    await this.#postgres?.stop()
    await Promise.all([...this.databaseWays, ...this.redisWays].map((way) => way.stop()))
  }

  /** The last resort, when there is no time to wait. */
  endNow(): void {
    this.thaw()
    for (const gateway of this.gateways) gateway.endNow()
    try {
      if (this.#redis?.pid) process.kill(this.#redis.pid(), 'SIGKILL')
      const postmaster = this.postmaster
      if (postmaster !== undefined) process.kill(postmaster, 'SIGQUIT')
    } catch {
      // It has ended already.
    }
  }
}
