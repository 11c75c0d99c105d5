import { unreadOf, type ConversationId } from '@hongyan/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MemoryBroker } from '../src/broker/memory-broker.ts'
import { connect, type Db } from '../src/db/db.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import type { Actor } from '../src/logins/actor.ts'
import { ReceiptNotices } from '../src/receipts/receipt-notices.ts'
import { ReceiptsService } from '../src/receipts/receipts-service.ts'
import { Announcer } from '../src/timelines/announcer.ts'
import { decodePayload } from '../src/timelines/payload.ts'
import { GroupRows, makeActors, ownOffset, userIdOf } from './kit/group-rows.ts'
import { ManualClock } from './kit/manual-clock.ts'
import { conversationOf, refusalOf } from './kit/pair.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { until } from './kit/until.ts'
import { entriesOf, follow, foundGroup, say, volatileOf } from './kit/wire-group.ts'
import type { WireClient } from './kit/wire-client.ts'
import { startWorld, type World } from './kit/world.ts'

let world: World
let db: Db
beforeAll(async () => {
  world = await startWorld()
  db = connect({
    url: world.databaseUrl,
    name: 'test',
    size: 4,
    statementDeadlineMs: 5_000,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
})
afterAll(async () => {
  await db.close()
  await world.stop()
})

const WITH_RECEIPT = { needsReceipt: true }

async function unreadIn(client: WireClient, conversationId: ConversationId): Promise<number> {
  const { conversation } = await client.request('conversation.get', { conversationId })
  return unreadOf(conversation)
}

describe('reading up to a message', () => {
  test('in a group clears the reader’s other devices and tells nobody else', async () => {
    const group = await foundGroup(world, 'public', ['r_teacher', 'r_anna', 'r_bert'])
    const { conversationId, owner, clients } = group
    const anna = clients[1] ?? owner
    const annasPc = await follow(world, 'r_anna', { instanceId: 'pc' })
    const first = await say(owner, conversationId, 'one')
    const last = await say(owner, conversationId, 'two')
    await say(anna, conversationId, 'mine')
    expect(await unreadIn(annasPc, conversationId)).toBeGreaterThanOrEqual(2)
    expect(await anna.request('receipt.read', { conversationId, seq: first })).toEqual({ readSeq: first })
    expect(await unreadIn(annasPc, conversationId)).toBe(1)
    expect(await anna.request('receipt.read', { conversationId, seq: 999_999 })).toEqual({ readSeq: last + 1 })
    expect(await unreadIn(annasPc, conversationId)).toBe(0)
    expect(await anna.request('receipt.read', { conversationId, seq: first })).toEqual({ readSeq: last + 1 })
    await until('the other device hears', () => entriesOf(annasPc, 'read-here').length === 2)
    expect(entriesOf(annasPc, 'read-here').map(({ base }) => base.seq)).toEqual([first, last + 1])
    expect(entriesOf(annasPc, 'read-here').map(({ base }) => base.own)).toEqual([0, 1])
    expect([...entriesOf(owner, 'read'), ...entriesOf(owner, 'read-here')]).toEqual([])
  })

  test('does not wait for whoever holds the group’s timeline', async () => {
    const { conversationId, owner, clients } = await foundGroup(world, 'work', ['l_teacher', 'l_anna'])
    const seq = await say(owner, conversationId, 'read me')
    await withAdmin(world.databaseUrl, async (lane) => {
      await lane.run('BEGIN')
      await lane.run(`SELECT FROM timeline WHERE id = 'c:' || $1 FOR UPDATE`, [conversationId])
      expect(await clients[1]?.request('receipt.read', { conversationId, seq })).toEqual({ readSeq: seq })
      await lane.run('ROLLBACK')
    })
  })

  test('is refused to who is no member', async () => {
    const { conversationId } = await foundGroup(world, 'public', ['n_teacher'])
    const stranger = await follow(world, 'n_stranger')
    expect(await refusalOf(stranger.request('receipt.read', { conversationId, seq: 1 }))).toBe('NOT_A_MEMBER')
    const others = conversationOf('n_teacher', 'n_other')
    expect(await refusalOf(stranger.request('receipt.read', { conversationId: others, seq: 1 }))).toBe('NOT_A_MEMBER')
  })

  test('by many at once, while others write, leaves every unread number as counting gives it', async () => {
    const actors = await makeActors(db, 'many', 6)
    const group = await GroupRows.create(db, 'many', 'public')
    await group.join(actors.map(({ accountKey }) => accountKey))
    const announcer = new Announcer(new MemoryBroker({ onFault: () => {} }))
    const notices = new ReceiptNotices({ db, announcer, clock: systemClock, logger: silentLogger() })
    const receipts = new ReceiptsService({ db, announcer, notices, clock: systemClock })
    const work = actors.flatMap((actor) =>
      Array.from({ length: 20 }, async (_, index) => {
        const seq = await group.say(actor.accountKey, { isUncounted: index % 3 === 0 })
        await receipts.read(actor, group.conversationId, Math.max(1, seq - (index % 5)))
      }),
    )
    await Promise.all(work)
    const rows = await db.query<{ derived: number; counted: number }>(
      `SELECT (t.last_countable - w.base_countable) - (w.own - w.base_own) AS derived,
              (SELECT count(*) FROM message m WHERE m.timeline_key = w.timeline_key AND m.seq > w.read_seq
                  AND m.sender_key <> w.account_key AND m.flags & 1 = 0) AS counted
         FROM member w JOIN timeline t ON t.key = w.timeline_key WHERE w.timeline_key = $1`,
      [group.timelineKey],
    )
    expect(rows).toHaveLength(6)
    expect(rows.map(({ derived }) => derived)).toEqual(rows.map(({ counted }) => counted))
  })
})

describe('receipts', () => {
  test('in a group say who has read and who has not, and the sender hears the numbers', async () => {
    const { conversationId, owner, clients } = await foundGroup(world, 'public', [
      'g_teacher',
      'g_anna',
      'g_bert',
      'g_carl',
    ])
    const [, anna, bert] = clients
    const plain = await say(owner, conversationId, 'plain')
    const notice = await say(owner, conversationId, 'notice', WITH_RECEIPT)
    const seqs = [plain, notice]
    const countsOf = (): Promise<unknown> => owner.request('receipt.counts', { conversationId, seqs })
    expect(await countsOf()).toEqual({ counts: [{ seq: notice, read: 0, unread: 3 }] })
    await anna?.request('receipt.send', { conversationId, seqs })
    await anna?.request('receipt.send', { conversationId, seqs })
    expect(await countsOf()).toEqual({ counts: [{ seq: notice, read: 1, unread: 2 }] })
    await until('the sender hears', () =>
      volatileOf(owner, 'receipt-counts').some(({ counts }) => counts[0]?.read === 1 && counts[0].unread === 2),
    )
    const readers = (filter: string): Promise<unknown> =>
      owner.request('receipt.readers', { conversationId, seq: notice, filter, limit: 10 })
    expect(await readers('read')).toEqual({ userIds: ['g_anna'] })
    expect(await readers('unread')).toEqual({ userIds: ['g_bert', 'g_carl'] })
    await bert?.request('receipt.send', { conversationId, seqs: [notice] })
    await bert?.request('group.quit', { groupId: decodeURIComponent(conversationId.slice('group:'.length)) })
    expect(await countsOf()).toEqual({ counts: [{ seq: notice, read: 2, unread: 1 }] })
    expect(volatileOf(anna ?? owner, 'receipt-counts')).toEqual([])
  })

  test('do not move the read mark', async () => {
    const { conversationId, owner, clients } = await foundGroup(world, 'work', ['m_teacher', 'm_anna'])
    const anna = clients[1] ?? owner
    const seq = await say(owner, conversationId, 'notice', WITH_RECEIPT)
    const before = await unreadIn(anna, conversationId)
    await anna.request('receipt.send', { conversationId, seqs: [seq] })
    expect(await unreadIn(anna, conversationId)).toBe(before)
    expect(before).toBeGreaterThan(0)
  })

  test('are told to the sender alone', async () => {
    const { conversationId, owner, clients } = await foundGroup(world, 'public', ['a_teacher', 'a_anna'])
    const anna = clients[1] ?? owner
    const seq = await say(owner, conversationId, 'notice', WITH_RECEIPT)
    const plain = await say(owner, conversationId, 'plain')
    const page = { conversationId, filter: 'read', limit: 10 }
    expect(await anna.request('receipt.counts', { conversationId, seqs: [seq] })).toEqual({ counts: [] })
    expect(await refusalOf(anna.request('receipt.readers', { ...page, seq }))).toBe('NOT_THE_SENDER')
    expect(await refusalOf(owner.request('receipt.readers', { ...page, seq: plain }))).toBe('NO_RECEIPTS_HERE')
    expect(await refusalOf(owner.request('receipt.readers', { ...page, seq: 9_999 }))).toBe('NO_SUCH_MESSAGE')
    const stranger = await follow(world, 'a_stranger')
    for (const refused of [
      stranger.request('receipt.send', { conversationId, seqs: [seq] }),
      stranger.request('receipt.counts', { conversationId, seqs: [seq] }),
      stranger.request('receipt.readers', { ...page, seq }),
    ])
      expect(await refusalOf(refused)).toBe('NOT_A_MEMBER')
  })

  test('are not there in communities', async () => {
    const { conversationId, owner } = await foundGroup(world, 'community', ['c_teacher', 'c_anna'])
    const refused = [
      owner.request('receipt.send', { conversationId, seqs: [1] }),
      owner.request('receipt.counts', { conversationId, seqs: [1] }),
      owner.request('receipt.readers', { conversationId, seq: 1, filter: 'read', limit: 1 }),
    ]
    for (const each of refused) expect(await refusalOf(each)).toBe('NO_RECEIPTS_HERE')
  })

  test('between two people are one entry for both, with its time on the message', async () => {
    const [anna, bert] = [await follow(world, 'p_anna'), await follow(world, 'p_bert')]
    const conversationId = conversationOf('p_anna', 'p_bert')
    const plain = await say(anna, conversationId, 'plain')
    await until('the conversation is there', () => entriesOf(bert, 'message').length === 1)
    const notice = await say(anna, conversationId, 'notice', WITH_RECEIPT)
    const own = await say(bert, conversationId, 'mine', WITH_RECEIPT)
    await bert.request('receipt.send', { conversationId, seqs: [plain, notice, own] })
    await bert.request('receipt.send', { conversationId, seqs: [notice] })
    await until('both hear', () => entriesOf(anna, 'receipted').length > 0 && entriesOf(bert, 'receipted').length > 0)
    expect(entriesOf(anna, 'receipted')).toEqual([
      { kind: 'receipted', userId: 'p_bert', seqs: [notice], atMs: expect.any(Number) },
    ])
    const { messages } = await anna.request('message.history', { conversationId, direction: 'newer', limit: 10 })
    expect(messages.map(({ receiptAtMs }) => receiptAtMs !== undefined)).toEqual([false, true, false])
    expect(await anna.request('receipt.counts', { conversationId, seqs: [plain, notice, own] })).toEqual({
      counts: [{ seq: notice, read: 1, unread: 0 }],
    })
    expect(await bert.request('receipt.counts', { conversationId, seqs: [own] })).toEqual({
      counts: [{ seq: own, read: 0, unread: 1 }],
    })
  })

  test('of two devices at the same moment are all kept, and are one range when everything is read', async () => {
    const [sender, reader] = await makeActors(db, 'race', 2)
    if (!sender || !reader) throw new Error('no users')
    const group = await GroupRows.create(db, 'race', 'work')
    await group.join([sender.accountKey, reader.accountKey])
    const seqs: number[] = []
    for (let index = 0; index < 60; index++)
      seqs.push(await group.say(sender.accountKey, { wantsReceipts: index % 4 !== 0 }))
    const announcer = new Announcer(new MemoryBroker({ onFault: () => {} }))
    const notices = new ReceiptNotices({ db, announcer, clock: systemClock, logger: silentLogger() })
    const receipts = new ReceiptsService({ db, announcer, notices, clock: systemClock })
    const offset = await ownOffset(db, reader.userId)
    await Promise.all(seqs.map((seq) => receipts.send(reader, group.conversationId, [seq])))
    expect((await receipts.counts(sender, group.conversationId, seqs)).filter(({ read }) => read === 1)).toHaveLength(
      45,
    )
    expect(await group.rangesOf(reader.accountKey)).toBe(1)
    expect(await ownOffset(db, reader.userId)).toBe(offset)
  })
})

describe('the notices to senders', () => {
  /** Three senders or readers in a group, and what the first two are told; time is the test's. */
  class Stand {
    static #count = 0
    readonly clock = new ManualClock()
    readonly told: { readonly topic: string; readonly counts: unknown }[] = []
    readonly group: GroupRows
    readonly actors: readonly Actor[]
    readonly notices: ReceiptNotices
    readonly receipts: ReceiptsService
    statements = 0

    private constructor(group: GroupRows, actors: readonly Actor[], broker: MemoryBroker) {
      this.group = group
      this.actors = actors
      const { clock } = this
      const announcer = new Announcer(broker)
      const counting: Db = {
        ...db,
        query: (text, params) => {
          this.statements++
          return db.query(text, params)
        },
      }
      this.notices = new ReceiptNotices({ db: counting, announcer, clock, logger: silentLogger() })
      this.receipts = new ReceiptsService({ db, announcer, notices: this.notices, clock })
    }

    static async start(): Promise<Stand> {
      const name = `notices${++Stand.#count}`
      const actors = await makeActors(db, name, 4)
      const group = await GroupRows.create(db, name, 'public')
      await group.join(actors.map(({ accountKey }) => accountKey))
      const broker = new MemoryBroker({ onFault: () => {} })
      const stand = new Stand(group, actors, broker)
      broker.onPayload((topic, text) => {
        const payload = decodePayload(text)
        if (payload?.kind === 'volatile') stand.told.push({ topic, counts: JSON.parse(payload.frame).entry.counts })
      })
      for (const { userId } of actors) await broker.subscribe(`u:${userId}`)
      stand.notices.start()
      return stand
    }

    actor(index: number): Actor {
      const actor = this.actors[index]
      if (!actor) throw new Error(`no user ${index}`)
      return actor
    }

    ask(sender: number): Promise<number> {
      return this.group.say(this.actor(sender).accountKey, { wantsReceipts: true })
    }

    read(reader: number, seqs: readonly number[]): Promise<void> {
      return this.receipts.send(this.actor(reader), this.group.conversationId, seqs)
    }
  }

  test('come at once, then at most once a second, in one statement for all, with the numbers of that moment', async () => {
    const stand = await Stand.start()
    const { clock, told } = stand
    const [a, b, c] = [await stand.ask(0), await stand.ask(1), await stand.ask(0)]
    await stand.read(2, [a])
    await clock.pass(0)
    await until('the first is told at once', () => told.length === 1)
    expect(told[0]?.counts).toEqual([{ seq: a, read: 1, unread: 2 }])
    await stand.read(2, [b, c])
    await stand.read(3, [a, b, c])
    await clock.pass(999)
    expect([told.length, stand.statements]).toEqual([1, 1])
    await clock.pass(1)
    await until('both senders are told', () => told.length === 3)
    expect(stand.statements).toBe(2)
    expect(told.slice(1)).toEqual([
      { topic: `u:${stand.actor(1).userId}`, counts: [{ seq: b, read: 2, unread: 1 }] },
      {
        topic: `u:${stand.actor(0).userId}`,
        counts: [
          { seq: a, read: 2, unread: 1 },
          { seq: c, read: 2, unread: 1 },
        ],
      },
    ])
    await clock.pass(5_000)
    expect(stand.statements).toBe(2)
    await stand.notices.stop()
  })

  test('do not come to who has left the group', async () => {
    const stand = await Stand.start()
    const [a, b] = [await stand.ask(0), await stand.ask(1)]
    await stand.group.leave(stand.actor(0).accountKey)
    await stand.read(2, [a, b])
    await stand.clock.pass(0)
    await until('who is there is told', () => stand.told.length === 1)
    expect(stand.told).toEqual([{ topic: `u:${stand.actor(1).userId}`, counts: [{ seq: b, read: 1, unread: 1 }] }])
    await stand.notices.stop()
  })

  test('are bounded: what is too much is dropped and counted, and nothing is told after the stop', async () => {
    const { clock, told, notices, group, actors } = await Stand.start()
    const { conversationId, timelineKey } = group
    const [{ userId: senderId } = { userId: userIdOf('nobody') }] = actors
    for (let seq = 1; seq <= 10_050; seq++) notices.note([{ conversationId, timelineKey, seq, senderId }])
    expect(notices.stats()).toEqual({ waiting: 10_000, dropped: 50 })
    await notices.stop()
    await clock.pass(10_000)
    expect(told).toEqual([])
    expect(clock.alarms).toBe(0)
  })
})
