import { afterEach, beforeEach, expect, test } from 'vitest'
import { MemoryBroker } from '../src/broker/memory-broker.ts'
import { connect, type Db, type Tx } from '../src/db/db.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemClock } from '../src/kit/clock.ts'
import { systemRandom } from '../src/kit/random.ts'
import { MessageCommitter } from '../src/messaging/message-committer.ts'
import { Announcer } from '../src/timelines/announcer.ts'
import { ManualClock } from './kit/manual-clock.ts'
import { makeTalks, requestOf, type Talk } from './kit/message-load.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { createDatabase, type TestDatabase } from './kit/postgres.ts'

// Whether a message was sent before is asked only when there is reason to. Nobody may notice.

const QUESTION = /^\s*SELECT m\.sender_key/

let database: TestDatabase
let db: Db
let talks: readonly Talk[]
let asked = 0
let clock: ManualClock
let committer: MessageCommitter

beforeEach(async () => {
  database = await createDatabase()
  db = connect({
    url: database.url,
    name: 'resends',
    size: 2,
    statementDeadlineMs: 3_000,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
  talks = await makeTalks(db, 'u', 3)
  asked = 0
  clock = new ManualClock()
  const announcer = new Announcer(new MemoryBroker({ onFault: () => {} }))
  committer = new MessageCommitter({ db: counting(db), announcer, clock })
})
afterEach(async () => {
  await db.close()
  await database.drop()
})

/** Counts how often it is asked. */
function counting(counted: Db): Db {
  const over = (tx: Tx): Tx => ({
    kind: 'tx',
    query: (text, params) => {
      if (QUESTION.test(text)) asked++
      return tx.query(text, params)
    },
  })
  return { ...counted, transaction: (work, options) => counted.transaction((tx) => work(over(tx)), options) }
}

function talkOf(index: number): Talk {
  const talk = talks[index]
  if (!talk) throw new Error('no such conversation')
  return talk
}

test('of fresh messages it is not asked', async () => {
  const first = await Promise.all(talks.map((talk) => committer.append(requestOf(talk, 'a'))))
  const second = await Promise.all(talks.map((talk) => committer.append(requestOf(talk, 'b'))))
  expect(first.map(({ seq }) => seq)).toEqual([1, 1, 1])
  expect(second.map(({ seq }) => seq)).toEqual([2, 2, 2])
  expect(asked).toBe(0)
})

test('[SEND-1] a resend among fresh messages gets its first answer, they get theirs, and no number is lost', async () => {
  const first = await committer.append(requestOf(talkOf(0), 'a'))
  const [again, ...fresh] = await Promise.all([
    committer.append(requestOf(talkOf(0), 'a')),
    committer.append(requestOf(talkOf(0), 'b')),
    committer.append(requestOf(talkOf(1), 'a')),
  ])
  expect(again).toEqual(first)
  expect(fresh.map(({ seq }) => seq)).toEqual([2, 1])
})

test('after one resend it is asked for a while, then no more', async () => {
  await committer.append(requestOf(talkOf(0), 'a'))
  await committer.append(requestOf(talkOf(0), 'a'))
  expect(asked).toBe(1)
  await committer.append(requestOf(talkOf(0), 'b'))
  expect(asked).toBe(2)
  await clock.pass(10_000)
  await committer.append(requestOf(talkOf(0), 'c'))
  expect(asked).toBe(2)
})

test('[SEND-1] a sender who was displaced since gets the first answer to a resend, and no other', async () => {
  const first = await committer.append(requestOf(talkOf(0), 'a'))
  await withAdmin(database.url, (lane) => lane.run('DELETE FROM login WHERE key = $1', [talkOf(0).loginKey]))
  expect(await committer.append(requestOf(talkOf(0), 'a'))).toEqual(first)
  await expect(committer.append(requestOf(talkOf(0), 'b'))).rejects.toMatchObject({ code: 'DISPLACED' })
})

test('[SEND-1] a resend is answered although somebody else holds the lock of its conversation', async () => {
  const first = await committer.append(requestOf(talkOf(0), 'a'))
  await db.transaction(async (tx) => {
    await tx.query('SELECT key FROM timeline WHERE key = $1 FOR NO KEY UPDATE', [talkOf(0).timelineKey])
    expect(await committer.append(requestOf(talkOf(0), 'a'))).toEqual(first)
  })
})

test('[SEND-2] an id that was given to another message before is refused', async () => {
  await committer.append(requestOf(talkOf(0), 'a'))
  const other = requestOf(talkOf(0), 'a')
  const changed = { ...other, draft: { ...other.draft, fingerprint: other.draft.fingerprint + 1 } }
  await expect(committer.append(changed)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
})
