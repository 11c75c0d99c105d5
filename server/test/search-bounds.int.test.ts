import { LIMITS, type ReplyOf, type RequestOf } from '@hongyan/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, DatabaseBusy, type Db } from '../src/db/db.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import type { Actor } from '../src/logins/actor.ts'
import { seqAtTime } from '../src/messaging/message-reader.ts'
import { readExtents, readHits } from '../src/search/message-search-reader.ts'
import { SearchService, type SearchDeps } from '../src/search/search-service.ts'
import { GroupRows, makeActors } from './kit/group-rows.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { createDatabase, type TestDatabase } from './kit/postgres.ts'

type Reply = ReplyOf<'search.messages'>

/** More than two windows, in one group; the needle lies in the last tenth of it, and at the very beginning. */
const MESSAGES = 45_000
const NEEDLES = [1, 2_000, 45_000]
const SMALL_GROUPS = 40

let database: TestDatabase
let me: Actor
let big: GroupRows

beforeAll(async () => {
  database = await createDatabase()
  const db = open()
  const actors = await makeActors(db, 'seeker', 3)
  const [first, second] = actors
  if (!first || !second) throw new Error('no actors')
  me = first
  const others = [me.accountKey, second.accountKey]
  for (let number = 0; number < SMALL_GROUPS; number++) {
    const group = await GroupRows.create(db, `small-${number}`, 'meeting')
    await group.join(others)
    await fill(group, 10, [5])
  }
  big = await GroupRows.create(db, 'big', 'meeting')
  await big.join(others)
  await fill(big, MESSAGES, NEEDLES)
  await db.close()
})
afterAll(() => database.drop())

function open(): Db {
  return connectTo(database, 2)
}

