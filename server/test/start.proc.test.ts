import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createDatabase } from './kit/postgres.ts'
import {
  buildServer,
  isAlive,
  postmasterOf,
  spawnServer,
  startServer,
  type ServerProcess,
} from './kit/server-process.ts'
import { until } from './kit/until.ts'
import { connect } from '../src/db/db.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import { createModule } from '../../client-sdk/src/tim/module.ts'
import { nodePlatform } from '../../client-sdk/src/platform/node.ts'

let dataDir: string
let started: ServerProcess[]

beforeAll(() => buildServer())
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'hongyan-start-'))
  started = []
})
afterEach(async () => {
  for (const server of started) server.kill('SIGTERM')
  await Promise.all(started.map((server) => server.ended))
  rmSync(dataDir, { recursive: true, force: true })
})

async function start(env: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServer({ dataDir, env })
  started.push(server)
  return server
}

/** Runs a start that must fail; its exit code and what it printed. */
async function failingStart(env: Record<string, string>, dir = dataDir) {
  const server = spawnServer({ dataDir: dir, env })
  started.push(server)
  return { code: await server.ended, output: server.output() }
}

async function demoLogin(endpoint: string, userID: string) {
  const answer = await fetch(`${endpoint}/im/usersig?userID=${userID}`)
  const { sdkAppID, userSig } = (await answer.json()) as { sdkAppID: number; userSig: string }
  const chat = createModule(nodePlatform()).create({ SDKAppID: sdkAppID, endpoint })
  if (!chat) throw new Error('no instance')
  await chat.login({ userID, userSig })
  return chat
}

/** Says it, and looks for it: then every pool of the database has been in use when the server ends. */
async function say(endpoint: string, from: string, to: string, text: string): Promise<void> {
  const chat = await demoLogin(endpoint, from)
  const message = chat.createTextMessage({ to, conversationType: 'C2C', payload: { text } })
  await chat.sendMessage(message)
  expect((await chat.searchCloudMessages({ keywordList: [text] })).data.totalCount).toBe(1)
  await chat.destroy()
}

async function historyOf(endpoint: string, me: string, peer: string): Promise<readonly unknown[]> {
  const chat = await demoLogin(endpoint, me)
  const { data } = await chat.getMessageList({ conversationID: `C2C${peer}` })
  await chat.destroy()
  return data.messageList.map(({ payload }) => payload['text'])
}

