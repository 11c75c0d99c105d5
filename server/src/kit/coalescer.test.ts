import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { Coalescer } from './coalescer.ts'

/** A store that answers when it is told to. */
function makeStand(maxKeys = 100) {
  const clock = new ManualClock()
  const askings: { keys: readonly number[]; answer: () => void; fail: () => void }[] = []
  const coalescer = new Coalescer<number, string>({
    idOf: String,
    maxKeys,
    clock,
    ask: (keys) =>
      new Promise((resolve, reject) => {
        const answer = (): void =>
          resolve(new Map(keys.filter((key) => key > 0).map((key) => [String(key), `#${key}`])))
        askings.push({ keys, answer, fail: () => reject(new Error('away')) })
      }),
  })
  return { coalescer, askings, pass: (ms: number) => clock.pass(ms) }
}

const PACE_MS = 20

describe('asking for many at once', () => {
  test('a lone caller is asked for at once, those who come shortly after go together', async () => {
    const { coalescer, askings, pass } = makeStand()
    const all = Promise.all([1, 2, 3, 4, 3].map((key) => coalescer.one(key)))
    expect(askings.map(({ keys }) => keys)).toEqual([[1]])
    askings[0]?.answer()
    await pass(PACE_MS - 1)
    expect(askings).toHaveLength(1)
    await pass(1)
    expect(askings.map(({ keys }) => keys)).toEqual([[1], [2, 3, 4]])
    askings[1]?.answer()
    expect(await all).toEqual(['#1', '#2', '#3', '#4', '#3'])
  })

  test('who comes alone after a while is asked for at once again', async () => {
    const { coalescer, askings, pass } = makeStand()
    void coalescer.one(1)
    await pass(PACE_MS)
    void coalescer.one(2)
    expect(askings.map(({ keys }) => keys)).toEqual([[1], [2]])
  })

  test('two askings are on their way at most; who comes meanwhile goes into the next', async () => {
    const { coalescer, askings, pass } = makeStand()
    void coalescer.one(1)
    await pass(PACE_MS)
    void coalescer.one(2)
    await pass(PACE_MS)
    void coalescer.one(3)
    void coalescer.one(4)
    await pass(PACE_MS * 10)
    expect(askings).toHaveLength(2)
    askings[1]?.answer()
    await pass(0)
    expect(askings.map(({ keys }) => keys)).toEqual([[1], [2], [3, 4]])
  })

  test('no answer comes from an asking that began before the call', async () => {
    const { coalescer, askings, pass } = makeStand()
    void coalescer.one(1)
    await pass(PACE_MS)
    const late = coalescer.one(1)
    askings[0]?.answer()
    await pass(0)
    expect(askings).toHaveLength(2)
    askings[1]?.answer()
    expect(await late).toBe('#1')
  })

  test('an asking is bounded, but a caller is never divided', async () => {
    const { coalescer, askings, pass } = makeStand(3)
    const keep = [coalescer.one(8), coalescer.find([1, 2]), coalescer.find([3, 4, 5, 6]), coalescer.one(7)]
    for (let n = 0; n < 4; n++) {
      askings[n]?.answer()
      await pass(PACE_MS)
    }
    expect(askings.map(({ keys }) => keys)).toEqual([[8], [1, 2], [3, 4, 5, 6], [7]])
    await Promise.all(keep)
  })

  test('what has no answer is absent; nothing is asked for nothing', async () => {
    const { coalescer, askings } = makeStand()
    expect((await coalescer.find([])).size).toBe(0)
    const absent = coalescer.one(-1)
    askings[0]?.answer()
    expect(await absent).toBeUndefined()
    expect(askings).toHaveLength(1)
  })

  test('a failure is that of its callers alone', async () => {
    const { coalescer, askings, pass } = makeStand()
    const failed = coalescer.one(1)
    askings[0]?.fail()
    await expect(failed).rejects.toThrow('away')
    const fine = coalescer.one(2)
    await pass(PACE_MS)
    askings[1]?.answer()
    expect(await fine).toBe('#2')
  })
})