function connectTo({ url }: TestDatabase, size: number): Db {
  return connect({
    url,
    name: 'search',
    size,
    statementDeadlineMs: 20_000,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
}

/** Writes messages a second apart, some with the needle. */
async function fill(
  { timelineKey }: GroupRows,
  count: number,
  needles: readonly number[],
  { url } = database,
  senderKey = me.accountKey,
): Promise<void> {
  await withAdmin(url, async (lane) => {
    await lane.run(
      `INSERT INTO message (timeline_key, seq, "offset", sender_key, client_msg_id, fingerprint, sent_at_ms, countable,
                            flags, body)
       SELECT $1::bigint, i, i, $2::bigint, $1::text || '-' || i, 0, 1700000000000 + i * 1000, i, 0,
              json_build_object('elements', json_build_array(json_build_object('type', 'text', 'text',
                CASE WHEN i = ANY($4::bigint[]) THEN 'needle ' ELSE 'hay ' END || i)))
         FROM generate_series(1, $3::bigint) AS i`,
      [timelineKey, senderKey, count, `{${needles.join()}}`],
    )
    await lane.run(
      `UPDATE timeline SET last_seq = $2::bigint, last_offset = $2, last_countable = $2,
              last_sent_at_ms = 1700000000000 + $2 * 1000
        WHERE key = $1`,
      [timelineKey, count],
    )
  })
}

function serviceOn(db: Db, people: SearchDeps['people'] = 'known'): SearchService {
  return new SearchService({ db, clock: systemClock, people, adminUserIds: [] })
}

/** Counts how often the database is asked, and may refuse the first of some statements. */
function watched(db: Db, refuses?: RegExp): { readonly db: Db; readonly statements: string[] } {
  const statements: string[] = []
  let isRefused = refuses === undefined
  const query: Db['query'] = async (text, params) => {
    statements.push(text)
    if (!isRefused && refuses?.test(text)) {
      isRefused = true
      throw new DatabaseBusy('it took too long')
    }
    return db.query(text, params)
  }
  return { db: { ...db, query }, statements }
}

function sought(more: Partial<RequestOf<'search.messages'>> = {}): RequestOf<'search.messages'> {
  return { keywords: ['needle'], match: 'any', limit: 50, ...more }
}

/** All pages of a search, in their order. */
async function walk(service: SearchService, request: RequestOf<'search.messages'>): Promise<readonly Reply[]> {
  const pages: Reply[] = []
  for (let after: string | undefined; pages.length === 0 || after !== undefined; after = pages.at(-1)?.next) {
    pages.push(await service.messages(me, { ...request, ...(after !== undefined && { after }) }))
  }
  return pages
}

const seqsOf = (pages: readonly Reply[]) =>
  pages.map(({ results }) => results.flatMap(({ messages }) => messages.map(({ seq }) => seq)))

test('[FIND-1] the right is asked where it is used: what one may not see any more is not found in a part chosen before', async () => {
  const db = open()
  const group = await GroupRows.create(db, 'changing', 'meeting')
  await group.join([me.accountKey])
  await fill(group, 10, [2, 4, 6])
  const found = async (): Promise<readonly number[]> => {
    const slices = [{ extent: { timelineKey: group.timelineKey }, after: 0, upTo: 10 }]
    const query = { keywords: ['needle'], match: 'any', senderIds: [], types: [], shown: 10 } as const
    const hits = await readHits(db, { accountKey: me.accountKey, slices, ...query })
    return (hits.get(0)?.messages ?? []).map(({ seq }) => seq)
  }
  const change = (statement: string): Promise<unknown> =>
    withAdmin(database.url, (lane) => lane.run(statement, [group.timelineKey]))
  expect(await found()).toEqual([6, 4, 2])
  await change('UPDATE member SET cleared_seq = 3 WHERE timeline_key = $1')
  expect(await found()).toEqual([6, 4])
  await change('UPDATE chat_group SET dismissed_at_ms = 1 WHERE timeline_key = $1')
  expect(await found()).toEqual([])
  await change('UPDATE chat_group SET dismissed_at_ms = NULL WHERE timeline_key = $1')
  await change('DELETE FROM member WHERE timeline_key = $1')
  expect(await found()).toEqual([])
  await change('DELETE FROM chat_group WHERE timeline_key = $1')
  await db.close()
})

test('a time is found by looking at a few messages, though the plan was made while there was none', async () => {
  const empty = await createDatabase()
  const db = connectTo(empty, 1)
  const [actor] = await makeActors(db, 'early', 1)
  if (!actor) throw new Error('no actor')
  const times = { sinceMs: 1_700_000_000_000 + 1_000_000, beforeMs: 1_700_000_000_000 + 2_000_500 }
  const ask = async (key: number): Promise<unknown> => [
    (await readExtents(db, actor.accountKey, times)).map(({ after, upTo }) => [after, upTo]),
    await seqAtTime(db, key, 5_000, times.beforeMs),
  ]
  expect(await ask(1)).toEqual([[], 5_001])
  const group = await GroupRows.create(db, 'late', 'meeting')
  await group.join([actor.accountKey])
  await fill(group, 5_000, [], empty, actor.accountKey)
  await withAdmin(empty.url, (lane) => lane.run('SELECT pg_stat_reset()'))
  expect(await ask(group.timelineKey)).toEqual([[[999, 2_000]], 2_001])
  await db.close()
  const { rows } = await withAdmin(empty.url, (lane) =>
    lane.run<{ fetched: number }>(`SELECT idx_tup_fetch AS fetched FROM pg_stat_user_tables WHERE relname = 'message'`),
  )
  expect(rows[0]?.fetched).toBeGreaterThan(10)
  expect(rows[0]?.fetched).toBeLessThan(100)
  await empty.drop()
})

describe('[FIND-2] a request looks through a bounded part, and says where it stopped', () => {
  test('in one conversation, window by window, until its beginning', async () => {
    const db = open()
    const pages = await walk(serviceOn(db), sought({ conversationId: big.conversationId }))
    expect(seqsOf(pages)).toEqual([[45_000], [], [2_000, 1]])
    expect(pages.map(({ total }) => total)).toEqual([1, 1, 3])
    await db.close()
  })

  test('through all of them in rounds: what is new in a quiet one is found before what is old in a busy one', async () => {
    const db = open()
    const pages = await walk(serviceOn(db), sought())
    const [first] = pages
    expect(first?.results.length).toBe(SMALL_GROUPS + 1)
    expect(first?.results[0]).toMatchObject({ conversationId: 'group:big', count: 1, messages: [{ seq: 45_000 }] })
    expect(pages.flatMap(({ results }) => results.map(({ conversationId, count }) => [conversationId, count]))).toEqual(
      [
        ['group:big', 1],
        ...Array.from({ length: SMALL_GROUPS }, (_, index) => [`group:small-${SMALL_GROUPS - 1 - index}`, 1]),
        ['group:big', 2],
      ],
    )
    await db.close()
  })

  test('from a time in the middle of a conversation, and within a period', async () => {
    const db = open()
    const beforeMs = 1_700_000_000_000 + 2_001_000
    const service = serviceOn(db)
    expect(seqsOf(await walk(service, sought({ conversationId: big.conversationId, beforeMs })))).toEqual([[2_000, 1]])
    const narrow = sought({ conversationId: big.conversationId, beforeMs, periodMs: 1_000 })
    expect(seqsOf(await walk(service, narrow))).toEqual([[2_000]])
    const all = await walk(service, sought({ beforeMs, periodMs: 1_000 }))
    expect(all).toMatchObject([{ results: [{ conversationId: 'group:big', count: 1 }], total: 1 }])
    expect(all).toHaveLength(1)
    await db.close()
  })

  test('reads no more messages than the window, and goes through no table', async () => {
    await withAdmin(database.url, (lane) => lane.run('SELECT pg_stat_reset()'))
    const db = open()
    await serviceOn(db).messages(me, sought({ conversationId: big.conversationId }))
    await serviceOn(db).users(me, { keywords: ['seeker'], match: 'any', limit: 5 })
    await serviceOn(db, 'everyone').users(me, { keywords: ['seeker'], match: 'all', limit: 5 })
    await serviceOn(db).groups(me, { keywords: ['small'], match: 'any', limit: 5 })
    await serviceOn(db).members(me, { keywords: ['seeker'], match: 'any', limit: 5 })
    // A connection reports its numbers at its end, at the latest.
    await db.close()
    const rows = await withAdmin(database.url, (lane) =>
      lane.run<{ name: string; whole: number; fetched: number }>(
        `SELECT relname AS name, seq_tup_read AS whole, idx_tup_fetch AS fetched FROM pg_stat_user_tables
          WHERE relname IN ('message', 'timeline', 'member', 'account', 'chat_group', 'deleted_message')`,
      ),
    ).then((answer) => answer.rows)
    expect(rows.filter(({ whole }) => whole > 0)).toEqual([])
    const messages = rows.find(({ name }) => name === 'message')?.fetched ?? 0
    expect(messages).toBeGreaterThanOrEqual(LIMITS.searchedMessages)
    expect(messages).toBeLessThan(LIMITS.searchedMessages + 100)
  })

  test('with the same number of statements, however many conversations there are', async () => {
    const db = open()
    const { db: counted, statements } = watched(db)
    const service = serviceOn(counted)
    const cost = async (search: () => Promise<unknown>): Promise<number> => {
      const before = statements.length
      await search()
      return statements.length - before
    }
    expect(await cost(() => service.messages(me, sought()))).toBe(2)
    expect(await cost(() => service.messages(me, sought({ conversationId: big.conversationId })))).toBe(2)
    expect(await cost(() => service.users(me, { keywords: ['s'], match: 'any', limit: 50 }))).toBe(1)
    expect(await cost(() => service.groups(me, { keywords: ['s'], match: 'any', limit: 50 }))).toBe(1)
    expect(await cost(() => service.members(me, { keywords: ['s'], match: 'any', limit: 50 }))).toBe(1)
    await db.close()
  })

  test('and in a smaller part, when the database does not manage the whole in time', async () => {
    const db = open()
    const { db: slow } = watched(db, /string_agg/)
    const request = sought({ conversationId: big.conversationId })
    const reply = await serviceOn(slow).messages(me, request)
    expect(reply.results[0]?.messages.map(({ seq }) => seq)).toEqual([45_000])
    expect(reply.next?.split('.')[2]).toBe(String(MESSAGES - LIMITS.searchedMessages / 20 + 1))
    await db.close()
  })
})
