import { RedisLink } from '../broker/redis-link.ts'
import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import { ok, problem, warning, type Symptom } from './finding.ts'
import { explainNoRedis } from './redis-refusal.ts'

export interface RedisCheckDeps {
  readonly clock: Clock
  readonly random: Random
}

const CONNECT_WITHIN_MS = 3_000
const COMMAND_WITHIN_MS = 2_000
const MIN_MAJOR = 7
const PINGS = 10
const SLOW_MS = 10
const MEMORY_NEARLY_FULL = 0.9
/** Each node listens under a name of its own below this. */
const NODE_CHANNELS = 'hongyan:{*}node:*'

/** Whether Redis can be reached, carries payloads, and which nodes it joins. */
export async function checkRedis(url: string, deps: RedisCheckDeps, signal: AbortSignal): Promise<readonly Symptom[]> {
  const faults: unknown[] = []
  const open = (name: string): RedisLink =>
    new RedisLink({
      url,
      name,
      commandTimeoutMs: COMMAND_WITHIN_MS,
      connectTimeoutMs: CONNECT_WITHIN_MS,
      ...deps,
      onFault: (err) => faults.push(err),
    })
  const links = [open('hongyan-doctor'), open('hongyan-doctor-listener')] as const
  const end = (): void => links.forEach((link) => link.end())
  signal.addEventListener('abort', end)
  try {
    const place = new URL(url).host
    if (!(await isUpInTime(links, faults, deps.clock))) return [explainNoRedis(faults[0], place)]
    return [
      ...(await examine(links[0], place, deps.clock)),
      await listenToOneself(links, deps),
      await countNodes(links[0]),
    ]
  } catch (err) {
    return [explainNoRedis(faults[0] ?? err, new URL(url).host)]
  } finally {
    end()
  }
}

/** True when all links are up; false at the first fault, or after the deadline. */
async function isUpInTime(links: readonly RedisLink[], faults: readonly unknown[], clock: Clock): Promise<boolean> {
  const untilMs = clock.monotonicMs() + CONNECT_WITHIN_MS
  while (clock.monotonicMs() < untilMs && faults.length === 0) {
    if (links.every((link) => link.isUp())) return true
    await pause(20, clock)
  }
  return false
}

async function examine({ redis }: RedisLink, place: string, clock: Clock): Promise<readonly Symptom[]> {
  const info = infoOf(await redis.info())
  const version = info.get('valkey_version') ?? info.get('redis_version') ?? '0'
  const name = `${info.has('valkey_version') ? 'Valkey' : 'Redis'} ${version}`
  const found: Symptom[] = [
    Number.parseInt(version, 10) >= MIN_MAJOR
      ? ok(`${place}:${name}`, `${place}: ${name}`)
      : problem(
          { zh: `${name} 太旧`, en: `${name} is too old` },
          { zh: '需要 Redis 或 Valkey 7 以上。', en: 'Redis or Valkey 7 or newer is needed.' },
        ),
    await judgeLatency(redis, clock),
  ]
  if (info.get('role') !== 'master') {
    found.push(
      problem(
        { zh: '这是从库', en: 'it is a replica' },
        { zh: '让 REDIS_URL 指向主库。', en: 'Let REDIS_URL name the primary.' },
      ),
    )
  }
  const [used, limit] = [Number(info.get('used_memory') ?? 0), Number(info.get('maxmemory') ?? 0)]
  if (limit > 0 && used > MEMORY_NEARLY_FULL * limit) {
    found.push(
      warning(
        {
          zh: `内存已用 ${Math.round((100 * used) / limit)}%`,
          en: `${Math.round((100 * used) / limit)} % of its memory is used`,
        },
        { zh: '调大 maxmemory,或不要与其他程序共用。', en: 'Raise maxmemory, or do not share it with other programs.' },
      ),
    )
  }
  if (info.get('cluster_enabled') === '1') found.push(judgeCluster(infoOf(await redis.cluster('INFO'))))
  return found
}

async function judgeLatency(redis: RedisLink['redis'], clock: Clock): Promise<Symptom> {
  const tookMs: number[] = []
  for (let ping = 0; ping < PINGS; ping++) {
    const startedMs = clock.monotonicMs()
    await redis.ping()
    tookMs.push(clock.monotonicMs() - startedMs)
  }
  const median = tookMs.sort((a, b) => a - b)[PINGS / 2] ?? 0
  const shown = median.toFixed(1)
  return median < SLOW_MS
    ? ok(`往返 ${shown} 毫秒`, `a round trip takes ${shown} ms`)
    : warning(
        { zh: `往返 ${shown} 毫秒,偏慢`, en: `a round trip takes ${shown} ms, which is slow` },
        {
          zh: '它决定跨节点消息的延迟:让 Redis 与服务器在同一机房。',
          en: 'Messages between nodes wait for it: keep Redis near the servers.',
        },
      )
}

function judgeCluster(info: ReadonlyMap<string, string>): Symptom {
  const state = info.get('cluster_state') ?? 'unknown'
  const nodes = info.get('cluster_known_nodes') ?? '?'
  return state === 'ok'
    ? ok(`集群正常,${nodes} 个节点`, `the cluster is whole, ${nodes} nodes`)
    : problem(
        { zh: `集群状态为 ${state}`, en: `the cluster is in state ${state}` },
        {
          zh: '用 redis-cli --cluster check 查看哪些槽无人负责。',
          en: 'redis-cli --cluster check tells which slots nobody serves.',
        },
      )
}

/** What the broker lives on: a payload that is published comes back. */
async function listenToOneself(
  [speaker, listener]: readonly [RedisLink, RedisLink],
  { clock, random }: RedisCheckDeps,
): Promise<Symptom> {
  const channel = `hongyan:doctor:${random.id()}`
  const heard = new Promise<boolean>((resolve) => {
    listener.redis.on('message', (from: string) => from === channel && resolve(true))
    clock.after(COMMAND_WITHIN_MS, () => resolve(false))
  })
  await listener.redis.subscribe(channel)
  await speaker.redis.publish(channel, 'echo')
  return (await heard)
    ? ok('发布/订阅正常', 'what is published comes back')
    : problem(
        { zh: '发布的消息收不到', en: 'what is published does not come back' },
        {
          zh: '检查 ACL 是否允许频道 hongyan:*,以及中间的代理是否支持发布/订阅。',
          en: 'Check that the ACL allows channels hongyan:*, and that a proxy in between passes pub/sub.',
        },
      )
}

async function countNodes({ redis }: RedisLink): Promise<Symptom> {
  const [plain, sharded] = await Promise.all([
    redis.call('PUBSUB', 'CHANNELS', NODE_CHANNELS),
    redis.call('PUBSUB', 'SHARDCHANNELS', NODE_CHANNELS).catch(() => []),
  ])
  const names = [plain, sharded].flatMap((list) => (Array.isArray(list) ? list.map(String) : []))
  const count = new Set(names).size
  return ok(`${count} 个节点正连接着它`, `${count} nodes are connected to it`)
}

function infoOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const [, key, value] = /^([a-z0-9_]+):(.*)$/.exec(line) ?? []
      return key === undefined || value === undefined ? [] : [[key, value] as const]
    }),
  )
}

function pause(delayMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.after(delayMs, resolve))
}
