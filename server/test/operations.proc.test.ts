import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMMANDS, type CommandName } from '@hongyan/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseConnectionUrl } from '../src/db/connection-target.ts'
import type { ReadinessReport } from '../src/health/readiness.ts'
import { MAX_LINE_BYTES } from '../src/kit/log-line.ts'
import { FaultProxy } from './kit/fault-proxy.ts'
import { conversationOf, refusalOf } from './kit/pair.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { createDatabase, type TestDatabase } from './kit/postgres.ts'
import { startRedis, type RedisServer } from './kit/redis.ts'
import { buildServer, startServer, type ServerProcess } from './kit/server-process.ts'
import { until } from './kit/until.ts'
import { openingOf, WireClient } from './kit/wire-client.ts'
import { SDK_APP_ID, SECRET } from './kit/world.ts'

// A real server process on stores that can be hurt: what it says of itself, and what it must not say.

/** In every input that is somebody's: a phone, a name, words, a file. Found anywhere in the log it is a leak. */
const CANARY = 'Zq7canary'

let folder: string
let database: TestDatabase
let redis: RedisServer | undefined
let postgres: FaultProxy
let server: ServerProcess

beforeAll(async () => {
  buildServer()
  folder = mkdtempSync(join(tmpdir(), 'hongyan-operations-'))
  database = await createDatabase()
  redis = await startRedis()
  postgres = await FaultProxy.start(parseConnectionUrl(database.url).address)
  server = await startServer({
    dataDir: join(folder, 'data'),
    env: {
      LOG_LEVEL: 'trace',
      SDKAPPID: String(SDK_APP_ID),
      SECRETKEY: SECRET,
      DATABASE_URL: postgres.inFrontOf(database.url),
      ...(redis ? { REDIS_URL: redis.url } : {}),
      WEB_PAGE: 'off',
      DRAIN_SECONDS: '20',
      STATEMENT_DEADLINE_MS: '1000',
    },
  })
})
afterAll(async () => {
  server.kill('SIGKILL')
  await server.ended
  await postgres.stop()
  await redis?.stop()
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

const CALLERS = 1_000

/** What the kernel lets wait at most; some have 128. */
function kernelBacklog(): number {
  try {
    return Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'))
  } catch {
    return 0
  }
}

/** The log's lines so far; what the welcome prints besides begins with no brace. */
function logLines(): readonly string[] {
  return server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
}

/** Fills every place of a body that takes a text with a canary of its own. */
function canaries(depth = 2): Record<string, unknown> {
  const names = [
    'conversationId',
    'clientMsgId',
    'userId',
    'groupId',
    'name',
    'nick',
    'text',
    'reason',
    'keyword',
    'fileId',
  ]
  const body: Record<string, unknown> = Object.fromEntries(names.map((name) => [name, `${CANARY} ${name}`]))
  if (depth > 0) body['elements'] = [{ type: 'text', ...canaries(depth - 1) }]
  return body
}

describe('the log of a server at its most talkative', () => {
  test('[S-L1][S-L2] holds nothing of what people say, sign or search, and every line is one object', async () => {
    const anna = await WireClient.open(server.endpoint, 'anna')
    const bert = await WireClient.open(server.endpoint, 'bert')
    await bert.request('sync.snapshot', {})
    const conversationId = conversationOf('anna', 'bert')
    let sent = 0
    const say = (text: string) =>
      anna.request('message.send', {
        conversationId,
        clientMsgId: `c${++sent}`,
        customData: `${CANARY} custom`,
        elements: [{ type: 'text', text }],
      })
    const { seq } = await say(`${CANARY} 13800138000 明天下午三点家长会`)
    await anna
      .request('message.modify', {
        conversationId,
        seq,
        version: 0,
        elements: [{ type: 'text', text: `${CANARY} anew` }],
      })
      .catch(() => {})
    await anna.request('message.revoke', { conversationId, seq, reason: `${CANARY} why` }).catch(() => {})
    await refusalOf(
      anna.request('profile.update', { nick: `${CANARY} nick`, details: { selfSignature: CANARY } }),
    ).catch(() => {})
    await refusalOf(anna.request('search.messages', { keywords: [`${CANARY} words`] })).catch(() => {})
    await refusalOf(anna.request('search.users', { keywords: [CANARY] })).catch(() => {})
    await refusalOf(
      anna.request('group.create', { type: 'work', name: `${CANARY} class`, notice: CANARY, requestId: 'r1' }),
    ).catch(() => {})
    // Every command with canaries wherever it looks.
    for (const command of Object.keys(COMMANDS) as CommandName[]) {
      if (command !== 'session.close') await refusalOf(bert.request(command, canaries())).catch(() => {})
    }
    await refusalOf(bert.request(`${CANARY}.command` as never, {}))
    // Nonsense, and signatures that are not right.
    for (const text of [`${CANARY} no json`, `{"type":"${CANARY}"}`, '{"type":"request","id":1}', `\u0000${CANARY}`]) {
      const stranger = await WireClient.connect(server.endpoint)
      stranger.sendText(text)
      await stranger.closed
    }
    for (const userSig of [
      `eJx${CANARY}AbCdEfGhIjKlMnOpQrStUvWxYz`,
      `eyJhbGciOiJIUzI1NiJ9.${CANARY}.${CANARY}`,
      CANARY,
    ]) {
      const stranger = await WireClient.connect(server.endpoint)
      await refusalOf(stranger.request('session.open', openingOf('anna', { userSig, instanceId: CANARY })))
      await stranger.closed
    }
    await fetch(`${server.endpoint}/im/media/${CANARY}?t=${CANARY}`)
    await fetch(`${server.endpoint}/im/upload/${CANARY}?t=${CANARY}`, { method: 'PUT', body: CANARY })
    await fetch(`${server.endpoint}/im/usersig?userID=${CANARY}`)
    // The stores fail under it: a statement that cannot work, a connection that is cut, no answer at all.
    await withAdmin(database.url, (lane) => lane.run('ALTER TABLE reaction RENAME TO reaction_gone'))
    const reaction = { conversationId, seq: (await say('hello')).seq, reactionId: `${CANARY}r` }
    expect(await refusalOf(anna.request('reaction.add', reaction))).toBe('INTERNAL')
    await withAdmin(database.url, (lane) => lane.run('ALTER TABLE reaction_gone RENAME TO reaction'))
    postgres.set({ kind: 'reset' })
    expect(await refusalOf(say(`${CANARY} lost`))).toBe('BUSY')
    postgres.set({ kind: 'blackHole', directions: ['toClient'] })
    expect(await refusalOf(say(`${CANARY} unheard`))).toBe('BUSY')
    postgres.heal()
    await until('it serves again', async () => (await refusalOf(say('again'))) === 'nothing')

    const errors = [...anna.frames, ...bert.frames].filter(({ type }) => type === 'error')
    expect(errors.length).toBeGreaterThan(20)
    expect(JSON.stringify(errors)).not.toContain(CANARY)
    const metrics = await (await fetch(`${server.endpoint}/metrics`)).text()
    const everything = server.output() + metrics
    for (const secret of [CANARY, '13800138000', '家长会', SECRET, parseConnectionUrl(database.url).password]) {
      expect(everything).not.toContain(secret)
    }
    const lines = logLines()
    expect(lines.length).toBeGreaterThan(50)
    for (const line of lines) {
      expect(Buffer.byteLength(line) + 1).toBeLessThanOrEqual(MAX_LINE_BYTES)
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), time: expect.any(String) })
    }
    const said = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    // It did say what it must: who was refused what, by which request, and what failed.
    expect(said).toContainEqual(
      expect.objectContaining({
        level: 'error',
        msg: 'a command failed',
        user: 'anna',
        command: 'reaction.add',
        session: expect.any(String),
        request: expect.any(Number),
      }),
    )
    expect(said).toContainEqual(expect.objectContaining({ level: 'debug', msg: 'a session was opened', user: 'bert' }))
    expect(said).toContainEqual(
      expect.objectContaining({ msg: 'a request was refused', name: 'BAD_REQUEST', user: 'bert' }),
    )
    expect(said).toContainEqual(expect.objectContaining({ level: 'warn', msg: 'no connection to PostgreSQL' }))
    anna.close()
    bert.close()
  })
})

