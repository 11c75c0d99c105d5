import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readMeasurement } from './measured.ts'
import { reproduce, SCHOOL, sizeFor } from './model.ts'
import { withTables } from './page.ts'
import { playStorm } from './storm.ts'

const PAGE = new URL('../../docs/SCALING.md', import.meta.url)
const measurement = readMeasurement()

describe('the model of docs/SCALING.md', () => {
  test.each(reproduce(measurement))('it says what was measured: $what', ({ measured, predicted }) => {
    expect(predicted / measured).toBeGreaterThan(1 / 1.5)
    expect(predicted / measured).toBeLessThan(1.5)
  })

  test('the tables on the page are those of the measurement', async () => {
    const page = readFileSync(PAGE, 'utf8')
    expect(await withTables(page, measurement)).toBe(page)
  })

  test('more people never need less', () => {
    const sizes = [500, 5_000, 50_000, 500_000].map((people) => sizeFor(people, measurement))
    for (const [index, larger] of sizes.entries()) {
      const smaller = sizes[index - 1] ?? larger
      expect(larger.gateways).toBeGreaterThanOrEqual(smaller.gateways)
      expect(larger.databaseCores).toBeGreaterThanOrEqual(smaller.databaseCores)
      expect(larger.redisMegabitsPerSecond).toBeGreaterThanOrEqual(smaller.redisMegabitsPerSecond)
    }
  })

  test('people who write ten times as much need gateways by their work, no more by their connections', () => {
    const chatty = { ...SCHOOL, perMinute: SCHOOL.perMinute * 10 }
    expect(sizeFor(100_000, measurement).decidedBy).toBe('connections')
    const { decidedBy, gateways, gatewayCores } = sizeFor(100_000, measurement, chatty)
    expect(decidedBy).toBe('CPU')
    expect(gatewayCores).toBeLessThanOrEqual((gateways - 1) * 0.5)
  })
})

describe('a storm', () => {
  const storm = { clients: 5_000, gateways: 1, openingsPerSecond: 2_000, resumeMs: 0.2, seed: 1 }

  test('everybody comes back, and the same seed gives the same', () => {
    const returns = playStorm(storm)
    expect(returns).toHaveLength(5_000)
    expect(playStorm(storm)).toEqual(returns)
  })

  test('what is let in a second, and what a return costs, decide when the last is back', () => {
    const last = (change: Partial<typeof storm>): number => playStorm({ ...storm, ...change }).at(-1) ?? 0
    expect(last({ openingsPerSecond: 200 })).toBeGreaterThan(last({}) * 2)
    expect(last({ resumeMs: 2 })).toBeGreaterThanOrEqual(9_900)
    expect(last({ gateways: 4, resumeMs: 2 })).toBeLessThan(5_000)
  })
})
