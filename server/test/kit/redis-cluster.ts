import { randomBytes } from 'node:crypto'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { ended, findRedisServer, freePort, launch } from './redis.ts'

const SLOTS = 16_384
const READY_DEADLINE_MS = 20_000
/** After this a master is taken for dead and its replica takes its place. */
const NODE_TIMEOUT_MS = 1_000

/** One server process of a cluster. */
export interface ClusterNode {
  readonly id: string
  readonly port: number
  readonly url: string
  /** Resolves when the signal has had its effect: after SIGKILL the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Starts it again with what it knew of the cluster, without any data. */
  restart(): Promise<void>
  /** Asks this server itself. */
  ask(...args: [string, ...string[]]): Promise<unknown>
}

/** A real Redis Cluster on loopback: masters with equal shares of the slots, then their replicas in the same order. */
export interface RedisCluster {
  readonly nodes: readonly ClusterNode[]
  /** As REDIS_URL takes them. */
  readonly urls: readonly string[]
  /** Resolves when every server that runs says that all is well. */
  settled(): Promise<void>
  /** Moves one slot, with the keys in it, as redis-cli does it. */
  moveSlot(slot: number, from: ClusterNode, to: ClusterNode): Promise<void>
  stop(): Promise<void>
}

export interface RedisClusterOptions {
  readonly masters?: number
  readonly replicasEach?: number
}

interface Place {
  readonly id: string
  readonly port: number
  readonly busPort: number
  readonly masterId: string | undefined
  readonly firstSlot: number
  readonly lastSlot: number
}

/** Undefined, and said so on the console, where there is no redis-server. */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster | undefined> {
  const program = await findRedisServer()
  if (program === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'hongyan-cluster-'))
  const places = await choosePlaces(options.masters ?? 3, options.replicasEach ?? 0)
  const nodes = await Promise.all(places.map((place) => startNode(program, folder, place, places)))
  const cluster: RedisCluster = {
    nodes,
    urls: nodes.map(({ url }) => url),
    settled: () => allSettled(nodes),
    moveSlot,
    async stop() {
      await Promise.all(nodes.map((node) => node.end()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
  try {
    await cluster.settled()
    return cluster
  } catch (err) {
    await cluster.stop()
    throw err
  }
}

async function choosePlaces(masters: number, replicasEach: number): Promise<readonly Place[]> {
  const count = masters * (1 + replicasEach)
  const ports = await Promise.all(Array.from({ length: 2 * count }, freePort))
  const ids = Array.from({ length: count }, () => randomBytes(20).toString('hex'))
  return ids.map((id, i) => {
    const share = i % masters
    return {
      id,
      port: ports[2 * i] ?? 0,
      busPort: ports[2 * i + 1] ?? 0,
      masterId: i < masters ? undefined : ids[share],
      firstSlot: Math.ceil((share * SLOTS) / masters),
      lastSlot: Math.ceil(((share + 1) * SLOTS) / masters) - 1,
    }
  })
}

interface OwnNode extends ClusterNode {
  end(): Promise<void>
}

async function startNode(program: string, folder: string, place: Place, all: readonly Place[]): Promise<OwnNode> {
  const { id, port, busPort } = place
  const file = join(folder, `nodes-${port}.conf`)
  // Each server is told whom it would have met: joined at once, without a second of gossip.
  writeFileSync(file, knowledgeOf(place, all))
  const settings = ['--cluster-enabled', 'yes', '--cluster-config-file', file, '--cluster-port', String(busPort)]
  settings.push('--cluster-node-timeout', String(NODE_TIMEOUT_MS), '--repl-diskless-sync-delay', '0')
  let child: ChildProcess = await launch(program, folder, port, settings)
  const killOnExit = (): unknown => child.kill('SIGKILL')
  process.once('exit', killOnExit)
  const url = `redis://127.0.0.1:${port}`
  return {
    id,
    port,
    url,
    async kill(signal) {
      child.kill(signal)
      if (signal === 'SIGKILL' || signal === 'SIGTERM') await ended(child)
    },
    async restart() {
      child = await launch(program, folder, port, settings)
    },
    ask: (...args) => ask(url, ...args),
    async end() {
      process.off('exit', killOnExit)
      child.kill('SIGKILL')
      await ended(child)
    },
  }
}

function knowledgeOf(self: Place, all: readonly Place[]): string {
  const lines = all.map((place, i) => {
    const role = place.masterId === undefined ? 'master -' : `slave ${place.masterId}`
    const flags = place === self ? `myself,${role}` : role
    const slots = place.masterId === undefined ? ` ${place.firstSlot}-${place.lastSlot}` : ''
    return `${place.id} 127.0.0.1:${place.port}@${place.busPort} ${flags} 0 0 ${i + 1} connected${slots}\n`
  })
  return `${lines.join('')}vars currentEpoch ${all.length} lastVoteEpoch 0\n`
}

async function ask(url: string, ...args: [string, ...string[]]): Promise<unknown> {
  const admin = new Redis(url, { lazyConnect: true, retryStrategy: null, commandTimeout: 2_000 })
  admin.on('error', () => {})
  try {
    await admin.connect()
    return await admin.call(...args)
  } finally {
    admin.disconnect()
  }
}

async function allSettled(nodes: readonly ClusterNode[]): Promise<void> {
  const deadline = performance.now() + READY_DEADLINE_MS
  for (const node of nodes) {
    for (;;) {
      const info = await node.ask('cluster', 'info').catch(() => '')
      if (String(info).includes('cluster_state:ok')) break
      if (performance.now() > deadline) throw new Error(`the cluster did not come up:\n${String(info)}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

async function moveSlot(slot: number, from: ClusterNode, to: ClusterNode): Promise<void> {
  await to.ask('cluster', 'setslot', String(slot), 'importing', from.id)
  await from.ask('cluster', 'setslot', String(slot), 'migrating', to.id)
  for (;;) {
    const keys = await from.ask('cluster', 'getkeysinslot', String(slot), '100')
    if (!Array.isArray(keys) || keys.length === 0) break
    await from.ask('migrate', '127.0.0.1', String(to.port), '', '0', '2000', 'keys', ...keys.map(String))
  }
  await to.ask('cluster', 'setslot', String(slot), 'node', to.id)
  await from.ask('cluster', 'setslot', String(slot), 'node', to.id)
}