describe('/readyz', () => {
  async function ready(): Promise<ReadinessReport & { readonly code: number }> {
    const answer = await fetch(`${server.endpoint}/readyz`)
    return { ...((await answer.json()) as ReadinessReport), code: answer.status }
  }

  test('names the part that is not ready, in time, and is ready again when it is', async () => {
    await until('all is well', async () => (await ready()).status === 'ready')
    postgres.set({ kind: 'blackHole', directions: ['toServer', 'toClient'] })
    const away = await until('the database is missed', async () => {
      const report = await ready()
      return report.code === 503 ? report : undefined
    })
    expect(away.parts['database']).toMatchObject({ status: 'failed', why: expect.any(String) })
    expect(away.parts['draining']).toEqual({ status: 'ok' })
    expect(JSON.stringify(away)).not.toMatch(/postgres:|127\.0\.0\.1|password/)
    postgres.heal()
    await until('all is well again', async () => (await ready()).status === 'ready', 20_000)
  })

  test('without Redis the node serves on, only slower', async ({ skip }) => {
    if (!redis?.kill || !redis.restart) return skip()
    await redis.kill('SIGKILL')
    const degraded = await until('Redis is missed', async () => {
      const report = await ready()
      return report.status === 'degraded' ? report : undefined
    })
    expect(degraded.code).toBe(200)
    expect(degraded.parts['broker']).toMatchObject({ status: 'degraded' })
    await redis.restart()
    await until('Redis is back', async () => (await ready()).status === 'ready', 20_000)
  })

  test('[F-22] after the process stood still for some seconds it takes no new traffic for a while', async () => {
    server.kill('SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    server.kill('SIGCONT')
    const stalled = await until('the stall is noticed', async () => {
      const report = await ready()
      return report.parts['eventLoop']?.status === 'failed' ? report : undefined
    })
    expect(stalled.code).toBe(503)
    expect(stalled.parts['eventLoop']).toMatchObject({ why: expect.stringMatching(/stood still for \d+ ms/) })
  })

  test.skipIf(kernelBacklog() <= CALLERS)(
    'a crowd that comes while the gateway is busy waits at its door',
    async () => {
      const { hostname, port } = new URL(server.endpoint)
      server.kill('SIGSTOP')
      const callers: Socket[] = []
      try {
        let waiting = 0
        for (let index = 0; index < CALLERS; index++) {
          callers.push(connect(Number(port), hostname, () => waiting++).on('error', () => {}))
        }
        await until('all wait', () => waiting === CALLERS)
      } finally {
        server.kill('SIGCONT')
        for (const caller of callers) caller.destroy()
      }
    },
  )

  test('while the node drains it says so, and lives', async () => {
    // So many that they are sent away in three parts, a second after each other.
    const clients = await Promise.all(Array.from({ length: 110 }, () => WireClient.connect(server.endpoint)))
    server.kill('SIGTERM')
    const draining = await until('it drains', async () => {
      const report = await ready()
      return report.parts['draining']?.status === 'failed' ? report : undefined
    })
    expect(draining.code).toBe(503)
    expect((await fetch(`${server.endpoint}/healthz`)).status).toBe(200)
    expect(new Set(await Promise.all(clients.map(({ closed }) => closed)))).toEqual(new Set([4000]))
    expect(await server.ended).toBe(0)
  })
})
