import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connect, DatabaseUnavailable, type Db } from '../src/db/db.ts'
import { migrate } from '../src/db/migrate.ts'
import { readMigrations } from '../src/db/migrations.ts'
import { StartRefused } from '../src/db/start-refused.ts'
import { assertFitToServe } from '../src/db/startup-checks.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/embedded/embedded-postgres.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { createDatabase, type TestDatabase } from './kit/postgres.ts'
import { until } from './kit/until.ts'

let database: TestDatabase
let pools: Db[] = []

beforeAll(async () => {
  database = await createDatabase()
})
afterAll(() => database.drop())
afterEach(async () => {
  await Promise.all(pools.map((db) => db.close()))
  pools = []
})

function open(options: { url?: string } = {}): Db {
  const db = connect({
    url: options.url ?? database.url,
    name: 'start test',
    size: 2,
    statementDeadlineMs: 3_000,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
  pools.push(db)
  return db
}

describe('migrations', () => {
  let folder: string
  let empty: Db
  let emptyUrl: URL

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hongyan-migrations-'))
    mkdirSync(join(folder, 'meta'))
    await withAdmin(database.url, (lane) => lane.run('CREATE DATABASE migrate_me'))
    emptyUrl = new URL(database.url)
    emptyUrl.pathname = '/migrate_me'
  })
  afterAll(async () => {
    await withAdmin(database.url, (lane) => lane.run('DROP DATABASE migrate_me WITH (FORCE)'))
    rmSync(folder, { recursive: true })
  })

  function write(...migrations: readonly string[]): ReturnType<typeof readMigrations> {
    const entries = migrations.map((_, idx) => ({
      idx,
      tag: `000${idx}_m`,
      version: '7',
      when: idx,
      breakpoints: true,
    }))
    writeFileSync(join(folder, 'meta', '_journal.json'), JSON.stringify({ entries }))
    for (const [idx, text] of migrations.entries()) writeFileSync(join(folder, `000${idx}_m.sql`), text)
    return readMigrations(folder)
  }

  test('are applied once each and in order, also by two nodes that start together', async () => {
    const first = write('CREATE TABLE a (x int);\n--> statement-breakpoint\nINSERT INTO a VALUES (1);')
    empty = open({ url: emptyUrl.href })
    const other = open({ url: emptyUrl.href })
    const applied = await Promise.all([migrate(empty, first), migrate(other, first)])
    expect(applied.flat()).toEqual(['0000_m'])
    const second = write(
      'CREATE TABLE a (x int);\n--> statement-breakpoint\nINSERT INTO a VALUES (1);',
      'INSERT INTO a VALUES (2);',
    )
    expect(await migrate(empty, second)).toEqual(['0001_m'])
    expect(await migrate(empty, second)).toEqual([])
    expect(await empty.query('SELECT x FROM a ORDER BY x')).toEqual([{ x: 1 }, { x: 2 }])
  })

  test('one that fails leaves nothing behind', async () => {
    empty = open({ url: emptyUrl.href })
    const known = readMigrations(folder)
    const broken = [...known, { tag: '0002_m', hash: 'h', statements: ['CREATE TABLE b (x int)', 'SELECT 1 / 0'] }]
    await expect(migrate(empty, broken)).rejects.toMatchObject({ code: '22012' })
    expect(await empty.query(`SELECT to_regclass('b') AS b`)).toEqual([{ b: null }])
  })

  test('one whose connection is lost in the middle leaves nothing behind, and can be applied afterwards', async () => {
    empty = open({ url: emptyUrl.href })
    const known = readMigrations(folder)
    const killed = { tag: '0002_m', hash: 'h', statements: ['CREATE TABLE c (x int)', 'SELECT pg_sleep(30)'] }
    const migrating = migrate(empty, [...known, killed])
    migrating.catch(() => {})
    await withAdmin(database.url, (lane) =>
      until('the migration is under way, and is ended', async () => {
        const { rows } = await lane.run(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()`,
        )
        return rows.length > 0
      }),
    )
    await expect(migrating).rejects.toMatchObject({ name: 'DatabaseUnavailable' })
    expect(await empty.query(`SELECT to_regclass('c') AS c`)).toEqual([{ c: null }])
    expect(await migrate(empty, known)).toEqual([])
    const mended = { ...killed, statements: ['CREATE TABLE c (x int)'] }
    expect(await migrate(empty, [...known, mended])).toEqual(['0002_m'])
    await withAdmin(emptyUrl.href, (lane) => lane.run(`DELETE FROM migration WHERE tag = '0002_m'`))
  })

  test('a database that is newer than the program is refused', async () => {
    empty = open({ url: emptyUrl.href })
    const [older] = readMigrations(folder)
    await expect(migrate(empty, older ? [older] : [])).rejects.toThrow(StartRefused)
    await expect(migrate(empty, older ? [older] : [])).rejects.toThrow(
      'newer than this program (it has migration 0001_m)',
    )
  })

  test('a migration that was changed after its release is refused', async () => {
    empty = open({ url: emptyUrl.href })
    const changed = readMigrations(folder).map((migration) => ({ ...migration, hash: 'other' }))
    await expect(migrate(empty, changed)).rejects.toThrow(/0000_m differs/)
  })
})

describe('a PostgreSQL that serves', () => {
  test('is durable', async () => {
    await assertFitToServe(open())
  })

  test.each(['off', 'local'])('is refused with synchronous_commit = %s', async (setting) => {
    const { pathname } = new URL(database.url)
    const name = pathname.slice(1)
    await withAdmin(database.url, (lane) => lane.run(`ALTER DATABASE ${name} SET synchronous_commit = ${setting}`))
    try {
      await expect(assertFitToServe(open())).rejects.toThrow(StartRefused)
      await expect(assertFitToServe(open())).rejects.toThrow(`synchronous_commit = ${setting}`)
    } finally {
      await withAdmin(database.url, (lane) => lane.run(`ALTER DATABASE ${name} RESET synchronous_commit`))
    }
  })

  test('is refused in another encoding', async () => {
    await withAdmin(database.url, (lane) =>
      lane.run(`CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc`),
    )
    const url = new URL(database.url)
    url.pathname = '/latin'
    try {
      await expect(assertFitToServe(open({ url: url.href }))).rejects.toThrow('encoded in LATIN1')
    } finally {
      await withAdmin(database.url, (lane) => lane.run('DROP DATABASE latin WITH (FORCE)'))
    }
  })
})

describe('a PostgreSQL of another kind', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hongyan-start-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function whileRunning(
    settings: Readonly<Record<string, string>>,
    work: (postgres: EmbeddedPostgres) => Promise<void>,
  ): Promise<void> {
    const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: silentLogger(), settings })
    try {
      await work(postgres)
    } finally {
      await postgres.stop()
    }
  }

  test.each(['fsync', 'full_page_writes'])('is refused with %s = off', async (setting) => {
    await whileRunning({ [setting]: 'off' }, async ({ url }) => {
      await expect(assertFitToServe(open({ url }))).rejects.toThrow(StartRefused)
      await expect(assertFitToServe(open({ url }))).rejects.toThrow(`${setting} = off`)
    })
  })

  test('gets no connection as a standby: what it says may be out of date', async () => {
    const dataDir = join(folder, 'postgres')
    let url = ''
    await whileRunning({}, async (postgres) => {
      url = postgres.url
      await assertFitToServe(open({ url }))
    })
    writeFileSync(join(dataDir, 'standby.signal'), '')
    chmodSync(join(dataDir, 'standby.signal'), 0o644)
    // It never gets ready to write, which the start waits for.
    const abort = new AbortController()
    const starting = startEmbeddedPostgres({ dataDir, log: silentLogger(), signal: abort.signal })
    const started = starting.then(
      () => 'started',
      () => 'not started',
    )
    const db = open({ url })
    await until('the standby answers', async () => {
      const err: unknown = await db.query('SELECT 1').catch((reason: unknown) => reason)
      return err instanceof DatabaseUnavailable && err.message === 'the PostgreSQL that answers is a standby'
    })
    abort.abort()
    expect(await started).toBe('not started')
  })
})
