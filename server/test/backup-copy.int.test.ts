import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, StatementFailed, type Db } from '../src/db/db.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { createDatabase, type TestDatabase } from './kit/postgres.ts'

const DEADLINE = { deadlineMs: 20_000 }
const ROWS = 60_000

let database: TestDatabase
let db: Db

beforeAll(async () => {
  database = await createDatabase()
  db = connect({
    url: database.url,
    name: 'copy',
    size: 1,
    statementDeadlineMs: 3_000,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
  await db.session(async (session) => {
    await session.query('CREATE TABLE big (n bigint PRIMARY KEY, text text NOT NULL)')
    await session.query(`INSERT INTO big SELECT n, repeat('鸿雁' || n, 20) FROM generate_series(1, ${ROWS}) AS n`)
    await session.query('CREATE TABLE twin (LIKE big INCLUDING ALL)')
  }, DEADLINE)
})
afterAll(async () => {
  await db.close()
  await database.drop()
})

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0
  for await (const chunk of chunks) bytes += chunk.length
  return bytes
}

async function* of(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

describe('copying through a session', () => {
  test('a table read slowly and written elsewhere is the same', async () => {
    const other = connect({
      url: database.url,
      name: 'copy to',
      size: 1,
      statementDeadlineMs: 3_000,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger(),
    })
    await db.session(
      (from) =>
        other.session(
          (to) =>
            from.transaction((source) =>
              to.transaction((target) =>
                target.copyIn('COPY twin (n, text) FROM STDIN', source.copyOut('COPY big (n, text) TO STDOUT')),
              ),
            ),
          DEADLINE,
        ),
      DEADLINE,
    )
    await other.close()
    expect(
      await db.query(
        `SELECT count(*) AS rows, count(*) FILTER (WHERE b.text = t.text) AS same FROM twin t JOIN big b ON b.n = t.n`,
      ),
    ).toEqual([{ rows: ROWS, same: ROWS }])
  })

  test('statements before and after a copy are of the same transaction', async () => {
    await db.session(
      (session) =>
        session.transaction(async (tx) => {
          await tx.query('DELETE FROM twin WHERE n > 10')
          const bytes = await bytesOf(tx.copyOut('COPY (SELECT n FROM twin ORDER BY n) TO STDOUT'))
          expect(bytes).toBe('1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n'.length)
          await tx.copyIn('COPY twin (n, text) FROM STDIN', of('11\ta', '\n12\tb\n'))
          expect(await tx.query('SELECT count(*) AS n FROM twin')).toEqual([{ n: 12 }])
        }),
      DEADLINE,
    )
    expect(await db.query('SELECT count(*) AS n FROM twin')).toEqual([{ n: 12 }])
  })

  test.each([
    [
      'refused in the middle',
      ['13\ta\n', 'x\tb\n', ...Array.from({ length: 2_000 }, () => '14\tc\n'.repeat(500))],
      '22P02',
    ],
    ['refused at its very end', ['13\ta\n13\tb\n'], '23505'],
  ])('what is %s leaves nothing, and says why', async (_, texts, code) => {
    const failure: unknown = await db
      .session(
        (session) => session.transaction((tx) => tx.copyIn('COPY twin (n, text) FROM STDIN', of(...texts))),
        DEADLINE,
      )
      .catch((err: unknown) => err)
    expect(failure).toBeInstanceOf(StatementFailed)
    expect(failure).toMatchObject({ code })
    expect(await db.query('SELECT count(*) AS n FROM twin WHERE n > 12')).toEqual([{ n: 0 }])
  })

  test('a source that fails is told of as it is', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('13\ta\n')
      throw new RangeError('the file is cut')
    }
    const copying = db.session(
      (session) => session.transaction((tx) => tx.copyIn('COPY twin (n, text) FROM STDIN', broken())),
      DEADLINE,
    )
    await expect(copying).rejects.toThrow(new RangeError('the file is cut'))
    expect(await db.query('SELECT count(*) AS n FROM twin WHERE n > 12')).toEqual([{ n: 0 }])
  })

  test('a connection that is lost while a table is read rejects', async () => {
    const reading = db.session(
      (session) =>
        session.transaction(async (tx) => {
          const [own] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
          for await (const chunk of tx.copyOut('COPY (SELECT b.* FROM big b, generate_series(1, 20)) TO STDOUT')) {
            if (chunk.length === 0) continue
            await withAdmin(database.url, (lane) => lane.run('SELECT pg_terminate_backend($1)', [own?.pid ?? 0]))
          }
        }),
      DEADLINE,
    )
    await expect(reading).rejects.toThrow()
    expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('what a session has set is gone when it has ended', async () => {
    const settings = `SELECT current_setting('statement_timeout') AS timeout, current_setting('enable_seqscan') AS scan,
                             current_setting('search_path') AS path, current_setting('default_transaction_read_only') AS only`
    const before = await db.query(settings)
    await db.session(async (session) => {
      await session.query('SET search_path = pg_catalog')
      await session.query('SELECT pg_advisory_lock(4711)')
    }, DEADLINE)
    expect(await db.query(settings)).toEqual(before)
    expect(await db.query(`SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711`)).toEqual([
      { n: 0 },
    ])
  })
})
