import { describe, expect, test } from 'vitest'
import { drain, refusalOf, standNodes } from '../../test/kit/rates-stand.ts'
import { silentLogger } from '../kit/logger.ts'
import { limitsOf } from './limits.ts'
import { Rates, type Claim } from './rates.ts'

const SETTINGS = {
  maxSendsPerSecondPerUser: 20,
  maxSendsPerSecondPerGroup: 40,
  maxOpeningsPerSecondPerAddress: 50,
  maxGroupsFoundedPerHourPerUser: 6,
}
const LIMITS = limitsOf(SETTINGS)
const SENDS = { limit: 'sends of a user', key: 'anna' } as const satisfies Claim
const nodesOf = (count: number) => standNodes(count, LIMITS)

describe('one node', () => {
  test('grants a burst, then says how long to wait, and that is true to the millisecond', async () => {
    const { clock, nodes } = nodesOf(1)
    const [rates] = nodes as [Rates]
    expect(drain(rates, SENDS)).toBe(40)
    expect(refusalOf(rates, SENDS)).toMatchObject({ code: 'TOO_MANY_REQUESTS', retryAfterMs: 50 })
    expect(refusalOf(rates, { ...SENDS, tokens: 10 })).toMatchObject({ retryAfterMs: 500 })
    await clock.pass(499)
    expect(refusalOf(rates, { ...SENDS, tokens: 10 })).toMatchObject({ retryAfterMs: 1 })
    await clock.pass(1)
    expect(refusalOf(rates, { ...SENDS, tokens: 10 })).toBeUndefined()
    expect(refusalOf(rates, SENDS)).toMatchObject({ retryAfterMs: 50 })
  })

  test('keys and limits take nothing from each other', () => {
    const [rates] = nodesOf(1).nodes as [Rates]
    drain(rates, SENDS)
    expect(drain(rates, { limit: 'sends of a user', key: 'bert' })).toBe(40)
    expect(drain(rates, { limit: 'requests of a user', key: 'anna' })).toBe(40)
  })

  test('of several claims it takes all or none, and names the one that takes longest', () => {
    const [rates] = nodesOf(1).nodes as [Rates]
    const toGroup: Claim = { limit: 'sends to a group', key: 'class' }
    expect(drain(rates, toGroup)).toBe(80)
    expect(refusalOf(rates, SENDS, toGroup)).toMatchObject({ code: 'TOO_MANY_MESSAGES', retryAfterMs: 25 })
    expect(drain(rates, SENDS)).toBe(40)
    rates.giveBack(SENDS, SENDS)
    expect(drain(rates, SENDS)).toBe(2)
  })

  test('more than a burst at once is taken for a burst, and what was never taken cannot be given back', async () => {
    const { clock, nodes } = nodesOf(1)
    const [rates] = nodes as [Rates]
    rates.take({ ...SENDS, tokens: 1000 })
    expect(refusalOf(rates, SENDS)?.retryAfterMs).toBeGreaterThan(0)
    await clock.pass(60_000)
    rates.giveBack({ ...SENDS, tokens: 30 })
    expect(drain(rates, SENDS)).toBe(40)
  })

  test('one member alone cannot fill a group, and one device alone not its user', () => {
    expect(LIMITS["a user's sends to a group"].burst).toBeLessThanOrEqual(LIMITS['sends to a group'].burst / 4)
    expect(LIMITS['sends of a device'].burst).toBeLessThanOrEqual(LIMITS['sends of a user'].burst / 2)
  })

  test('it holds only who is busy, and no more than a bound', async () => {
    const { clock, nodes } = nodesOf(1)
    const [rates] = nodes as [Rates]
    rates.start()
    for (let n = 0; n < 60_000; n++) rates.take({ limit: 'failed openings', key: `10.0.0.1 u${n}` })
    expect(rates.stats().keys).toBe(50_000)
    await clock.pass(120_000)
    expect(rates.stats().keys).toBe(0)
    await rates.stop()
  })
})

describe('several nodes', () => {
  test('hold a limit together once they have told each other, and again and again', async () => {
    const { clock, nodes } = nodesOf(3)
    for (const rates of nodes) rates.start()
    let granted = 0
    const seconds = 120
    for (let tick = 0; tick < seconds * 10; tick++) {
      for (const rates of nodes) granted += drain(rates, SENDS)
      await clock.pass(100)
    }
    // 20 a second, three bursts of 40 at the beginning. Each for itself would grant 7,200 and more.
    expect(granted).toBeGreaterThan(20 * seconds * 0.95)
    expect(granted).toBeLessThan(20 * seconds * 1.25 + 3 * 40 + 3 * 20)
    for (const rates of nodes) await rates.stop()
  })

  test('a node that was started again knows after its first exchange what was used before', async () => {
    const { clock, common, nodes } = nodesOf(1)
    const founding: Claim = { limit: 'groups founded by a user', key: 'anna' }
    const [rates] = nodes as [Rates]
    expect(drain(rates, founding)).toBe(6)
    await rates.exchange()
    const fresh = new Rates({ limits: LIMITS, shared: common, clock, logger: silentLogger() })
    expect(refusalOf(fresh, founding)).toBeUndefined()
    await fresh.exchange()
    expect(refusalOf(fresh, founding)?.retryAfterMs).toBeGreaterThan(600_000)
  })

  test('only what is busy is told', async () => {
    const { clock, ends, nodes } = nodesOf(2)
    const [rates] = nodes as [Rates, Rates]
    for (let n = 0; n < 100; n++) {
      refusalOf(rates, { limit: 'sends of a user', key: `u${n}` })
      await clock.pass(10)
    }
    await rates.exchange()
    expect(ends[0]?.told).toEqual([])
    drain(rates, SENDS)
    await rates.exchange()
    expect(ends[0]?.told).toMatchObject([{ key: 'sends of a user:anna', used: 40 }])
    await rates.exchange()
    expect(ends[0]?.told).toHaveLength(1)
  })

  test('a burst of busy keys is told in several exchanges, none of it twice', async () => {
    const { ends, nodes } = nodesOf(2)
    const [rates] = nodes as [Rates, Rates]
    for (let n = 0; n < 4_500; n++) drain(rates, { limit: 'failed openings', key: `u${n}` })
    for (let round = 0; round < 5; round++) await rates.exchange()
    const told = ends[0]?.told ?? []
    expect(told).toHaveLength(4_500)
    expect(told.every(({ used }) => used === 20)).toBe(true)
  })

  test('without an answer a node goes on alone, and nothing is told twice', async () => {
    const { clock, ends, nodes } = nodesOf(2)
    const [one, other] = nodes as [Rates, Rates]
    for (const end of ends) end.fate = 'not answered'
    expect(drain(one, SENDS)).toBe(40)
    await one.exchange()
    expect(drain(other, SENDS)).toBe(40)
    await other.exchange()
    expect(one.stats().lost).toBe(1)
    await clock.pass(1_000)
    expect(drain(one, SENDS)).toBe(20)
    for (const end of ends) end.fate = 'answered'
    await one.exchange()
    expect(ends[0]?.told.map(({ used }) => used)).toEqual([40, 20])
    // 100 were used, 20 of them leaked away: the burst of 40 is back after two more seconds.
    expect(refusalOf(one, SENDS)?.retryAfterMs).toBe(2_050)
  })
})
