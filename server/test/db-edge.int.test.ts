import fc from 'fast-check'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  connect,
  DatabaseBusy,
  DatabaseUnavailable,
  numberArray,
  StatementFailed,
  textArray,
  type Db,
} from '../src/db/db.ts'
import { parseConnectionUrl } from '../src/db/connection-target.ts'
import { Lane } from '../src/db/lane.ts'
import { runTransaction } from '../src/db/transaction.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import { FaultProxy } from './kit/fault-proxy.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { createDatabase, type TestDatabase } from './kit/postgres.ts'

let database: TestDatabase
let pools: Db[] = []

beforeAll(async () => {
  database = await createDatabase()
  await withAdmin(database.url, (lane) => lane.run('CREATE TABLE thing (id int PRIMARY KEY, text text)'))
})
afterAll(() => database.drop())
afterEach(async () => {
  await Promise.all(pools.map((db) => db.close()))
  pools = []
  await withAdmin(database.url, (lane) => lane.run('TRUNCATE thing'))
})

function open(options: { url?: string; size?: number; deadlineMs?: number } = {}): Db {
  const db = connect({
    url: options.url ?? database.url,
    name: 'edge test',
    size: options.size ?? 2,
    statementDeadlineMs: options.deadlineMs ?? 3_000,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
  pools.push(db)
  return db
}

async function things(): Promise<readonly number[]> {
  const { rows } = await withAdmin(database.url, (lane) => lane.run<{ id: number }>('SELECT id FROM thing ORDER BY id'))
  return rows.map((row) => row.id)
}

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}

describe('values', () => {
  test('come back as what they are', async () => {
    const [row] = await open().query(
      `SELECT 9007199254740991::int8 AS big, 7 AS small, 1.5::float8 AS real, true AS yes, NULL AS nothing, 'x' AS text,
              '{"a":[1]}'::jsonb AS object, '"text"'::json AS string, '2026-11-21T06:00:00Z'::timestamptz AS instant`,
    )
    expect(row).toEqual({
      big: Number.MAX_SAFE_INTEGER,
      small: 7,
      real: 1.5,
      yes: true,
      nothing: null,
      text: 'x',
      object: { a: [1] },
      string: 'text',
      instant: new Date('2026-11-21T06:00:00Z'),
    })
  })

  test('a number beyond 2^53 is refused rather than rounded, and the connection is as good as before', async () => {
    const db = open({ size: 1 })
    await expect(db.query('SELECT 9007199254740993::int8 AS big FROM generate_series(1, 3)')).rejects.toThrow(
      RangeError,
    )
    expect(await db.query('SELECT 1 AS one FROM generate_series(1, 2)')).toEqual([{ one: 1 }, { one: 1 }])
    expect(db.stats().discarded).toBe(0)
  })

  test('go as the texts they are, whatever type the statement gives them', async () => {
    const [row] = await open().query(
      'SELECT $1::jsonb AS json, $2::boolean AS yes, $3::int8 AS number, $4::text AS text, $5::timestamptz AS instant, $6::text AS nothing',
      ['{"a":"\\"q\\""}', true, 12, 'true', '2026-11-21T06:00:00Z', null],
    )
    expect(row).toEqual({
      json: { a: '"q"' },
      yes: true,
      number: 12,
      text: 'true',
      instant: new Date('2026-11-21T06:00:00Z'),
      nothing: null,
    })
  })

  test('arrays carry every text there is', async () => {
    const db = open()
    const text = fc.oneof(
      fc.constantFrom(
        '',
        'NULL',
        'null',
        '{}',
        '{"x"}',
        '\\',
        '"',
        ',',
        ' spaces ',
        '鸿雁 🪿',
        "it's",
        '\u2028',
        '\r\n\t',
      ),
      fc.string({ unit: fc.constantFrom('"', '\\', ',', '{', '}', '\n', '\u0001', '鸿', '🪿', 'n', 'u', ' ') }),
      // All but the one that PostgreSQL cannot hold, which is refused long before.
      fc.string({ unit: 'binary' }).map((any) => any.replaceAll('\0', '')),
    )
    const property = fc.asyncProperty(fc.array(fc.option(text), { maxLength: 50 }), async (texts) => {
      const rows = await db.query<{ text: string | null }>(
        'SELECT t AS text FROM unnest($1::text[]) WITH ORDINALITY AS d(t, n) ORDER BY n',
        [textArray(texts)],
      )
      expect(rows.map((row) => row.text)).toEqual(texts)
    })
    await fc.assert(property, { numRuns: 500 })
  })

  test('arrays carry every JSON and every number there is', async () => {
    const db = open()
    const json = fc.asyncProperty(fc.array(fc.json(), { maxLength: 20 }), async (texts) => {
      const rows = await db.query('SELECT b AS body FROM unnest($1::json[]) WITH ORDINALITY AS d(b, n) ORDER BY n', [
        textArray(texts),
      ])
      expect(rows.map((row) => row['body'])).toEqual(texts.map((text): unknown => JSON.parse(text)))
    })
    await fc.assert(json, { numRuns: 200 })
    const numbers = fc.asyncProperty(fc.array(fc.option(fc.maxSafeInteger())), async (values) => {
      const rows = await db.query('SELECT v FROM unnest($1::bigint[]) WITH ORDINALITY AS d(v, n) ORDER BY n', [
        numberArray(values),
      ])
      expect(rows.map((row) => row['v'])).toEqual(values.map((value) => (value === null ? null : value + 0)))
    })
    await fc.assert(numbers, { numRuns: 200 })
  })
})

describe('a transaction', () => {
  test('is committed when its work resolves, and rolled back when it rejects', async () => {
    const db = open()
    expect(
      await db.transaction(async (tx) => (await tx.query('INSERT INTO thing VALUES (1) RETURNING id')).length),
    ).toBe(1)
    const mine = new Error('mine')
    const refused = db.transaction(async (tx) => {
      await tx.query('INSERT INTO thing VALUES (2)')
      throw mine
    })
    await expect(refused).rejects.toBe(mine)
    expect(await things()).toEqual([1])
  })

  test('is not seen by others before it is committed', async () => {
    const db = open()
    await db.transaction(async (tx) => {
      await tx.query('INSERT INTO thing VALUES (1)')
      expect(await tx.query('SELECT id FROM thing')).toEqual([{ id: 1 }])
      expect(await db.query('SELECT id FROM thing')).toEqual([])
    })
    expect(await db.query('SELECT id FROM thing')).toEqual([{ id: 1 }])
  })

  test('leaves nothing behind on its connection, however it ends', async () => {
    const db = open({ size: 1 })
    const session = (): Promise<unknown> =>
      db.query(
        `SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
                current_setting('transaction_read_only') AS only, pg_current_xact_id_if_assigned()::text AS transaction`,
      )
    const before = await session()
    await db.transaction((tx) => tx.query('INSERT INTO thing VALUES (1)'), { deadlineMs: 20_000 })
    expect(await session()).toEqual(before)
    const careless = db.transaction(
      async (tx) => {
        void tx.query('INSERT INTO thing VALUES (2)')
        void tx.query('SELECT 1 / 0')
        throw new Error('mine')
      },
      { deadlineMs: 20_000 },
    )
    await expect(careless).rejects.toThrow('mine')
    expect(await session()).toEqual(before)
    expect(db.stats()).toMatchObject({ opened: 1, discarded: 0 })
    expect(await things()).toEqual([1])
  })

  test('whose work throws at once is rolled back too', async () => {
    const db = open({ size: 1 })
    const broken = db.transaction(() => {
      throw new Error('at once')
    })
    await expect(broken).rejects.toThrow('at once')
    await db.transaction((tx) => tx.query('INSERT INTO thing VALUES (1)'))
    expect(await things()).toEqual([1])
  })

  test('whose work overlooks that a statement failed is not taken for committed', async () => {
    const db = open()
    const overlooked = db.transaction(async (tx) => {
      await tx.query('INSERT INTO thing VALUES (1)')
      await tx.query('SELECT 1 / 0').catch(() => {})
      return 'done'
    })
    await expect(overlooked).rejects.toMatchObject({ name: 'StatementFailed', code: '22012' })
    expect(await things()).toEqual([])
  })

  test('with a failed statement nobody waits for is rolled back, and the process lives', async () => {
    const db = open()
    const careless = db.transaction((tx) => {
      void tx.query('SELECT 1 / 0')
      return tx.query('SELECT 1').catch(() => 'done')
    })
    await expect(careless).rejects.toBeInstanceOf(StatementFailed)
  })

  test('that cannot be begun does nothing, and its connection is not lent again', async () => {
    const target = parseConnectionUrl(database.url)
    const options = { target, name: 'test', connectDeadlineMs: 5_000, statementTimeoutMs: 5_000, clock: systemClock }
    const lane = await Lane.open(options)
    await lane.run('BEGIN')
    await lane.run('SELECT 1 / 0').catch(() => {})
    // Inside a failed transaction a BEGIN fails, and the statements sent with it must not count.
    const work = runTransaction(lane, (tx) => tx.query('INSERT INTO thing VALUES (1)'))
    await expect(work).rejects.toBeInstanceOf(DatabaseUnavailable)
    expect(lane.isDead).toBe(true)
    expect(await things()).toEqual([])
  })

  test('refuses statements when it is over', async () => {
    const db = open()
    let late: Promise<unknown> = Promise.resolve()
    await db.transaction(async (tx) => {
      await tx.query('SELECT 1')
      late = sleep(20).then(() => tx.query('INSERT INTO thing VALUES (9)'))
    })
    await expect(late).rejects.toThrow('the transaction is over')
    expect(await things()).toEqual([])
  })

  test('takes as many round trips as its work waits for, not as many as it has statements', async () => {
    const address = new URL(database.url).searchParams.get('host')
    const proxy = await FaultProxy.start(
      address === null ? { port: Number(new URL(database.url).port) } : { path: join(address, '.s.PGSQL.5432') },
    )
    try {
      const db = open({ url: proxy.inFrontOf(database.url), size: 1, deadlineMs: 10_000 })
      const statements = Array.from({ length: 20 }, (_, index) => `SELECT ${index}::int AS n, $1::int AS p`)
      const all = (): Promise<unknown> =>
        db.transaction((tx) => Promise.all(statements.map((statement, index) => tx.query(statement, [index]))))
      // The first time each of them is prepared.
      await all()
      proxy.set({ kind: 'delay', delayMs: 50, jitterMs: 0 })
      const startedMs = performance.now()
      await all()
      // BEGIN and the statements in one round trip of 100 ms, COMMIT in another; 20 in turn would take 2,000 ms.
      expect(performance.now() - startedMs).toBeLessThan(1_000)
    } finally {
      await proxy.stop()
    }
  })

  test('gives each of its statements the answer to itself', async () => {
    const db = open({ size: 1 })
    const answers = await db.transaction((tx) =>
      Promise.all(Array.from({ length: 150 }, (_, index) => tx.query('SELECT $1::int AS n', [index]))),
    )
    expect(answers.map(([row]) => row)).toEqual(Array.from({ length: 150 }, (_, n) => ({ n })))
  })

  test('that takes longer than it may is ended, whatever its work waits for', async () => {
    const db = open({ size: 1, deadlineMs: 300 })
    const stuck = db.transaction(async (tx) => {
      await tx.query('INSERT INTO thing VALUES (1)')
      await new Promise(() => {})
    })
    // By us, not by the server, which would end it too in the end.
    await expect(stuck).rejects.toMatchObject({ message: 'PostgreSQL did not answer in time', isAmbiguous: false })
    expect(await db.query('SELECT id FROM thing')).toEqual([])
  })

  test('may be given longer than a statement usually has', async () => {
    const db = open({ deadlineMs: 300 })
    await db.transaction((tx) => tx.query('SELECT pg_sleep(1.2)'), { deadlineMs: 10_000 })
    expect(db.stats().discarded).toBe(0)
  })

  test('that met another one is done again when it says that it may be, and otherwise fails', async () => {
    const db = open()
    const conflicted = (retry: boolean): Promise<number> => {
      let tries = 0
      return db.transaction(
        async (tx) => {
          tries++
          if (tries === 1) await tx.query(`DO $$ BEGIN RAISE EXCEPTION 'in the way' USING ERRCODE = '40001'; END $$`)
          await tx.query('SELECT 1')
          return tries
        },
        { retry },
      )
    }
    await expect(conflicted(false)).rejects.toMatchObject({ code: '40001' })
    expect(await conflicted(true)).toBe(2)
  })

  test('two that wait for each other do not wait for ever', async () => {
    const db = open()
    await db.transaction((tx) => tx.query('INSERT INTO thing VALUES (1), (2)'))
    const cross = (first: number, second: number): Promise<unknown> =>
      db.transaction(
        async (tx) => {
          await tx.query('UPDATE thing SET text = $2 WHERE id = $1', [first, 'x'])
          await sleep(50)
          await tx.query('UPDATE thing SET text = $2 WHERE id = $1', [second, 'x'])
        },
        { retry: true, deadlineMs: 8_000 },
      )
    await Promise.all([cross(1, 2), cross(2, 1)])
  })
})

describe('outside a transaction', () => {
  test('a statement only reads', async () => {
    await expect(open().query('INSERT INTO thing VALUES (1)')).rejects.toMatchObject({ code: '25006' })
    expect(await things()).toEqual([])
  })

  test('a failed statement tells its code and constraint, and none of the values', async () => {
    const db = open()
    await db.transaction((tx) => tx.query(`INSERT INTO thing VALUES (1, 'secret')`))
    const err: unknown = await db
      .transaction((tx) => tx.query(`INSERT INTO thing VALUES (1, 'secret')`))
      .catch((e: unknown) => e)
    expect(err).toMatchObject({ name: 'StatementFailed', code: '23505', constraint: 'thing_pkey' })
    expect(JSON.stringify([err, String(err), Object.entries(err as object)])).not.toMatch(/secret|\(id\)=/)
  })
})

describe('the pool', () => {
  test('is what its URL says, whatever the environment tells the driver', async () => {
    vi.stubEnv('PGTARGETSESSIONATTRS', 'any')
    vi.stubEnv('PGPASSWORD', 'wrong')
    vi.stubEnv('PGDEBUG', 'true')
    vi.stubEnv('PGOPTIONS', '-c default_transaction_read_only=off')
    try {
      const [row] = await open().query('SELECT current_user AS me, current_setting($1) AS only', [
        'default_transaction_read_only',
      ])
      expect(row).toEqual({ me: decodeURIComponent(new URL(database.url).username), only: 'on' })
    } finally {
      vi.unstubAllEnvs()
    }
  })

  test('refuses by name when too many wait, and serves those who waited', async () => {
    const db = open({ size: 1, deadlineMs: 10_000 })
    const waiting = Array.from({ length: 2_002 }, () => db.query('SELECT 1 AS one'))
    const outcomes = await Promise.allSettled(waiting)
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.length).toBeLessThan(10)
    for (const { reason } of refused) expect(reason).toBeInstanceOf(DatabaseBusy)
    expect(db.stats()).toMatchObject({ open: 1, busy: 0, waiting: 0, discarded: 0 })
  })

  test('refuses who has waited too long for a connection', async () => {
    const db = open({ size: 1, deadlineMs: 300 })
    await db.query('SELECT 1')
    const holding = db.transaction(() => sleep(1_000), { deadlineMs: 5_000 })
    await expect(db.query('SELECT 1')).rejects.toBeInstanceOf(DatabaseBusy)
    await holding
    expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('says what is wrong when it cannot connect at all', async () => {
    const wrong = new URL(database.url)
    wrong.password = 'wrong'
    await expect(open({ url: wrong.href }).query('SELECT 1')).rejects.toMatchObject({
      name: 'DatabaseUnavailable',
      cause: { message: expect.stringContaining('password authentication failed') as string },
    })
    await expect(open({ url: 'postgres://nobody@127.0.0.1:1/none' }).query('SELECT 1')).rejects.toMatchObject({
      cause: { code: 'ECONNREFUSED' },
    })
  })

  test('is closed in bounded time, also while it is used and while it waits', async () => {
    const db = open({ size: 1, deadlineMs: 60_000 })
    const busy = db.transaction((tx) => tx.query('SELECT pg_sleep(60)'))
    const waiting = db.query('SELECT 1')
    const outcomes = Promise.allSettled([busy, waiting])
    await sleep(100)
    await db.close()
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { name: 'DatabaseUnavailable' } })
    await expect(db.query('SELECT 1')).rejects.toBeInstanceOf(DatabaseUnavailable)
    expect(db.stats()).toMatchObject({ open: 0, busy: 0, waiting: 0 })
  })

  test('lets what is being done finish when it is closed', async () => {
    const db = open({ size: 1 })
    await db.query('SELECT 1')
    const finishing = db.transaction(async (tx) => {
      await sleep(200)
      return tx.query('INSERT INTO thing VALUES (1)')
    })
    await db.close()
    await finishing
    expect(await things()).toEqual([1])
  })
})
