import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AuditService, type AuditReport } from '../src/audit/audit-service.ts'
import { Auditor } from '../src/audit/auditor.ts'
import { MemoryBroker } from '../src/broker/memory-broker.ts'
import { connect, type Db } from '../src/db/db.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import type { Actor } from '../src/logins/actor.ts'
import { ReceiptNotices } from '../src/receipts/receipt-notices.ts'
import { ReceiptsService } from '../src/receipts/receipts-service.ts'
import { Announcer } from '../src/timelines/announcer.ts'
import { GroupRows, makeActors } from './kit/group-rows.ts'
import { ManualClock } from './kit/manual-clock.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { createDatabase, type TestDatabase } from './kit/postgres.ts'
import { until } from './kit/until.ts'

/** Enough that each of the few members is hit. */
const PLACES = 400

let database: TestDatabase
let db: Db
let actors: readonly Actor[]
let group: GroupRows
let audit: AuditService
let groups = 0

beforeAll(async () => {
  database = await createDatabase()
  db = connect({
    url: database.url,
    name: 'audit',
    size: 4,
    statementDeadlineMs: 5_000,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
  actors = await makeActors(db, 'a', 5)
  audit = new AuditService({ db, random: systemRandom })
})
afterAll(async () => {
  await db.close()
  await database.drop()
})

/** A group with everything in it that unread numbers must honour. */
beforeEach(async () => {
  await plant('DELETE FROM member', 'DELETE FROM chat_group', 'DELETE FROM receipt')
  group = await GroupRows.create(db, `audited_${++groups}`, 'meeting')
  const [a, b, c, d, e] = actors.map(({ accountKey }) => accountKey)
  if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined) return
  await group.join([a, b, c])
  const seqs: number[] = []
  for (const sender of [a, b, c, a, b, c]) seqs.push(await group.say(sender, { wantsReceipts: sender === a }))
  await group.say(a, { isUncounted: true })
  await group.say(a, { receivers: [b] })
  await group.join([d])
  for (const sender of [a, b, a]) seqs.push(await group.say(sender, { wantsReceipts: true }))
  await group.leave(c)
  await group.join([c, e])
  seqs.push(await group.say(a, { wantsReceipts: true }))
  await group.revoke(seqs[3] ?? 0)
  await plant(
    `INSERT INTO deleted_message (account_key, timeline_key, seq, counted) VALUES (${b}, ${group.timelineKey}, 1, true)`,
  )
  const announcer = new Announcer(new MemoryBroker({ onFault: () => {} }))
  const notices = new ReceiptNotices({ db, announcer, clock: systemClock, logger: silentLogger() })
  const receipts = new ReceiptsService({ db, announcer, notices, clock: systemClock })
  for (const actor of actors.slice(1, 3)) {
    await receipts.read(actor, group.conversationId, actor.accountKey === b ? 3 : 99)
    await receipts.send(actor, group.conversationId, seqs)
  }
})

async function plant(...statements: readonly string[]): Promise<void> {
  await withAdmin(database.url, async (lane) => {
    for (const statement of statements) await lane.run(statement)
  })
}

function kindsOf({ differences }: AuditReport): string[] {
  return [...new Set(differences.map(({ kind }) => kind))].sort()
}

test('of numbers that are right none is different, and all kinds are looked at', async () => {
  const report = await audit.audit(PLACES)
  expect(report).toEqual({ checked: 5 + 1 + 1, skipped: 0, differences: [] })
})

describe('it is found that', () => {
  test.each([
    ['a member’s own messages are counted wrong', 'UPDATE member SET own = own + 1'],
    ['a base counts too little', 'UPDATE member SET base_countable = base_countable - 1 WHERE base_countable > 0'],
    ['a base counts own messages wrong', 'UPDATE member SET base_own = base_own - 1 WHERE base_own > 0'],
    ['a conversation counts a message too many', 'UPDATE timeline SET last_countable = last_countable + 1'],
    ['a read mark is not where the base is', 'UPDATE member SET read_seq = read_seq + 4 WHERE read_seq = 3'],
    [
      'a deleted message is counted that should not be',
      'UPDATE deleted_message SET counted = NOT counted; UPDATE member SET base_seq = 0, base_countable = 0, base_own = 0, read_seq = 0',
    ],
  ])('%s', async (_what, ...statements) => {
    await plant(...statements.flatMap((each) => each.split(';')))
    const report = await audit.audit(PLACES)
    expect(kindsOf(report)).toContain('unread')
    expect(report.differences[0]).toMatchObject({ conversationId: group.conversationId, kind: 'unread' })
  })

  test('a group has another number of members than it says', async () => {
    await plant('UPDATE chat_group SET member_count = member_count + 1')
    expect((await audit.audit(PLACES)).differences).toEqual([
      { kind: 'member-count', conversationId: group.conversationId, stored: 6, counted: 5 },
    ])
  })

  test('a receipt is for a message that is not there', async () => {
    await plant(`UPDATE receipt SET seqs = seqs + '{[90,100)}'`)
    expect(kindsOf(await audit.audit(PLACES))).toEqual(['receipts-beyond'])
  })
})

test('receipts are recounted from what is stored, by another way than they are told', async () => {
  // One whom the statement that tells them would count and the naive count would not, or the other way round, shows.
  const broken: Db = {
    ...db,
    transaction: (work, options) =>
      db.transaction(
        (tx) =>
          work({
            kind: 'tx',
            query: (text, params) => tx.query(text.replace('p.joined_seq < m.seq', 'p.joined_seq >= 0'), params),
          }),
        options,
      ),
  }
  const report = await new AuditService({ db: broken, random: { ...systemRandom, fraction: () => 0 } }).audit(1)
  expect(kindsOf(report)).toEqual(['receipts-unread'])
})

test('what is written while it counts makes no difference', async () => {
  let isOver = false
  const writing = (async () => {
    while (!isOver) for (const { accountKey } of actors) await group.say(accountKey)
  })()
  for (let round = 0; round < 10; round++) expect((await audit.audit(50)).differences).toEqual([])
  isOver = true
  await writing
})

test('a node audits by itself now and then; its numbers say how much, and what was wrong', async () => {
  const clock = new ManualClock()
  const auditor = new Auditor({ audit, clock, logger: silentLogger() })
  auditor.start()
  await clock.pass(60_000)
  await until('the first turn is over', () => auditor.stats().checked > 0)
  expect(auditor.stats().differences).toBe(0)
  await plant('UPDATE timeline SET last_countable = last_countable + 1')
  await until('the next turn is due', () => clock.alarms > 0)
  await clock.pass(60_000)
  await until('a difference was found', () => auditor.stats().differences > 0)
  await auditor.stop()
})

test('the command looks at the store that the environment names, and fails where numbers differ', async () => {
  const env = { ...process.env, DATABASE_URL: database.url }
  const run = (args: readonly string[]): Promise<{ code: number | null; text: string }> =>
    new Promise((resolve, reject) => {
      const hongyan = fileURLToPath(new URL('../src/hongyan.ts', import.meta.url))
      const child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', hongyan, 'audit', ...args], {
        env,
      })
      let text = ''
      child.stdout.on('data', (data: Buffer) => (text += data.toString()))
      child.stderr.on('data', (data: Buffer) => (text += data.toString()))
      child.on('error', reject)
      child.on('close', (code) => resolve({ code, text }))
    })
  const good = await run(['--sample', '100'])
  expect([good.code, JSON.parse(good.text).differences]).toEqual([0, []])
  await plant('UPDATE chat_group SET member_count = 77')
  const bad = await run(['--sample', '100'])
  expect([bad.code, JSON.parse(bad.text).differences]).toEqual([
    1,
    [{ kind: 'member-count', conversationId: group.conversationId, stored: 77, counted: 5 }],
  ])
  expect((await run(['--sample', 'all'])).code).toBe(2)
}, 60_000)
