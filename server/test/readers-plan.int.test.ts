import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Db, type Queryable } from '../src/db/db.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import { readReaders } from '../src/receipts/receipt-reader.ts'
import { GroupRows, makeActors } from './kit/group-rows.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { createDatabase, type TestDatabase } from './kit/postgres.ts'

// PostgreSQL chooses its ways by what it has counted before: in a school of small classes it expects a handful of receipts in
// every group, also in the one with two thousand members.

const READERS = 2_000
const LIMIT = 100

let database: TestDatabase
let db: Db

beforeAll(async () => {
  database = await createDatabase()
  db = connect({
    url: database.url,
    name: 'plan',
    size: 1,
    statementDeadlineMs: 30_000,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
  await withAdmin(database.url, async (lane) => {
    await lane.run('ALTER TABLE receipt SET (autovacuum_enabled = off)')
    await lane.run(
      `INSERT INTO receipt (timeline_key, account_key, seqs)
       SELECT 1000000 + g, a, '{[1,2)}' FROM generate_series(1, 40) AS g, generate_series(1, 5) AS a`,
    )
    await lane.run('ANALYZE receipt')
  })
})
afterAll(async () => {
  await db.close()
  await database.drop()
})

interface PlanNode {
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Join Filter'?: number
  readonly Plans?: readonly PlanNode[]
}

/** How many rows the steps of a plan have looked at, all taken together. */
function lookedAt(node: PlanNode): number {
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Join Filter'] ?? 0)
  const here = (node['Actual Rows'] + removed) * node['Actual Loops']
  return (node.Plans ?? []).reduce((sum, each) => sum + lookedAt(each), here)
}

/** Runs what it is given with EXPLAIN, and remembers what that says. */
function explaining(plans: PlanNode[]): Queryable {
  return {
    query: async <Row extends object>(text: string, params?: Parameters<Queryable['query']>[1]) => {
      const [row] = await db.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(
        `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`,
        params,
      )
      if (row) plans.push(row['QUERY PLAN'][0].Plan)
      return [] as Row[]
    },
  }
}

test.each([true, false])(
  'a page of readers (have read: %s) looks at each member once at the most, though small groups were counted',
  async (hasRead) => {
    const actors = await makeActors(db, `plan${String(hasRead)}`, READERS)
    const group = await GroupRows.create(db, `plan_${String(hasRead)}`, 'public')
    const [teacher] = actors
    if (!teacher) throw new Error('no teacher')
    await group.join(actors.map(({ accountKey }) => accountKey))
    const seq = await group.say(teacher.accountKey, { wantsReceipts: true })
    const other = await group.say(teacher.accountKey, { wantsReceipts: true })
    // Half have read the one asked for, everybody the other.
    await db.transaction((tx) =>
      tx.query(
        `INSERT INTO receipt (timeline_key, account_key, seqs)
       SELECT timeline_key, account_key, int8multirange(int8range($2::bigint + account_key % 2, $3::bigint + 1))
         FROM member WHERE timeline_key = $1`,
        [group.timelineKey, seq, other],
      ),
    )
    const plans: PlanNode[] = []
    const page = { hasRead, after: 0, limit: LIMIT }
    await readReaders(explaining(plans), { timelineKey: group.timelineKey, seq }, page)
    const [plan] = plans
    expect(plan?.['Actual Rows']).toBe(LIMIT)
    // A few steps for each member; not two thousand readers for each of two thousand members.
    expect(plan && lookedAt(plan)).toBeLessThan(READERS * 10)
  },
)
