import { execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { connect } from '../src/db/db.ts'
import { StartRefused } from '../src/db/start-refused.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/embedded/embedded-postgres.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import { makeStage, type Runner, type RunnerOptions, type Stage } from './kit/embedded-stage.ts'

const IS_ROOT = process.getuid?.() === 0
const NOBODY = 65_534
const PATIENCE = { timeout: 15_000, interval: 20 }
/** What Docker and Podman leave to root; the important one that is missing is sys_ptrace. */
const CONTAINER_RIGHTS = [
  '-all',
  '+chown',
  '+dac_override',
  '+fowner',
  '+fsetid',
  '+kill',
  '+setgid',
  '+setuid',
  '+setpcap',
  '+net_bind_service',
].join(',')
if (!IS_ROOT) console.warn('Not root: the tests of the embedded PostgreSQL under root are skipped.')

let stage: Stage
/** A data directory just made and stopped; most tests begin with a copy of it. */
let made = ''
let folder = ''
let dataDir = ''
let opened: EmbeddedPostgres[] = []
let runners: Runner[] = []

beforeAll(async () => {
  stage = await makeStage()
  made = join(mkdtempSync(join(tmpdir(), 'hongyan-embedded-')), 'postgres')
  await (await startEmbeddedPostgres({ dataDir: made, log: silentLogger() })).stop()
})
afterAll(() => {
  stage.remove()
  rmSync(dirname(made), { recursive: true, force: true })
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hongyan-embedded-'))
  dataDir = join(folder, 'postgres')
  opened = []
  runners = []
})
afterEach(async () => {
  await Promise.all(opened.map((server) => server.stop()))
  await Promise.all(runners.map((runner) => runner.stop()))
  for (const pid of processesBelow(dataDir)) process.kill(pid, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** With owners and modes, as a backup would. */
function useMade(): void {
  execFileSync('cp', ['-a', made, dataDir])
}

async function start(options: { readonly signal?: AbortSignal } = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, log: silentLogger(), ...options })
  opened.push(server)
  return server
}

function run(where: string = dataDir, options: RunnerOptions = {}): Runner {
  const runner = stage.startRunner(where, options)
  runners.push(runner)
  return runner
}

async function query<Row extends object>(url: string, ...statements: readonly string[]): Promise<readonly Row[]> {
  const logger = silentLogger()
  const options = {
    name: 'test',
    size: 1,
    statementDeadlineMs: 5_000,
    clock: systemClock,
    random: systemRandom,
    logger,
  }
  const db = connect({ url, ...options })
  try {
    return await db.transaction(async (tx) => {
      let rows: readonly Row[] = []
      for (const statement of statements) rows = await tx.query<Row>(statement)
      return rows
    })
  } finally {
    await db.close()
  }
}

/** Something that was confirmed, and must be there ever after. */
async function putWord(url: string): Promise<void> {
  await query(
    url,
    'CREATE TABLE IF NOT EXISTS word (text text NOT NULL)',
    'DELETE FROM word',
    "INSERT INTO word VALUES ('kept')",
  )
}

async function words(url: string): Promise<readonly string[]> {
  return (await query<{ text: string }>(url, 'SELECT text FROM word')).map(({ text }) => text)
}

/** The living processes that work in a folder or below, found without the help of the code under test. */
function processesBelow(where: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const cwd = readlinkSync(`/proc/${name}/cwd`)
        return cwd === where || cwd.startsWith(`${where}/`)
      } catch {
        return false
      }
    })
    .map(Number)
}

