import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CLI_COMMANDS } from '../src/cli/index.ts'
import { runCommand } from '../src/cli/run-command.ts'
import type { Environment } from '../src/config/config.ts'
import { parseConnectionUrl } from '../src/db/connection-target.ts'
import { checkDatabase } from '../src/doctor/check-database.ts'
import type { Finding } from '../src/doctor/finding.ts'
import { systemClock } from '../src/kit/clock.ts'
import { FaultProxy } from './kit/fault-proxy.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { createDatabase, urlOfDatabase, type TestDatabase } from './kit/postgres.ts'
import { startRedis, type RedisServer } from './kit/redis.ts'
import { startS3Server } from './kit/s3-server.ts'
import { freePort } from './kit/server-process.ts'
import { until } from './kit/until.ts'
import { SECRET, startWorld } from './kit/world.ts'

// Each thing a server stands on is broken for real, and the doctor is asked.

let folder: string
let database: TestDatabase
let proxy: FaultProxy
let redis: RedisServer | undefined
const closings: (() => Promise<unknown> | void)[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hongyan-doctor-'))
  database = await createDatabase()
  proxy = await FaultProxy.start(parseConnectionUrl(database.url).address)
  redis = await startRedis()
})
afterAll(async () => {
  await proxy.stop()
  await database.drop()
  await redis?.stop()
  rmSync(folder, { recursive: true, force: true })
})
afterEach(async () => {
  proxy.heal()
  for (const close of closings.splice(0).reverse()) await close()
})

async function ask(env: Environment, ...args: readonly string[]) {
  const said = { out: '', err: '' }
  const environment = {
    PORT: '0',
    HOST: '127.0.0.1',
    WEB_PAGE: 'off',
    DATA_DIR: join(folder, 'data'),
    DATABASE_URL: database.url,
    SECRETKEY: SECRET,
    ...env,
  }
  const code = await runCommand(CLI_COMMANDS, ['doctor', ...args], {
    environment,
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
  })
  return { code, ...said }
}

/** What is not well in a check: `problem: …` or `warning: …`, in English, with what to do. */
async function complaints(check: string, env: Environment): Promise<readonly string[]> {
  const { out, err, code } = await ask(env, '--json')
  expect(err).toBe('')
  const findings = JSON.parse(out) as readonly Finding[]
  for (const { said, status, todo } of findings) {
    expect(said.zh).not.toBe(said.en.length > 30 ? said.en : '')
    expect(todo !== undefined, said.en).toBe(status !== 'ok')
  }
  // How long a round trip takes on a busy machine is nothing to fail for.
  const bad = findings.filter(
    (finding) => finding.check === check && finding.status !== 'ok' && !finding.said.en.includes('round trip'),
  )
  if (bad.some(({ status }) => status === 'problem')) expect(code).toBe(2)
  else if (bad.length > 0) expect(code).toBeGreaterThan(0)
  expect(out).not.toMatch(/hunter2|postgres:\/\//)
  return bad.map(({ status, said, todo }) => `${status}: ${said.en} -> ${todo?.en ?? ''}`)
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closings.push(() => new Promise((resolve) => server.close(resolve)))
  return (server.address() as AddressInfo).port
}

/** Accepts and never answers. */
async function silentPort(): Promise<number> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.resume()
  })
  const port = await listen(server)
  closings.push(() => sockets.forEach((socket) => socket.destroy()))
  return port
}

function withPassword(url: string, password: string): string {
  const changed = new URL(url)
  changed.password = password
  return changed.href
}

describe('when all is well', () => {
  test('nothing is complained about, in either language', async () => {
    const env = redis ? { REDIS_URL: redis.url, S3_ENDPOINT: '' } : {}
    expect(await complaints('database', env)).toEqual([])
    expect(await complaints('redis', env)).toEqual([])
    expect(await complaints('keys', env)).toEqual([])
    const { out } = await ask(env)
    expect(out).toMatch(/\[正常\] database {3}\S*PostgreSQL 18\./)
    expect((await ask(env, '--lang', 'en')).out).toContain('its tables are up to date')
    expect((await ask(env, '--lang', 'xx')).code).toBe(2)
  })

  test('a server that runs is recognised by its port, and asked how it is', async () => {
    const world = await startWorld(redis ? { env: { REDIS_URL: redis.url } } : {})
    closings.push(() => world.stop())
    const PORT = String(world.nodes[0]?.port)
    const env = { PORT, ...(redis ? { REDIS_URL: redis.url } : {}) }
    expect(await complaints('port', env)).toEqual([])
    const { out } = await ask(env, '--lang', 'en')
    expect(out).toContain(`the server runs on port ${PORT}, and is ready`)
    if (redis) expect(out).toMatch(/[1-9]\d* nodes are connected to it/)
    world.nodes[0]?.context.admission.drain()
    expect(await complaints('port', env)).toEqual([
      expect.stringMatching(/^problem: the running server: draining is not ready/),
    ])
  })
})

