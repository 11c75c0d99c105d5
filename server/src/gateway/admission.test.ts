import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { Admission, type AdmissionLimits } from './admission.ts'

const LIMITS: AdmissionLimits = { maxConnections: 5, maxOpeningPerAddress: 2, maxOpeningsPerSecond: 1_000 }

function start(limits: Partial<AdmissionLimits> = {}, clock = new ManualClock()): Admission {
  let fraction = 0
  const random = { fraction: () => (fraction = (fraction + 0.3) % 1), id: () => 'id' }
  return new Admission({ ...LIMITS, ...limits }, { clock, random })
}

function statusOf(admission: Admission, address: string): number | undefined {
  return admission.refusal(address)?.status
}

describe('Admission', () => {
  test('refuses an address that has too many connections without a session, and no other', () => {
    const admission = start()
    admission.enter('a')
    expect(statusOf(admission, 'a')).toBeUndefined()
    admission.enter('a')
    expect(statusOf(admission, 'a')).toBe(429)
    expect(statusOf(admission, 'b')).toBeUndefined()
  })

  test('a connection that got its session no longer counts, however often that is said', () => {
    const admission = start()
    const first = admission.enter('a')
    admission.enter('a')
    first.opened()
    first.opened()
    expect(statusOf(admission, 'a')).toBeUndefined()
    admission.enter('a')
    expect(statusOf(admission, 'a')).toBe(429)
    first.closed()
    expect(statusOf(admission, 'a')).toBe(429)
  })

  test('a connection that ends makes room once, with or without a session', () => {
    const admission = start()
    const connections = ['a', 'b', 'c', 'd', 'e'].map((address) => admission.enter(address))
    expect(statusOf(admission, 'f')).toBe(503)
    connections[0]?.closed()
    connections[0]?.closed()
    expect(statusOf(admission, 'f')).toBeUndefined()
    admission.enter('f')
    expect(statusOf(admission, 'g')).toBe(503)
  })

  test('a full node says 503, not that the address is at fault', () => {
    const admission = start({ maxConnections: 2 })
    admission.enter('a')
    admission.enter('a')
    expect(statusOf(admission, 'a')).toBe(503)
  })

  test('nobody comes in while it drains', () => {
    const admission = start()
    expect(admission.isDraining).toBe(false)
    admission.drain()
    expect(admission.isDraining).toBe(true)
    expect(statusOf(admission, 'a')).toBe(503)
  })

  test('lets in no more a second than it can serve, and tells the others apart when to come again', async () => {
    const clock = new ManualClock()
    const admission = start({ maxOpeningsPerSecond: 3 }, clock)
    const storm = Array.from({ length: 20 }, () => admission.refusal('a'))
    expect(storm.map((refusal) => refusal?.status)).toEqual([...Array(6).fill(undefined), ...Array(14).fill(503)])
    const waits = new Set(storm.flatMap((refusal) => refusal?.retryAfterS ?? []))
    expect(waits).toEqual(new Set([1, 2, 3, 4, 5]))
    await clock.pass(1_000)
    expect(Array.from({ length: 5 }, () => statusOf(admission, 'a')).filter((status) => status === 503)).toHaveLength(2)
  })

  test('who is refused for another reason takes nobody’s turn', () => {
    const admission = start({ maxOpeningsPerSecond: 1, maxOpeningPerAddress: 1 })
    admission.enter('a')
    for (let n = 0; n < 10; n++) expect(statusOf(admission, 'a')).toBe(429)
    expect(statusOf(admission, 'b')).toBeUndefined()
  })
})
