import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { envToConfig, type Environment } from '../../src/config/config.ts'
import { createKeyRing } from '../../src/auth/key-ring.ts'
import { signTlsUserSig } from '../../src/auth/tls-user-sig.ts'
import type { Broker } from '../../src/broker/broker.ts'
import { MemoryBroker, MemoryBus } from '../../src/broker/memory-broker.ts'
import { silentLogger } from '../../src/kit/logger.ts'
import { startNode, type Node } from '../../src/node.ts'
import { openFoundations } from '../../src/foundations.ts'
import { createDatabase } from './postgres.ts'
import { startRedis } from './redis.ts'

export const SECRET = '0123456789abcdef'.repeat(4)
export const SDK_APP_ID = 1400000000

/** One or more nodes of this process on a database of their own. */
export interface World {
  readonly nodes: readonly Node[]
  readonly databaseUrl: string
  /** Where uploaded files are, unless a setting says otherwise. */
  readonly mediaDir: string
  /** The endpoint of a node, for the SDK; without an index of the first, or of the next one where NODES says how many. */
  endpoint(index?: number): string
  /** A userSig that is good for an hour. */
  userSig(userId: string): string
  stop(): Promise<void>
}

export interface WorldOptions {
  /**
   * How many nodes there are, for a test that is about them. Without it, as many as NODES in the environment says, or one:
   * so the stories that any number of nodes should tell in the same way are told with several, joined by a Redis.
   */
  readonly nodes?: number
  /** Further settings, as in the environment. */
  readonly env?: Environment
  /** Replaces the memory broker that joins the nodes. */
  readonly brokerOf?: (index: number) => Broker
}

/** In how many nodes a world consists that does not say. */
const NODES = Number(process.env['NODES'] ?? 1)

const keys = createKeyRing([SECRET])

/** Signs as the school's back end would. */
export function userSigOf(userId: string): string {
  return signTlsUserSig(keys, { userId, sdkAppId: SDK_APP_ID, issuedAtMs: Date.now(), lifetimeS: 3600 })
}

/** Starts real nodes, on real sockets, with the settings a test needs. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const isSpread = options.nodes === undefined && NODES > 1
  const redis = isSpread && options.env?.['REDIS_URL'] === undefined ? await startRedis() : undefined
  const database = await createDatabase()
  const bus = new MemoryBus()
  const mediaDir = mkdtempSync(join(tmpdir(), 'hongyan-media-'))
  const env: Environment = {
    HOST: '127.0.0.1',
    PORT: '0',
    SDKAPPID: String(SDK_APP_ID),
    SECRETKEY: SECRET,
    DATABASE_URL: database.url,
    MEDIA_DIR: mediaDir,
    INSTANCES_PER_DEVICE: '5',
    DRAIN_SECONDS: '0',
    WEB_PAGE: 'off',
    SENDS_PER_SECOND_PER_USER: '100000',
    ...(redis && { REDIS_URL: redis.url }),
    GROUPS_FOUNDED_PER_HOUR_PER_USER: '100000',
    ...options.env,
  }
  const nodes: Node[] = []
  for (let index = 0; index < (options.nodes ?? NODES); index++) {
    const foundations = openFoundations(envToConfig(env), database.url, silentLogger())
    // With Redis the nodes have nothing in common but it and the database, as on several machines.
    const broker =
      options.brokerOf?.(index) ??
      (env['REDIS_URL'] === undefined ? new MemoryBroker({ bus, onFault: () => {} }) : foundations.broker)
    nodes.push(await startNode({ ...foundations, broker }))
  }
  let next = 0
  const defaultIndex = (): number => (isSpread ? next++ % nodes.length : 0)
  return {
    nodes,
    databaseUrl: database.url,
    mediaDir,
    endpoint: (index = defaultIndex()) => `http://127.0.0.1:${nodes[index]?.port ?? 0}`,
    userSig: userSigOf,
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()))
      await redis?.stop()
      await database.drop()
      rmSync(mediaDir, { recursive: true, force: true })
    },
  }
}
