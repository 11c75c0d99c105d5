import { Refused } from '@hongyan/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
import { createDatabase, type TestDatabase } from './kit/postgres.ts'

// What the server says of receipts is compared, after every step of a random history, with what a naive model says that
// keeps a set of readers per message.

const USERS = 5
const RUNS = 40

let database: TestDatabase
let db: Db
let actors: readonly Actor[]
let receipts: ReceiptsService
let groups = 0

beforeAll(async () => {
  database = await createDatabase()
  db = connect({
    url: database.url,
    name: 'model',
    size: 4,
    statementDeadlineMs: 5_000,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
  actors = await makeActors(db, 'u', USERS)
  const announcer = new Announcer(new MemoryBroker({ onFault: () => {} }))
  const notices = new ReceiptNotices({ db, announcer, clock: systemClock, logger: silentLogger() })
  receipts = new ReceiptsService({ db, announcer, notices, clock: systemClock })
})
afterAll(async () => {
  await db.close()
  await database.drop()
})

type Step =
  | { readonly kind: 'come-or-go'; readonly user: number }
  | { readonly kind: 'say'; readonly user: number; readonly wants: boolean; readonly receivers: readonly number[] }
  | { readonly kind: 'revoke'; readonly seq: number }
  | { readonly kind: 'receipt'; readonly user: number; readonly seqs: readonly number[] }
  | { readonly kind: 'read-all'; readonly user: number }

const user = fc.nat({ max: USERS - 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('come-or-go' as const), user }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('say' as const),
      user,
      wants: fc.constantFrom(true, true, false),
      receivers: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.uniqueArray(user, { maxLength: 3 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revoke' as const), seq: fc.integer({ min: 1, max: 12 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('receipt' as const),
      user,
      seqs: fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read-all' as const), user }) },
)

interface Said {
  readonly seq: number
  readonly by: number
  readonly wants: boolean
  readonly receivers: readonly number[]
  isRevoked: boolean
  readonly readers: Set<number>
}

/** The naive one: who has read is a set per message, and everything is looked at. */
class Model {
  readonly joinedSeq = new Map<number, number>()
  readonly said: Said[] = []

  isFor(message: Said, reader: number): boolean {
    return message.by !== reader && (message.receivers.length === 0 || message.receivers.includes(reader))
  }

  receipt(reader: number, seqs: readonly number[]): void {
    const joinedSeq = this.joinedSeq.get(reader)
    if (joinedSeq === undefined) return
    for (const message of this.said) {
      const wantsIt = message.wants && !message.isRevoked && this.isFor(message, reader)
      if (wantsIt && seqs.includes(message.seq) && message.seq > joinedSeq) message.readers.add(reader)
    }
  }

  awaited(message: Said): readonly number[] {
    return [...this.joinedSeq]
      .filter(([reader, joinedSeq]) => joinedSeq < message.seq && this.isFor(message, reader))
      .map(([reader]) => reader)
      .filter((reader) => !message.readers.has(reader))
  }

  hasReadEverything(reader: number): boolean {
    return this.said.every((message) => !message.wants || !this.isFor(message, reader) || message.readers.has(reader))
  }
}

function actorOf(index: number): Actor {
  const actor = actors[index]
  if (!actor) throw new Error(`no user ${index}`)
  return actor
}

async function perform(group: GroupRows, model: Model, each: Step): Promise<void> {
  if (each.kind === 'revoke') {
    const message = model.said.find(({ seq }) => seq === each.seq)
    if (!message) return
    message.isRevoked = true
    return group.revoke(each.seq)
  }
  const { accountKey } = actorOf(each.user)
  const isMember = model.joinedSeq.has(each.user)
  if (each.kind === 'come-or-go') {
    if (isMember) model.joinedSeq.delete(each.user)
    else model.joinedSeq.set(each.user, model.said.length)
    return isMember ? group.leave(accountKey) : group.join([accountKey])
  }
  if (each.kind === 'say') {
    if (!isMember) return
    const receivers = each.receivers.map((receiver) => actorOf(receiver).accountKey)
    const seq = await group.say(accountKey, {
      wantsReceipts: each.wants,
      receivers: receivers.length === 0 ? undefined : receivers,
    })
    model.said.push({ ...each, seq, by: each.user, isRevoked: false, readers: new Set() })
    return
  }
  const seqs = each.kind === 'receipt' ? each.seqs : model.said.map(({ seq }) => seq)
  if (seqs.length === 0) return
  model.receipt(each.user, seqs)
  const sent = receipts.send(actorOf(each.user), group.conversationId, seqs)
  if (isMember) return sent
  await expect(sent).rejects.toThrow(new Refused('NOT_A_MEMBER'))
}

/** Everything that the members are told must be what the model says. */
async function compare(group: GroupRows, model: Model): Promise<void> {
  for (const by of model.joinedSeq.keys()) {
    const seqs = model.said.map(({ seq }) => seq)
    if (seqs.length === 0) continue
    const mine = model.said.filter((message) => message.by === by && message.wants && !message.isRevoked)
    const told = await receipts.counts(actorOf(by), group.conversationId, seqs)
    expect(told).toEqual(
      mine.map((message) => ({ seq: message.seq, read: message.readers.size, unread: model.awaited(message).length })),
    )
    for (const message of mine) {
      expect(await listed(group, by, message.seq, 'read')).toEqual(idsOf([...message.readers]))
      expect(await listed(group, by, message.seq, 'unread')).toEqual(idsOf(model.awaited(message)))
    }
  }
  for (const [reader] of actors.entries()) {
    if (!model.hasReadEverything(reader)) continue
    expect(await group.rangesOf(actorOf(reader).accountKey)).toBeLessThanOrEqual(1)
  }
}

function listed(group: GroupRows, by: number, seq: number, filter: 'read' | 'unread'): Promise<string[]> {
  return pages(actorOf(by), group, seq, filter, 2)
}

/** All pages. */
async function pages(
  by: Actor,
  group: GroupRows,
  seq: number,
  filter: 'read' | 'unread',
  limit = 100,
): Promise<string[]> {
  const found: string[] = []
  let after: string | undefined
  do {
    const page = await receipts.readers(by, {
      conversationId: group.conversationId,
      seq,
      filter,
      limit,
      ...(after === undefined ? {} : { after }),
    })
    found.push(...page.userIds)
    after = page.next
  } while (after !== undefined)
  return found.sort()
}

function idsOf(users: readonly number[]): string[] {
  return users.map((index) => actorOf(index).userId as string).sort()
}

test('whatever is said, joined, left, revoked and read: counts and lists of receipts are those of the naive model', async () => {
  let [compared, wereMany] = [0, 0]
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), async (steps) => {
      const group = await GroupRows.create(db, `model_${++groups}`, 'public')
      const model = new Model()
      for (let first = 0; first < USERS - 1; first++) await perform(group, model, { kind: 'come-or-go', user: first })
      for (const each of steps) {
        await perform(group, model, each)
        await compare(group, model)
        compared++
      }
      if (model.said.some(({ readers }) => readers.size > 1)) wereMany++
    }),
    { numRuns: RUNS },
  )
  // The histories have to be such that there is something to compare. About a third of them is; chance gives fewer at times.
  expect(compared).toBeGreaterThan(RUNS * 10)
  expect(wereMany).toBeGreaterThan(RUNS / 10)
}, 180_000)

test('in a group of 2,000 with 500 notices read at random, all numbers and lists are those of the oracle', async () => {
  const [READERS, NOTICES, LISTED] = [2_000, 500, 20]
  const crowd = await makeActors(db, 'crowd', READERS)
  const [teacher, ...others] = crowd
  if (!teacher) throw new Error('no teacher')
  const group = await GroupRows.create(db, 'crowd', 'public')
  await group.join(crowd.map(({ accountKey }) => accountKey))
  const seqs: number[] = []
  for (let index = 0; index < NOTICES; index++) {
    seqs.push(await group.say(teacher.accountKey, { wantsReceipts: true }))
    if (index % 3 === 0) await group.say(teacher.accountKey)
  }
  const chance = seeded(20_261_121)
  const readBy = new Map<number, Set<string>>(seqs.map((seq) => [seq, new Set()]))
  // Some read nearly all, some nearly nothing, in requests of up to a hundred.
  await inTurns(others, 8, async (reader) => {
    const diligence = chance()
    const read = seqs.filter(() => chance() < diligence)
    for (const seq of read) readBy.get(seq)?.add(reader.userId)
    for (let start = 0; start < read.length; start += 100)
      await receipts.send(reader, group.conversationId, read.slice(start, start + 100))
  })
  for (let start = 0; start < seqs.length; start += 100) {
    const asked = seqs.slice(start, start + 100)
    expect(await receipts.counts(teacher, group.conversationId, asked)).toEqual(
      asked.map((seq) => {
        const read = readBy.get(seq)?.size ?? 0
        return { seq, read, unread: READERS - 1 - read }
      }),
    )
  }
  for (const seq of seqs.filter((_, index) => index % (NOTICES / LISTED) < 1)) {
    const readers = readBy.get(seq) ?? new Set()
    const all = others.map(({ userId }) => userId as string)
    expect(await pages(teacher, group, seq, 'read')).toEqual(all.filter((id) => readers.has(id)).sort())
    expect(await pages(teacher, group, seq, 'unread')).toEqual(all.filter((id) => !readers.has(id)).sort())
  }
}, 180_000)

/** Numbers in [0, 1), the same at every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

async function inTurns<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = [...items]
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item)
    }),
  )
}