describe('a database', () => {
  const problems = (url: string): Promise<readonly string[]> => complaints('database', { DATABASE_URL: url })

  test('with another password', async () => {
    expect(await problems(withPassword(database.url, 'hunter2'))).toEqual([
      expect.stringMatching(/^problem: .*the password is wrong -> Correct the password in DATABASE_URL/),
    ])
  })

  test('on a dead port', async () => {
    expect(await problems(`postgres://u:hunter2@127.0.0.1:${await freePort()}/x`)).toEqual([
      expect.stringMatching(/^problem: 127\.0\.0\.1:\d+: nothing listens there -> Start PostgreSQL/),
    ])
  })

  test('that hangs up', async () => {
    proxy.set({ kind: 'reset' })
    expect(await problems(proxy.inFrontOf(database.url))).toEqual([expect.stringMatching(/^problem: .*cannot connect/)])
  })

  test('of another name, and on a host nobody knows', async () => {
    expect(await problems(urlOfDatabase(database.url, 'no_such'))).toEqual([
      expect.stringMatching(/^problem: .*there is no such database -> Make it/),
    ])
    expect(await problems('postgres://u:hunter2@no-such-host.invalid/x')).toEqual([
      expect.stringMatching(/^problem: no-such-host\.invalid:5432: the host name is not known/),
    ])
  })

  test('that offers no TLS where it is asked for', async () => {
    expect(await problems(`${proxy.inFrontOf(database.url)}?sslmode=require`)).toEqual([
      expect.stringMatching(/^problem: .*it offers no TLS/),
    ])
  })

  test('with an old schema, a newer one, and one that was changed', async () => {
    const own = await createDatabase()
    closings.push(() => own.drop())
    const run = (text: string) => withAdmin(own.url, (lane) => lane.run(text))
    await run(`INSERT INTO migration (tag, hash) VALUES ('9999_future', 'x')`)
    expect(await problems(own.url)).toEqual([
      expect.stringMatching(/^problem: the database is newer .*9999_future.* -> Update/),
    ])
    await run(`DELETE FROM migration WHERE tag IN (SELECT tag FROM migration ORDER BY tag DESC LIMIT 2)`)
    expect(await problems(own.url)).toEqual([expect.stringMatching(/^warning: its tables are 1 migrations behind/)])
    await run(`UPDATE migration SET hash = 'other' WHERE tag = (SELECT min(tag) FROM migration)`)
    expect((await problems(own.url))[0]).toMatch(/^problem: migration .* is not the one/)
    await run('DROP TABLE migration')
    expect((await problems(own.url))[0]).toMatch(/^warning: its tables are \d+ migrations behind/)
  })

  test('that would lose what it has confirmed', async () => {
    const name = new URL(database.url).pathname.slice(1)
    await withAdmin(database.url, (lane) => lane.run(`ALTER DATABASE ${name} SET synchronous_commit = off`))
    closings.push(() => withAdmin(database.url, (lane) => lane.run(`ALTER DATABASE ${name} RESET synchronous_commit`)))
    expect(await problems(database.url)).toEqual([
      expect.stringMatching(/^problem: synchronous_commit = off: a power cut loses/),
    ])
  })

  test('whose role may neither migrate nor write', async () => {
    const role = `limited_${process.pid}`
    await withAdmin(database.url, (lane) => lane.run(`CREATE ROLE ${role} LOGIN PASSWORD 'hunter2'`))
    closings.push(() =>
      withAdmin(database.url, (lane) => lane.run(`DROP OWNED BY ${role}`).then(() => lane.run(`DROP ROLE ${role}`))),
    )
    await withAdmin(database.url, (lane) => lane.run(`GRANT SELECT ON migration TO ${role}`))
    const url = new URL(withPassword(database.url, 'hunter2'))
    url.username = role
    const found = await problems(url.href)
    expect(found).toEqual([
      expect.stringMatching(/may not make tables: an upgrade cannot migrate/),
      expect.stringMatching(/may not read and write .*message/),
    ])
  })

  test('whose clock is another', async () => {
    const clock = { ...systemClock, now: () => systemClock.now() + 90_000 }
    const found = await checkDatabase(database.url, clock, new AbortController().signal)
    expect(found.map(({ said }) => said.en)).toContainEqual(
      expect.stringMatching(/its clock differs from ours by -(89|9\d)\.\d s/),
    )
  })

  test('with somebody who has held a lock for long', async () => {
    await withAdmin(database.url, async (holder) => {
      await holder.run('BEGIN')
      await holder.run('LOCK TABLE reaction IN ACCESS EXCLUSIVE MODE')
      await withAdmin(database.url, async (waiter) => {
        const waiting = waiter.run('SELECT count(*) FROM reaction').catch(() => {})
        const found = await until('it has waited for long', async () => {
          const complained = await problems(database.url)
          return complained.length > 0 ? complained : undefined
        })
        expect(found).toEqual([
          expect.stringMatching(/^warning: 1 statements have waited for a lock .* -> pg_blocking_pids/),
        ])
        await holder.run('ROLLBACK')
        await waiting
      })
    })
  })
})

