import { Refused } from '@hongyan/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryBroker } from '../src/broker/memory-broker.ts'
import { connect, StatementFailed, type Db, type Tx } from '../src/db/db.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import { MessageCommitter } from '../src/messaging/message-committer.ts'
import { Announcer } from '../src/timelines/announcer.ts'
import { findWrongs } from './kit/message-ledger.ts'
import { makeTalks, MessageLoad, requestOf, type Answered, type Talk } from './kit/message-load.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { createDatabase, type TestDatabase } from './kit/postgres.ts'
import { until } from './kit/until.ts'

// What keeps messages from being doubled or misnumbered is taken away, piece by piece. Each time the checks that the fault
// tests rely on must find it: tests that cannot fail prove nothing.

const ROW_LOCK = /FOR NO KEY UPDATE SKIP LOCKED/
const ANSWERS = 600
const REUSED_IDS = 40

let database: TestDatabase
let pools: Db[] = []

beforeEach(async () => {
  database = await createDatabase()
})
afterEach(async () => {
  await Promise.all(pools.map((db) => db.close()))
  pools = []
  await database.drop()
})

function startNodes(change: (db: Db) => Db = (db) => db): readonly [MessageCommitter, MessageCommitter] {
  const start = (name: string): MessageCommitter => {
    const db = change(openPool(name))
    const announcer = new Announcer(new MemoryBroker({ onFault: () => {} }))
    return new MessageCommitter({ db, announcer, clock: systemClock })
  }
  return [start('one'), start('two')]
}

function openPool(name: string): Db {
  const db = connect({
    url: database.url,
    name,
    size: 2,
    statementDeadlineMs: 3_000,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
  pools.push(db)
  return db
}

/** Says each statement without its row lock. */
function withoutRowLock(db: Db): Db {
  const unlocked = (tx: Tx): Tx => ({
    kind: 'tx',
    query: (text, params) => tx.query(text.replace(ROW_LOCK, ''), params),
  })
  return { ...db, transaction: (work, options) => db.transaction((tx) => work(unlocked(tx)), options) }
}

function change(statement: string): Promise<unknown> {
  return withAdmin(database.url, (lane) => lane.run(statement))
}

/** Two nodes with the same conversations, and resends to both; what is wrong afterwards. */
async function wrongsUnderLoad(nodes: readonly MessageCommitter[]): Promise<readonly string[]> {
  const talks = await makeTalks(openPool('setup'), 'u', 2)
  const load = new MessageLoad({ nodes, talks, sendersEach: 4, name: 'load' })
  await until('messages were answered', () => load.answers > ANSWERS)
  const { answers, surprises } = await load.stop()
  return [...surprises.map(nameOf), ...(await withAdmin(database.url, (lane) => findWrongs(lane, answers)))]
}

/** A careless sender gives one id to two messages of two conversations, on two nodes at once; what is wrong afterwards. */
async function wrongsOfReusedIds(nodes: readonly [MessageCommitter, MessageCommitter]): Promise<readonly string[]> {
  const [here, peer] = await makeTalks(openPool('setup'), 'u', 2)
  if (!here || !peer) throw new Error('no conversation was made')
  const there: Talk = { ...peer, senderId: here.senderId, senderKey: here.senderKey, loginKey: here.loginKey }
  const answers: Answered[] = []
  const send = async (node: MessageCommitter, talk: Talk, clientMsgId: string): Promise<void> => {
    const stored = await node.append(requestOf(talk, clientMsgId)).catch((err: unknown) => {
      if (!isRefusedId(err)) throw err
    })
    if (stored) answers.push({ talk, clientMsgId, stored })
  }
  for (let id = 0; id < REUSED_IDS; id++) {
    await Promise.all([send(nodes[0], here, `${id}`), send(nodes[1], there, `${id}`)])
  }
  expect(answers.length).toBeGreaterThanOrEqual(REUSED_IDS)
  return withAdmin(database.url, (lane) => findWrongs(lane, answers))
}

function isRefusedId(err: unknown): boolean {
  if (err instanceof Refused) return err.code === 'IDEMPOTENCY_CONFLICT'
  return err instanceof StatementFailed && err.constraint === 'message_sent_once'
}

function nameOf(err: unknown): string {
  return err instanceof StatementFailed ? `${err.code} ${err.constraint}` : String(err)
}

describe('with everything in its place nothing is wrong', () => {
  test('when two nodes write to the same conversations', async () => {
    expect(await wrongsUnderLoad(startNodes())).toEqual([])
  })

  test('when an id is used twice', async () => {
    expect(await wrongsOfReusedIds(startNodes())).toEqual([])
  })
})

describe('it is found that', () => {
  test('messages are doubled without the index of ids', async () => {
    await change('DROP INDEX message_sent_once')
    expect(await wrongsOfReusedIds(startNodes())).toContainEqual(expect.stringContaining('is stored twice'))
  })

  test('two nodes take the same numbers without the row lock', async () => {
    const wrongs = await wrongsUnderLoad(startNodes(withoutRowLock))
    expect(wrongs).toContainEqual('23505 message_timeline_key_seq_pk')
  })

  test('numbers are given twice without the row lock and the key of numbers', async () => {
    await change('ALTER TABLE message DROP CONSTRAINT message_timeline_key_seq_pk')
    const wrongs = await wrongsUnderLoad(startNodes(withoutRowLock))
    expect(wrongs).toContainEqual(expect.stringMatching(/^the numbers of conversation \d+ are not/))
  })

  test('resends are stored twice without the row lock and the index of ids', async () => {
    await change('DROP INDEX message_sent_once')
    await change('ALTER TABLE message DROP CONSTRAINT message_timeline_key_seq_pk')
    const wrongs = await wrongsUnderLoad(startNodes(withoutRowLock))
    expect(wrongs).toContainEqual(expect.stringContaining('is stored twice'))
  })
})
