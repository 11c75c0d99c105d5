import { describe, expect, test } from 'vitest'
import { ManualClock, settle } from '../../test/kit/manual-clock.ts'
import { GroupCommit, type GroupCommitOptions, type Outcome } from './group-commit.ts'

class Outage extends Error {}
class Busy extends Error {}

interface Transaction {
  readonly items: readonly string[]
  readonly commit: (outcomes?: readonly Outcome<string>[]) => void
  readonly fail: (error: Error) => void
}

/** A writer whose transactions end when the test says so. */
function startWriter(options: Partial<GroupCommitOptions<string, string>> = {}) {
  const clock = new ManualClock()
  const transactions: Transaction[] = []
  const writer = new GroupCommit<string, string>({
    commit: (items) =>
      new Promise((resolve, reject) => {
        transactions.push({
          items,
          commit: (outcomes) => resolve(outcomes ?? items.map((item) => ({ kind: 'done', result: `${item}!` }))),
          fail: reject,
        })
      }),
    isOutage: (error) => error instanceof Outage,
    busy: () => new Busy('busy'),
    clock,
    maxBatch: 4,
    maxWaiting: 6,
    maxWaitMs: 1000,
    ...options,
  })
  const inFlight = async (): Promise<Transaction> => {
    await settle()
    const transaction = transactions.at(-1)
    if (!transaction) throw new Error('no transaction has begun')
    return transaction
  }
  return { writer, clock, transactions, inFlight }
}

const contended: Outcome<string> = { kind: 'contended' }
const done = (item: string): Outcome<string> => ({ kind: 'done', result: `${item}!` })