describe('Redis', () => {
  const problems = (url: string): Promise<readonly string[]> => complaints('redis', { REDIS_URL: url })

  test('on a dead port', async () => {
    expect(await problems(`redis://:hunter2@127.0.0.1:${await freePort()}`)).toEqual([
      expect.stringMatching(
        /^problem: 127\.0\.0\.1:\d+: nothing listens there\. Messages still arrive, .* -> Start Redis/,
      ),
    ])
  })

  test('that is stopped in its tracks', async ({ skip }) => {
    if (!redis?.kill) return skip()
    await redis.kill('SIGSTOP')
    closings.push(() => redis?.kill?.('SIGCONT'))
    expect(await problems(redis.url)).toEqual([expect.stringMatching(/^problem: .*there is no answer/)])
  })

  test('with a password that is wrong, or missing, or where there is none', async ({ skip }) => {
    if (!redis?.kill) return skip()
    const { Redis } = await import('ioredis')
    const admin = new Redis(redis.url)
    closings.push(async () => {
      await admin.call('CONFIG', 'SET', 'requirepass', '')
      admin.disconnect()
    })
    await admin.call('CONFIG', 'SET', 'requirepass', 'right')
    expect(await problems(withPassword(redis.url, 'hunter2'))).toEqual([
      expect.stringMatching(/^problem: .*password is wrong/),
    ])
    expect(await problems(redis.url)).toEqual([expect.stringMatching(/^problem: .*it wants a password/)])
    expect(await problems(withPassword(redis.url, 'right'))).toEqual([])
  })

  test('that is no Redis at all', async () => {
    const port = await listen(createHttpServer((_request, response) => response.end('hello')))
    expect(await problems(`redis://127.0.0.1:${port}`)).toEqual([expect.stringMatching(/^problem: .*speaks no Redis/)])
  })
})

describe('files', () => {
  const problems = (env: Environment): Promise<readonly string[]> => complaints('files', env)

  test('in a folder that is read-only', async () => {
    // Nobody may make a folder there, not even the administrator.
    expect((await problems({ MEDIA_DIR: '/proc/hongyan' }))[0]).toMatch(
      /^problem: \/proc\/hongyan cannot be written to/,
    )
    const file = join(folder, 'file')
    writeFileSync(file, '')
    expect((await problems({ MEDIA_DIR: join(file, 'media') }))[0]).toMatch(
      /^problem: .*cannot be written to \(ENOTDIR\)/,
    )
  })

  test('in an S3 store: well, with another key, without the bucket, silent, and gone', async () => {
    const store = { bucket: 'school', region: 'us-east-1', accessKey: 'key', secretKey: 'hunter2hunter2' }
    const s3 = await startS3Server(store)
    closings.push(() => s3.stop())
    const env = {
      S3_ENDPOINT: s3.endpoint,
      S3_BUCKET: store.bucket,
      S3_ACCESS_KEY: store.accessKey,
      S3_SECRET_KEY: store.secretKey,
      MEDIA_DIR: join(folder, 'media'),
    }
    expect(await problems(env)).toEqual([])
    expect(s3.log).toContain('PUT 200')
    expect(s3.objects.size).toBe(0)
    expect(await problems({ ...env, S3_SECRET_KEY: 'wrong-wrong-wrong' })).toEqual([
      expect.stringMatching(/^problem: .*it refuses the key/),
    ])
    expect(await problems({ ...env, S3_ACCESS_KEY: 'another' })).toEqual([
      expect.stringMatching(/^problem: .*it refuses the key/),
    ])
    expect(await problems({ ...env, S3_BUCKET: 'another' })).toEqual([
      expect.stringMatching(/^problem: .*no such bucket/),
    ])
    expect(await problems({ ...env, S3_ENDPOINT: `http://127.0.0.1:${await freePort()}` })).toEqual([
      expect.stringMatching(/^problem: .*nothing listens there/),
    ])
  })
})