/** A dead one whose parent has not noticed yet is dead. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

describe('start and stop', () => {
  test('the data are there after a stop and another start, and nothing runs in between', async () => {
    useMade()
    const first = await start()
    await putWord(first.url)
    await first.stop()
    expect(processesBelow(dataDir)).toEqual([])
    const second = await start()
    expect(await words(second.url)).toEqual(['kept'])
  })

  test('it is durable, keeps every text, and stays on this machine', async () => {
    useMade()
    const { url } = await start()
    const names = [
      'fsync',
      'full_page_writes',
      'synchronous_commit',
      'server_encoding',
      'TimeZone',
      'jit',
      'listen_addresses',
    ]
    const list = names.map((name) => `'${name}'`).join(', ')
    const rows = await query<{ name: string; setting: string }>(
      url,
      `SELECT name, setting FROM pg_settings WHERE name IN (${list})`,
    )
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      server_encoding: 'UTF8',
      TimeZone: 'UTC',
      jit: 'off',
      listen_addresses: '',
    })
  })

  test('nobody comes in without the password', async () => {
    useMade()
    const { url } = await start()
    const wrong = new URL(url)
    wrong.password = 'guessed'
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow()
  })

  test('stopping twice is stopping once', async () => {
    useMade()
    const server = await start()
    await Promise.all([server.stop(), server.stop()])
    await server.stop()
    expect(processesBelow(dataDir)).toEqual([])
  })

  test('a data directory whose path is too long for a socket works', async () => {
    dataDir = join(folder, 'long'.repeat(20), 'longer'.repeat(20), 'postgres')
    mkdirSync(join(dataDir, '..'), { recursive: true })
    const first = await start()
    await putWord(first.url)
    await first.stop()
    expect(await words((await start()).url)).toEqual(['kept'])
  })

  test('an empty data directory made beforehand is used', async () => {
    mkdirSync(dataDir)
    const { url } = await start()
    await putWord(url)
    expect(await words(url)).toEqual(['kept'])
  })
})

describe('after a crash', () => {
  test('a postmaster that is killed is started again, with what it had confirmed', async () => {
    useMade()
    const server = await start()
    await putWord(server.url)
    const { pid } = server
    process.kill(pid, 'SIGKILL')
    await vi.waitFor(async () => expect(await words(server.url)).toEqual(['kept']), PATIENCE)
    expect(server.pid).not.toBe(pid)
  })

  test('… also while one of its back ends is too busy to notice', async () => {
    useMade()
    const server = await start()
    await putWord(server.url)
    const busy = await makeBusy(server.url)
    process.kill(server.pid, 'SIGKILL')
    await vi.waitFor(async () => expect(await words(server.url)).toEqual(['kept']), PATIENCE)
    await busy.over
  })

  /** A back end that computes does not look whether its postmaster lives. */
  async function makeBusy(url: string): Promise<{ readonly over: Promise<unknown> }> {
    const compute = 'SELECT count(*) FROM generate_series(1, 1000000000)'
    const over = query(url, 'SET LOCAL statement_timeout = 0', compute).catch(() => {})
    const findIt = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT count%' AND state = 'active'"
    await vi.waitFor(async () => expect(await query(url, findIt)).toHaveLength(1), PATIENCE)
    return { over }
  }

  test('everything killed at once: the next start recovers', async () => {
    useMade()
    const runner = run()
    const { url } = await runner.started()
    await putWord(url)
    await runner.kill()
    for (const pid of processesBelow(dataDir)) process.kill(pid, 'SIGKILL')
    expect(existsSync(join(dataDir, 'postmaster.pid'))).toBe(true)
    expect(await words((await start()).url)).toEqual(['kept'])
  })

  test('a PostgreSQL that outlived its server is stopped before a new one starts', async () => {
    useMade()
    const runner = run()
    const { url, pid } = await runner.started()
    await putWord(url)
    await runner.kill()
    expect(isAlive(pid)).toBe(true)
    const server = await start()
    expect(isAlive(pid)).toBe(false)
    expect(await words(server.url)).toEqual(['kept'])
  })

  test('back ends that outlived their postmaster are ended before a new one starts', async () => {
    useMade()
    const runner = run()
    const { url, pid } = await runner.started()
    await putWord(url)
    const busy = await makeBusy(url)
    await runner.kill()
    process.kill(pid, 'SIGKILL')
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), PATIENCE)
    expect(await words((await start()).url)).toEqual(['kept'])
    await busy.over
  })

  test('a process that has got the number of the killed postmaster is left alone', async () => {
    useMade()
    const first = await start()
    await putWord(first.url)
    await first.stop()
    // Of the same user: PostgreSQL would take it for its own.
    const user = IS_ROOT ? { uid: statSync(dataDir).uid } : {}
    const stranger = spawn('sleep', ['60'], { cwd: '/', stdio: 'ignore', ...user })
    try {
      writeFileSync(join(dataDir, 'postmaster.pid'), `${stranger.pid}\n${dataDir}\n1\n5432\n${dataDir}\n\n\n`)
      expect(await words((await start()).url)).toEqual(['kept'])
      expect(stranger.exitCode).toBeNull()
      expect(stranger.signalCode).toBeNull()
    } finally {
      stranger.kill('SIGKILL')
    }
  })

  test('a start that is aborted at any moment leaves nothing that hinders the next', async () => {
    for (const delayMs of [0, 10, 40, 100, 200, 300, 450, 600]) await abortedStart(delayMs)
    const first = await start()
    await putWord(first.url)
    await first.stop()
    for (const delayMs of [0, 10, 30, 60]) await abortedStart(delayMs)
    expect(await words((await start()).url)).toEqual(['kept'])
  })

  async function abortedStart(delayMs: number): Promise<void> {
    const begun = start({ signal: AbortSignal.timeout(delayMs) })
    // A fast machine may have started in the meantime.
    const server = await begun.catch((err: unknown) => {
      expect(err).toHaveProperty('name', 'TimeoutError')
    })
    await server?.stop()
    await vi.waitFor(() => expect(processesBelow(folder)).toEqual([]), PATIENCE)
    expect(readdirSync(folder).filter((name) => name !== 'postgres')).toEqual([])
  }

  test('a first start that is killed at any moment leaves nothing that hinders the next', async () => {
    for (const delayMs of [100, 250, 400]) {
      const runner = run()
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      await runner.kill()
    }
    const { url } = await start()
    await putWord(url)
    expect(await words(url)).toEqual(['kept'])
  })
})

