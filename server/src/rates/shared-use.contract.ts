import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MOST_BURSTS, type SharedUse, type Use } from './shared-use.ts'

const PATIENCE = { timeout: 10_000, interval: 5 }

/** Leaks so slowly that nothing is gone before a test has ended. */
export function useOf(key: string, used: number, fields: Partial<Use> = {}): Use {
  return { key, perSecond: 0.001, burst: 100, used, ...fields }
}

/** Levels without the little that has leaked away meanwhile. */
export function rounded(levels: readonly number[] | undefined): readonly number[] | undefined {
  return levels?.map((level) => Math.round(level))
}

/** The guarantee of the seam, in its own words; run by every implementation. `open` gives a node its end of the same. */
export function describeSharedUse(name: string, open: () => SharedUse): void {
  describe(`${name} keeps the contract of shared use`, () => {
    let one: SharedUse
    let other: SharedUse
    beforeEach(async () => {
      one = open()
      other = open()
      for (const node of [one, other]) {
        await vi.waitFor(async () => expect(await node.exchange([])).toEqual([]), PATIENCE)
      }
    })
    afterEach(() => Promise.all([one.close(), other.close()]))

    test('each hears of the use of all, key by key, in the order it asked', async () => {
      expect(rounded(await one.exchange([useOf('anna', 3), useOf('bert', 5)]))).toEqual([3, 5])
      expect(rounded(await other.exchange([useOf('bert', 2), useOf('carla', 1), useOf('anna', 4)]))).toEqual([7, 1, 7])
      expect(rounded(await one.exchange([useOf('carla', 0), useOf('anna', 0)]))).toEqual([1, 7])
    })

    test('a node that comes later, as after a restart, reads what is there', async () => {
      await one.exchange([useOf('anna', 30)])
      await one.close()
      expect(await one.exchange([useOf('anna', 1)])).toBeUndefined()
      expect(rounded(await other.exchange([useOf('anna', 0)]))).toEqual([30])
    })

    test('what was used leaks away at the rate of its limit, and only what was used', async () => {
      await one.exchange([useOf('fast', 50, { perSecond: 100 }), useOf('slow', 50)])
      const seen: number[] = []
      await vi.waitFor(async () => {
        const [level = 0] = (await other.exchange([useOf('fast', 0, { perSecond: 100 })])) ?? []
        seen.push(level)
        expect(level).toBe(0)
      }, PATIENCE)
      expect(seen.toSorted((a, b) => b - a)).toEqual(seen)
      expect(rounded(await other.exchange([useOf('slow', 0)]))).toEqual([50])
    })

    test('what is given back is taken off, never to less than nothing', async () => {
      await one.exchange([useOf('anna', 10)])
      expect(rounded(await other.exchange([useOf('anna', -4)]))).toEqual([6])
      expect(rounded(await other.exchange([useOf('anna', -40)]))).toEqual([0])
      expect(rounded(await one.exchange([useOf('anna', 1)]))).toEqual([1])
    })

    test('fractions are kept, and no level grows beyond its bound', async () => {
      await one.exchange([useOf('anna', 0.25)])
      const [level = 0] = (await one.exchange([useOf('anna', 0.5)])) ?? []
      expect(level).toBeCloseTo(0.75, 1)
      expect(rounded(await one.exchange([useOf('wild', 1e9)]))).toEqual([100 * MOST_BURSTS])
    })

    test('keys may be named anything, and be thousands', async () => {
      const names = [
        '',
        '{',
        '}{',
        '{anna}',
        '家长:陈\n50% ',
        '*',
        'a'.repeat(300),
        ...Array.from({ length: 3000 }, (_, n) => `user ${n}`),
      ]
      const uses = names.map((key, index) => useOf(key, (index % 7) + 1))
      await one.exchange(uses)
      const levels = rounded(await other.exchange(uses.map((use) => ({ ...use, used: 0 }))))
      expect(levels).toEqual(uses.map(({ used }) => used))
    })
  })
}
