import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL, fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Db } from '../src/db/db.ts'
import { migrate } from '../src/db/migrate.ts'
import { problemsOf } from '../src/db/migration-rules.ts'
import { MIGRATIONS_DIR, readMigrations } from '../src/db/migrations.ts'
import { openDb } from './kit/backup-stage.ts'
import { Device } from './kit/device.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { until } from './kit/until.ts'
import { startWorld, type World } from './kit/world.ts'

const ROWS = 300_000

let world: World
let db: Db
let folder: string

beforeAll(async () => {
  world = await startWorld()
  db = openDb(world.databaseUrl)
  folder = mkdtempSync(join(tmpdir(), 'hongyan-migrate-'))
  cpSync(MIGRATIONS_DIR, folder, { recursive: true })
  await withAdmin(world.databaseUrl, async (lane) => {
    await lane.run(`INSERT INTO timeline (id, last_offset, last_seq) VALUES ('c:group:old', ${ROWS}, ${ROWS})`)
    await lane.run(
      `INSERT INTO message (timeline_key, seq, "offset", sender_key, client_msg_id, fingerprint, sent_at_ms, countable, flags, body)
       SELECT (SELECT key FROM timeline WHERE id = 'c:group:old'), n, n, 1, 'old' || n, 0, n, n, 0, '{"elements":[]}'
         FROM generate_series(1, ${ROWS}) AS n`,
    )
  })
})
afterAll(async () => {
  await db.close()
  await world.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** One more migration in the folder; all of them, as a program would read them. */
function plant(tag: string, text: string): ReturnType<typeof readMigrations> {
  const path = join(folder, 'meta', '_journal.json')
  const journal = JSON.parse(readFileSync(path, 'utf8')) as { entries: { idx: number; tag: string }[] }
  journal.entries.push({ idx: journal.entries.length, tag })
  writeFileSync(path, JSON.stringify(journal))
  writeFileSync(join(folder, `${tag}.sql`), text)
  return readMigrations(folder)
}

/** Sends one message after the other; what failed, and how many went. */
class Talker {
  readonly failures: unknown[] = []
  sent = 0
  #isTalking = true
  readonly #talking: Promise<void>

  constructor(device: Device) {
    this.#talking = this.#talk(device)
  }

  async stop(): Promise<void> {
    this.#isTalking = false
    await this.#talking
  }

  async #talk(device: Device): Promise<void> {
    while (this.#isTalking) {
      await device.say('bob', `${this.sent}`).catch((err: unknown) => this.failures.push(err))
      this.sent++
    }
  }
}

async function whileTalking(work: () => Promise<void>): Promise<void> {
  const alice = await Device.login(world, 'alice')
  const talker = new Talker(alice)
  try {
    await work()
    const before = talker.sent
    await until('it goes on', () => talker.sent > before + 5)
  } finally {
    await talker.stop()
    await alice.leave()
  }
  expect(talker.failures).toEqual([])
}

function startRunner(): ChildProcess {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const runner = fileURLToPath(new URL('kit/migrate-runner.ts', import.meta.url))
  return spawn(process.execPath, ['--conditions=source', '--import', tsx, runner, world.databaseUrl, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function indexIs(name: string, isValid: boolean): Promise<boolean> {
  const rows = await db.query<{ isValid: boolean }>(
    'SELECT indisvalid AS "isValid" FROM pg_index WHERE indexrelid = to_regclass($1)',
    [name],
  )
  return rows[0]?.isValid === isValid
}

describe('while messages are sent', () => {
  test('an index is built on a table of 300,000 rows, is killed in the middle, and is built when it is run again', async () => {
    const text =
      '-- hongyan: aside\nCREATE INDEX CONCURRENTLY "message_by_time" ON "message" USING btree ("sent_at_ms","seq");'
    const migrations = plant('9000_index', text)
    expect(migrations.flatMap(problemsOf)).toEqual([])
    await whileTalking(async () => {
      // A transaction that is older than the index holds its building up, for as long as is needed to kill it.
      await withAdmin(world.databaseUrl, async (lane) => {
        await lane.run('BEGIN')
        await lane.run(`INSERT INTO message_extension VALUES (1, 1, 'k', 'v')`)
        await lane.run(`UPDATE message SET version = version WHERE client_msg_id = 'old1'`)
        const runner = startRunner()
        const ended = new Promise((resolve) => runner.once('exit', resolve))
        await until('the index is there and of no use', () => indexIs('message_by_time', false), 30_000)
        runner.kill('SIGKILL')
        await ended
        // PostgreSQL notices the death of whom it works for when it has something to say to him; here it dies with him.
        await lane.run(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%CREATE INDEX CONCURRENTLY%' AND datname = current_database() AND pid <> pg_backend_pid()`,
        )
        await until('its lock is free', async () => {
          const { rows } = await lane.run(
            `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
          )
          return rows.length === 0
        })
        await lane.run('ROLLBACK')
      })
      expect(await indexIs('message_by_time', false)).toBe(true)
      expect(await migrate(db, migrations)).toEqual(['9000_index'])
      expect(await indexIs('message_by_time', true)).toBe(true)
      expect(await migrate(db, migrations)).toEqual([])
    })
  }, 90_000)

  test('one that was built though nobody could note it is not built again', async () => {
    await withAdmin(world.databaseUrl, (lane) => lane.run(`DELETE FROM migration WHERE tag = '9000_index'`))
    const before = await db.query(`SELECT 'message_by_time'::regclass::oid AS oid`)
    expect(await migrate(db, readMigrations(folder))).toEqual(['9000_index'])
    expect(await db.query(`SELECT 'message_by_time'::regclass::oid AS oid`)).toEqual(before)
  })

  test('a change of a table that somebody reads for long waits for him, and nobody waits for it', async () => {
    const other = openDb(world.databaseUrl)
    const migrations = plant('9001_column', '-- hongyan: online\nALTER TABLE "message" ADD COLUMN "extra" bigint;')
    await whileTalking(async () => {
      await withAdmin(world.databaseUrl, async (lane) => {
        await lane.run('BEGIN')
        await lane.run('SELECT count(*) FROM message')
        const migrating = migrate(other, migrations)
        let [tries, wasWaiting] = [0, false]
        await until(
          'it has let the others pass twice',
          async () => {
            const waiting = await db.query(
              `SELECT 1 FROM pg_stat_activity WHERE query LIKE '%ADD COLUMN "extra"%' AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()`,
            )
            if (wasWaiting && waiting.length === 0) tries++
            wasWaiting = waiting.length > 0
            return tries >= 2
          },
          30_000,
        )
        await lane.run('COMMIT')
        expect(await migrating).toEqual(['9001_column'])
      })
    })
    await other.close()
  }, 60_000)
})
