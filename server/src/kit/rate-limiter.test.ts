import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { RateLimiter } from './rate-limiter.ts'

function takeAll(rates: RateLimiter, key: string): number {
  let taken = 0
  while (rates.take(key)) taken++
  return taken
}

describe('a rate', () => {
  test('allows twice a second’s worth at once, then what has come back since', async () => {
    const clock = new ManualClock()
    const rates = new RateLimiter(10, clock)
    expect(takeAll(rates, 'a')).toBe(20)
    await clock.pass(100)
    expect(takeAll(rates, 'a')).toBe(1)
    await clock.pass(1000)
    expect(takeAll(rates, 'a')).toBe(10)
    await clock.pass(3_600_000)
    expect(takeAll(rates, 'a')).toBe(20)
  })

  test('allows as many at once as it is told', async () => {
    const clock = new ManualClock()
    const rates = new RateLimiter(4, clock, 20)
    expect(takeAll(rates, 'a')).toBe(20)
    await clock.pass(1_000)
    expect(takeAll(rates, 'a')).toBe(4)
  })

  test('does not make up for a clock that goes back on the wall', () => {
    const clock = new ManualClock()
    const rates = new RateLimiter(10, clock)
    takeAll(rates, 'a')
    clock.wallMs -= 86_400_000
    expect(takeAll(rates, 'a')).toBe(0)
    clock.wallMs += 2 * 86_400_000
    expect(takeAll(rates, 'a')).toBe(0)
  })

  test('may be asked for several at once, and takes none where there are too few', () => {
    const limiter = new RateLimiter(5, new ManualClock())
    expect([limiter.take('a', 4.5), limiter.take('a', 4.5), limiter.take('a', 4.5)]).toEqual([true, true, false])
    expect([limiter.take('a'), limiter.take('a')]).toEqual([true, false])
  })

  test('is everybody’s own', () => {
    const rates = new RateLimiter(1, new ManualClock())
    expect(takeAll(rates, 'a')).toBe(2)
    expect(takeAll(rates, 'b')).toBe(2)
  })

  test('holds only who is busy', async () => {
    const clock = new ManualClock()
    const rates = new RateLimiter(1, clock)
    for (let user = 0; user < 1000; user++) rates.take(`user ${user}`)
    expect(rates.size).toBe(1000)
    rates.forgetFull()
    expect(rates.size).toBe(1000)
    await clock.pass(500)
    rates.take('user 7')
    await clock.pass(500)
    rates.forgetFull()
    expect(rates.size).toBe(1)
    await clock.pass(1000)
    rates.forgetFull()
    expect(rates.size).toBe(0)
  })
})
