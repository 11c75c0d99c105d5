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

export const SECRET = '0123456789abcdef'.repeat(4)
export const SDK_APP_ID = 1400000000

/** One or more nodes of this process on a database of their own. */
export interface World {
  readonly nodes: readonly Node[]
  readonly databaseUrl: string
  /** Where uploaded files are, unless a setting says otherwise. */
  readonly mediaDir: string
  /** The endpoint of a node, for the SDK. */
  endpoint(index?: number): string
  /** A userSig that is good for an hour. */
  userSig(userId: string): string
  stop(): Promise<void>
}

export interface WorldOptions {
  readonly nodes?: number
  /** Further settings, as in the environment. */
  readonly env?: Environment
  /** Replaces the memory broker that joins the nodes. */
  readonly brokerOf?: (index: number) => Broker
}

const keys = createKeyRing([SECRET])

/** Signs as the school's back end would. */
export function userSigOf(userId: string): string {
  return signTlsUserSig(keys, { userId, sdkAppId: SDK_APP_ID, issuedAtMs: Date.now(), lifetimeS: 3600 })
}

/** Starts real nodes, on real sockets, with the settings a test needs. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
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
    ...options.env,
  }
  const nodes: Node[] = []
  for (let index = 0; index < (options.nodes ?? 1); index++) {
    const foundations = openFoundations(envToConfig(env), database.url, silentLogger())
    // With Redis the nodes have nothing in common but it and the database, as on several machines.
    const broker =
      options.brokerOf?.(index) ??
      (env['REDIS_URL'] === undefined ? new MemoryBroker({ bus, onFault: () => {} }) : foundations.broker)
    nodes.push(await startNode({ ...foundations, broker }))
  }
  return {
    nodes,
    databaseUrl: database.url,
    mediaDir,
    endpoint: (index = 0) => `http://127.0.0.1:${nodes[index]?.port ?? 0}`,
    userSig: userSigOf,
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()))
      await database.drop()
      rmSync(mediaDir, { recursive: true, force: true })
    },
  }
}