describe('keys and settings', () => {
  test('a key that others can read', async () => {
    const dataDir = join(folder, 'keys')
    mkdirSync(dataDir)
    writeFileSync(join(dataDir, 'secretkey'), 'ab'.repeat(32))
    chmodSync(join(dataDir, 'secretkey'), 0o644)
    const env = { SECRETKEY: '', DATA_DIR: dataDir }
    expect(await complaints('keys', env)).toEqual([
      expect.stringMatching(/^problem: the signing key .* can be read by others -> Run: chmod 600/),
    ])
    chmodSync(join(dataDir, 'secretkey'), 0o600)
    expect(await complaints('keys', env)).toEqual([])
  })

  test('several nodes with nothing in common', async () => {
    const env = { DATABASE_URL: '', SECRETKEY: '', REDIS_URL: `redis://127.0.0.1:${await freePort()}` }
    expect(await complaints('settings', env)).toEqual([
      expect.stringMatching(/^problem: REDIS_URL with an embedded database/),
      expect.stringMatching(/^warning: several nodes, and files are kept on a local disk/),
    ])
    expect(await complaints('keys', env)).toEqual([expect.stringMatching(/^warning: several nodes, and no SECRETKEY/)])
  })

  test('DEMO where it matters', async () => {
    expect(await complaints('settings', { DEMO: 'on' })).toEqual([expect.stringMatching(/^warning: DEMO=on/)])
    expect(await complaints('settings', { DEMO: 'on', HOST: '0.0.0.0' })).toEqual([
      expect.stringMatching(/^problem: DEMO=on/),
    ])
  })

  test('that are wrong: all of them, explained, and nothing else is tried', async () => {
    const { code, out } = await ask({ PORT: 'http', LOG_LEVEL: 'loud', SECRETKEY: 'hunter2' }, '--json')
    expect(code).toBe(2)
    const findings = JSON.parse(out) as readonly Finding[]
    expect(findings.map(({ said }) => said.en)).toEqual([
      expect.stringContaining('PORT must be'),
      expect.stringContaining('SECRETKEY must be'),
      expect.stringContaining('LOG_LEVEL must be'),
    ])
    expect(findings[0]?.todo?.zh).toContain('监听的 TCP 端口')
    expect(out).not.toContain('hunter2')
  })
})

describe('what hangs', () => {
  test('is waited for no longer than a moment, all at once, and each is explained', async () => {
    proxy.set({ kind: 'blackHole', directions: ['toServer', 'toClient'] })
    const silent = await silentPort()
    const startedMs = performance.now()
    const { out, code } = await ask(
      {
        DATABASE_URL: proxy.inFrontOf(database.url),
        REDIS_URL: `redis://127.0.0.1:${silent}`,
        S3_ENDPOINT: `http://127.0.0.1:${silent}`,
        S3_BUCKET: 'school',
        S3_ACCESS_KEY: 'key',
        S3_SECRET_KEY: 'hunter2hunter2',
        PORT: String(silent),
      },
      '--json',
    )
    expect(performance.now() - startedMs).toBeLessThan(20_000)
    expect(code).toBe(2)
    const said = (JSON.parse(out) as readonly Finding[])
      .filter(({ status }) => status === 'problem')
      .map(({ check, said: { en } }) => `${check} ${en}`)
    expect(said).toEqual([
      expect.stringMatching(/^database .*accepts the connection, and does not answer/),
      expect.stringMatching(/^redis .*there is no answer/),
      expect.stringMatching(/^files .*there is no answer/),
      expect.stringMatching(/^port .*does not answer/),
    ])
  })
})

describe('the port', () => {
  test('is free, or taken by another program', async () => {
    expect(await complaints('port', { PORT: String(await freePort()) })).toEqual([])
    const other = await listen(createHttpServer((_request, response) => response.end('hello')))
    expect(await complaints('port', { PORT: String(other) })).toEqual([
      expect.stringMatching(/taken by another program/),
    ])
  })
})