describe('a start with nothing else installed', () => {
  test('says where it is and who may come; the second start keeps the data and the key', async () => {
    const first = await start({ DEMO: 'on' })
    expect(first.output()).toContain('t_2001 王老师')
    expect(first.output()).toContain('npm run usersig')
    await say(first.endpoint, 't_2001', 'p_1001', '第一次启动')
    const secret = readFileSync(join(dataDir, 'secretkey'), 'utf8')
    expect(statSync(join(dataDir, 'secretkey')).mode & 0o777).toBe(0o600)
    first.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    expect(postmasterOf(dataDir)).toBeUndefined()
    const second = await start({ DEMO: 'on' })
    expect(await historyOf(second.endpoint, 'p_1001', 't_2001')).toEqual(['第一次启动'])
    expect(readFileSync(join(dataDir, 'secretkey'), 'utf8')).toBe(secret)
  })

  test('recovers after everything was killed', async () => {
    const first = await start({ DEMO: 'on' })
    await say(first.endpoint, 't_2001', 'p_1001', 'before the kill')
    const postmaster = postmasterOf(dataDir)
    first.kill('SIGKILL')
    if (postmaster !== undefined) process.kill(postmaster, 'SIGKILL')
    await first.ended
    const second = await start({ DEMO: 'on' })
    expect(await historyOf(second.endpoint, 'p_1001', 't_2001')).toEqual(['before the kill'])
  })

  test('recovers after the gateway alone was killed and its PostgreSQL lives on', async () => {
    const first = await start({ DEMO: 'on' })
    await say(first.endpoint, 't_2001', 'p_1001', 'orphan')
    first.kill('SIGKILL')
    await first.ended
    const second = await start({ DEMO: 'on' })
    expect(await historyOf(second.endpoint, 'p_1001', 't_2001')).toEqual(['orphan'])
  })

  test.each([30, 200, 500, 900])(
    'a stop %i ms into the start leaves nothing behind and breaks nothing',
    async (delayMs) => {
      const server = spawnServer({ dataDir, env: { DEMO: 'on' } })
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      server.kill('SIGINT')
      // Before the handler stands, the signal itself ends the process.
      expect([0, null]).toContain(await server.ended)
      const pid = postmasterOf(dataDir)
      await until('PostgreSQL is gone', () => pid === undefined || !isAlive(pid))
      const second = await start({ DEMO: 'on' })
      expect(second.endpoint).toContain('http://')
    },
  )

  test('DEMO off: nobody to be, and no signatures', async () => {
    const server = await start()
    expect((await fetch(`${server.endpoint}/im/usersig?userID=x`)).status).toBe(404)
    expect(await (await fetch(`${server.endpoint}/im/about`)).json()).toMatchObject({ demoUsers: [] })
    expect(await (await fetch(`${server.endpoint}/readyz`)).json()).toMatchObject({ status: 'ready' })
  })

  test('users of a file are there, with their names', async () => {
    const file = join(dataDir, 'users.json')
    writeFileSync(file, JSON.stringify([{ userID: 'p_9', nick: '小红爸爸' }]))
    const server = await start({ DEMO: 'on', USERS_FILE: file })
    const chat = await demoLogin(server.endpoint, 't_2001')
    const { data } = await chat.getUserProfile({ userIDList: ['p_9', 'nobody'] })
    expect(data.map(({ userID, nick }) => ({ userID, nick }))).toEqual([{ userID: 'p_9', nick: '小红爸爸' }])
    await chat.destroy()
  })
})

describe('a start that cannot be says why in one line and ends with 1', () => {
  test('the port is taken', async () => {
    const blocker = createServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    const address = blocker.address()
    const port = String(typeof address === 'object' && address ? address.port : 0)
    const { code, output } = await failingStart({ PORT: port })
    blocker.close()
    expect(code).toBe(1)
    expect(output).toMatch(new RegExp(`^hongyan: port ${port} is taken .*\n$`))
    expect(postmasterOf(dataDir)).toBeUndefined()
  })

  test('the data directory is in use', async () => {
    await start()
    const { code, output } = await failingStart({})
    expect(code).toBe(1)
    expect(output).toMatch(/^hongyan: .*(use|another).*\n$/)
  })

  test('the database cannot be reached', async () => {
    const { code, output } = await failingStart({ DATABASE_URL: 'postgres://x:y@127.0.0.1:9/z' })
    expect(code).toBe(1)
    expect(output).toMatch(/^hongyan: the database cannot be reached: .*ECONNREFUSED/m)
  })

  test('the database is newer than the program', async () => {
    const database = await createDatabase()
    const db = connect({
      url: database.url,
      name: 'test',
      size: 1,
      statementDeadlineMs: 3_000,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger(),
    })
    await db.transaction((tx) => tx.query(`INSERT INTO migration (tag, hash) VALUES ('9999_future', 'x')`))
    await db.close()
    const { code, output } = await failingStart({ DATABASE_URL: database.url })
    await database.drop()
    expect(code).toBe(1)
    expect(output).toContain('newer than this program')
  })

  test('several settings are wrong: all of them at once', async () => {
    const { code, output } = await failingStart({ PORT: 'abc', SDKAPPID: '-1', LOG_LEVEL: 'loud' })
    expect(code).toBe(1)
    expect(output.trim().split('\n')).toHaveLength(3)
    for (const name of ['PORT', 'SDKAPPID', 'LOG_LEVEL']) expect(output).toContain(name)
  })
})