describe('refusals', () => {
  test('a data directory that a living process uses is refused, and that process goes on', async () => {
    useMade()
    const runner = run()
    const { url, pid } = await runner.started()
    await expect(start()).rejects.toThrow(StartRefused)
    await expect(start()).rejects.toThrow(/in use by another Hongyan process/)
    await putWord(url)
    expect(isAlive(pid)).toBe(true)
  })

  test('of many that find a stale lock at the same time exactly one starts', async () => {
    useMade()
    const killed = run()
    await killed.started()
    await killed.kill()
    const contenders = Array.from({ length: 5 }, () => run())
    const news = await Promise.all(contenders.map((runner) => runner.next()))
    expect(news.filter(({ kind }) => kind === 'started')).toHaveLength(1)
    const refusal = { kind: 'refused', message: expect.stringContaining('in use by another Hongyan process') as string }
    for (const other of news.filter(({ kind }) => kind !== 'started')) expect(other).toMatchObject(refusal)
  })

  test('the data of another major version are refused and not touched', async () => {
    useMade()
    writeFileSync(join(dataDir, 'PG_VERSION'), '15\n')
    await expect(start()).rejects.toThrow(StartRefused)
    await expect(start()).rejects.toThrow(/made by PostgreSQL 15/)
    expect(readFileSync(join(dataDir, 'PG_VERSION'), 'utf8')).toBe('15\n')
  })

  test('a folder with other things in it is refused and not touched', async () => {
    mkdirSync(dataDir)
    writeFileSync(join(dataDir, 'diary'), 'mine')
    await expect(start()).rejects.toThrow(StartRefused)
    expect(readdirSync(dataDir)).toEqual(['diary'])
  })

  test('without the programs for this system it says that DATABASE_URL helps', async () => {
    const packages = join(stage.modules, '@embedded-postgres')
    renameSync(packages, `${packages}-away`)
    try {
      expect(await run().next()).toMatchObject({
        kind: 'refused',
        message: expect.stringContaining('set DATABASE_URL'),
      })
    } finally {
      renameSync(`${packages}-away`, packages)
    }
  })
})

describe('users', () => {
  test.runIf(IS_ROOT)(
    'an ordinary user runs it, although npm has made no links and the packages belong to root',
    async () => {
      const home = stage.makeFolder('ordinary', NOBODY)
      dataDir = join(home, 'data', 'postgres')
      const first = run(dataDir, { uid: NOBODY })
      await putWord((await first.started()).url)
      await first.stop()
      const second = run(dataDir, { uid: NOBODY })
      expect(await words((await second.started()).url)).toEqual(['kept'])
      expect(statSync(dataDir).uid).toBe(NOBODY)
    },
  )

  test.runIf(IS_ROOT)('an ordinary user is told that the data are not theirs', async () => {
    useMade()
    expect(await run(dataDir, { uid: 12_345 }).next()).toMatchObject({ kind: 'refused' })
  })
})

describe.runIf(IS_ROOT)('root, in a clone below a folder that only root may enter', () => {
  /** Where the programs were copied to, for the user that PostgreSQL runs as. */
  let copy = ''

  beforeAll(() => stage.close())
  afterAll(() => {
    if (copy.startsWith(stage.folder)) return
    rmSync(copy, { recursive: true, force: true })
    const cache = dirname(copy)
    if (copy !== '' && readdirSync(cache).length === 0) rmdirSync(cache)
  })

  test('it runs, its data lie where they belong, and no folder is opened to others', async () => {
    dataDir = join(stage.folder, 'data', 'postgres')
    const first = run(dataDir)
    const { url, pid } = await first.started()
    await putWord(url)
    copy = dirname(dirname(readlinkSync(`/proc/${pid}/exe`)))
    expect(copy.startsWith(stage.folder)).toBe(false)
    expect(statSync(copy)).toMatchObject({ uid: 0, mode: 0o40755 })
    expect(statSync(`/proc/${pid}`).uid).not.toBe(0)
    await first.stop()
    const second = run(dataDir)
    expect(await words((await second.started()).url)).toEqual(['kept'])
    expect(statSync(stage.folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(stage.folder, 'data')).uid).toBe(0)
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
  })

  test('it recovers there from a kill of everything, and from one of the server alone', async () => {
    dataDir = join(stage.folder, 'crashed', 'postgres')
    const first = run(dataDir)
    await putWord((await first.started()).url)
    await first.kill()
    const second = run(dataDir)
    expect(await words((await second.started()).url)).toEqual(['kept'])
    await second.kill()
    for (const pid of processesBelow(dataDir)) process.kill(pid, 'SIGKILL')
    const third = run(dataDir)
    expect(await words((await third.started()).url)).toEqual(['kept'])
  })

  test.runIf(existsSync('/usr/bin/setpriv'))(
    'it recovers with no more rights than root has in a container',
    async () => {
      const wrapper = ['/usr/bin/setpriv', `--bounding-set=${CONTAINER_RIGHTS}`, '--']
      dataDir = join(stage.folder, 'contained', 'postgres')
      const first = run(dataDir, { wrapper })
      const { url, pid } = await first.started()
      await putWord(url)
      await first.kill()
      expect(isAlive(pid)).toBe(true)
      const second = run(dataDir, { wrapper })
      expect(await words((await second.started()).url)).toEqual(['kept'])
      expect(isAlive(pid)).toBe(false)
    },
  )
})