describe('GroupCommit', () => {
  test('commits a lone item at once, without any timer', async () => {
    const { writer, clock, inFlight } = startWriter()
    const result = writer.submit('a')
    expect((await inFlight()).items).toEqual(['a'])
    ;(await inFlight()).commit()
    expect(await result).toBe('a!')
    expect(clock.alarms).toBe(0)
  })

  test('puts what one turn submits into one transaction', async () => {
    const { writer, inFlight, transactions } = startWriter()
    const results = Promise.all([writer.submit('a'), writer.submit('b'), writer.submit('c')])
    ;(await inFlight()).commit()
    expect(await results).toEqual(['a!', 'b!', 'c!'])
    expect(transactions).toHaveLength(1)
    expect(writer.batches).toBe(1)
  })

  test('what arrives during a transaction goes together in the next, in order', async () => {
    const { writer, inFlight, transactions } = startWriter()
    const first = writer.submit('a')
    const running = await inFlight()
    const later = [writer.submit('b'), writer.submit('c')]
    expect(writer.waiting).toBe(2)
    await settle()
    expect(transactions).toHaveLength(1)
    running.commit()
    expect(await first).toBe('a!')
    expect((await inFlight()).items).toEqual(['b', 'c'])
    ;(await inFlight()).commit()
    expect(await Promise.all(later)).toEqual(['b!', 'c!'])
  })

  test('takes no more than maxBatch into one transaction', async () => {
    const { writer, inFlight } = startWriter()
    const results = ['a', 'b', 'c', 'd', 'e'].map((item) => writer.submit(item))
    const first = await inFlight()
    expect(first.items).toEqual(['a', 'b', 'c', 'd'])
    first.commit()
    expect((await inFlight()).items).toEqual(['e'])
    ;(await inFlight()).commit()
    expect(await Promise.all(results)).toEqual(['a!', 'b!', 'c!', 'd!', 'e!'])
  })

  test('an item submitted in the very turn in which the drain ends is not forgotten', async () => {
    // However many microtasks lie between the end of a transaction and the end of the drain, one of these hits it.
    for (let hops = 0; hops < 12; hops++) {
      const { writer, inFlight } = startWriter()
      const first = writer.submit('a')
      const running = await inFlight()
      running.commit()
      for (let hop = 0; hop < hops; hop++) await Promise.resolve()
      const late = writer.submit('b')
      expect((await inFlight()).items, `after ${hops} microtasks`).toEqual(['b'])
      ;(await inFlight()).commit()
      expect(await Promise.all([first, late])).toEqual(['a!', 'b!'])
    }
  })

  test('an item submitted by the receiver of a result goes into a transaction too', async () => {
    const { writer, inFlight } = startWriter()
    const chained = writer.submit('a').then(() => writer.submit('b'))
    ;(await inFlight()).commit()
    expect((await inFlight()).items).toEqual(['b'])
    ;(await inFlight()).commit()
    expect(await chained).toBe('b!')
  })

  test('refuses an item that finds the queue full, and no other', async () => {
    const { writer, inFlight } = startWriter()
    const running = writer.submit('running')
    const transaction = await inFlight()
    const waiting = ['a', 'b', 'c', 'd', 'e', 'f'].map((item) => writer.submit(item))
    await expect(writer.submit('too many')).rejects.toThrow(Busy)
    expect(writer.waiting).toBe(6)
    transaction.commit()
    ;(await inFlight()).commit()
    ;(await inFlight()).commit()
    expect(await Promise.all([running, ...waiting])).toEqual(['running!', 'a!', 'b!', 'c!', 'd!', 'e!', 'f!'])
  })

  test('an item that is refused in the transaction is refused alone', async () => {
    const { writer, inFlight } = startWriter()
    const results = Promise.allSettled([writer.submit('a'), writer.submit('b')])
    ;(await inFlight()).commit([{ kind: 'failed', error: new Error('no') }, done('b')])
    expect(await results).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: 'b!' }])
  })

  test('an item that makes its whole transaction fail fails alone: the others are committed one by one, in order', async () => {
    const committed: string[] = []
    const { writer } = startWriter({
      commit: async (items) => {
        if (items.includes('poison')) throw new Error('constraint violated')
        committed.push(...items)
        return items.map(done)
      },
    })
    const results = await Promise.allSettled(['a', 'poison', 'b', 'c'].map((item) => writer.submit(item)))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect(committed).toEqual(['a', 'b', 'c'])
  })

  test('when the database is away all items of the transaction fail with it, at once', async () => {
    const { writer, inFlight, transactions } = startWriter()
    const results = Promise.allSettled([writer.submit('a'), writer.submit('b')])
    ;(await inFlight()).fail(new Outage('gone'))
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(transactions).toHaveLength(1)
    const next = writer.submit('c')
    ;(await inFlight()).commit()
    expect(await next).toBe('c!')
  })

  test('when the database was away for long, who has waited for it does not wait for it again', async () => {
    const { writer, clock, inFlight, transactions } = startWriter()
    const first = writer.submit('first')
    const running = await inFlight()
    const early = writer.submit('early')
    await clock.pass(600)
    const late = writer.submit('late')
    const outcomes = Promise.allSettled([first, early])
    await clock.pass(600)
    running.fail(new Outage('gone'))
    expect(await outcomes).toMatchObject([{ reason: { message: 'gone' } }, { reason: { message: 'busy' } }])
    expect((await inFlight()).items).toEqual(['late'])
    ;(await inFlight()).commit()
    expect(await late).toBe('late!')
    expect(transactions).toHaveLength(2)
  })

  test('when the database goes away while a failing transaction is taken apart, its items do not wait one after the other', async () => {
    let tries = 0
    const { writer, clock } = startWriter({
      commit: async (items) => {
        tries++
        if (items.includes('poison')) throw new Error('constraint violated')
        await new Promise<void>((resolve) => void clock.after(3000, resolve))
        throw new Outage('gone')
      },
    })
    const outcomes = Promise.allSettled(['poison', 'a', 'b', 'c'].map((item) => writer.submit(item)))
    await clock.pass(3000)
    expect(
      (await outcomes).map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : 'done')),
    ).toEqual(['Error: constraint violated', 'Error: gone', 'Error: busy', 'Error: busy'])
    expect(tries).toBe(3)
  })

  test('a commit that throws something that is no error, or forgets an outcome, rejects and does not hang', async () => {
    const odd = startWriter({
      commit: () => {
        throw 'text' as unknown as Error
      },
    })
    await expect(odd.writer.submit('a')).rejects.toThrow('text')
    const short = startWriter({ commit: () => Promise.resolve([]) })
    await expect(short.writer.submit('a')).rejects.toThrow('no outcome')
  })

  test('a contended item lets others pass, and is tried again before what came after it', async () => {
    const { writer, inFlight } = startWriter()
    const stuck = writer.submit('stuck 1')
    const free = writer.submit('free')
    const first = await inFlight()
    const after = writer.submit('stuck 2')
    first.commit([contended, done('free')])
    expect(await free).toBe('free!')
    expect((await inFlight()).items).toEqual(['stuck 1', 'stuck 2'])
    ;(await inFlight()).commit()
    expect(await Promise.all([stuck, after])).toEqual(['stuck 1!', 'stuck 2!'])
  })

  test('with only contended items it waits a moment instead of asking without end', async () => {
    const { writer, inFlight, clock, transactions } = startWriter()
    const stuck = writer.submit('a')
    ;(await inFlight()).commit([contended])
    await settle()
    expect(transactions).toHaveLength(1)
    await clock.pass(5)
    expect(transactions).toHaveLength(2)
    ;(await inFlight()).commit()
    expect(await stuck).toBe('a!')
  })

  test('an item that is contended for too long is refused, and the others go on', async () => {
    const { writer, clock } = startWriter({
      commit: async (items) => items.map((item) => (item.startsWith('stuck') ? contended : done(item))),
    })
    const stuck = Promise.allSettled([writer.submit('stuck 1'), writer.submit('stuck 2')])
    const free = writer.submit('free')
    expect(await free).toBe('free!')
    await clock.pass(2000)
    expect((await stuck).map((result) => result.status === 'rejected' && result.reason instanceof Busy)).toEqual([
      true,
      true,
    ])
    expect(writer.waiting).toBe(0)
    expect(await writer.submit('again')).toBe('again!')
  })

  test('contended items keep their order when a failing transaction is taken apart', async () => {
    const tries: string[] = []
    let isLocked = true
    const { writer, clock } = startWriter({
      commit: async (items) => {
        if (items.includes('poison')) throw new Error('constraint violated')
        tries.push(...items)
        return items.map((item) => (isLocked ? contended : done(item)))
      },
    })
    const results = Promise.allSettled(['a', 'poison', 'b'].map((item) => writer.submit(item)))
    await settle()
    isLocked = false
    await clock.pass(10)
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(tries.slice(-2)).toEqual(['a', 'b'])
  })
})
