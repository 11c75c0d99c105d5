import { describe, expect, test } from 'vitest'
import { Admission } from './admission.ts'

const start = (): Admission => new Admission({ maxConnections: 5, maxOpeningPerAddress: 2 })

describe('Admission', () => {
  test('refuses an address that has too many connections without a session, and no other', () => {
    const admission = start()
    admission.enter('a')
    expect(admission.refusal('a')).toBeUndefined()
    admission.enter('a')
    expect(admission.refusal('a')).toBe(429)
    expect(admission.refusal('b')).toBeUndefined()
  })

  test('a connection that got its session no longer counts, however often that is said', () => {
    const admission = start()
    const first = admission.enter('a')
    admission.enter('a')
    first.opened()
    first.opened()
    expect(admission.refusal('a')).toBeUndefined()
    admission.enter('a')
    expect(admission.refusal('a')).toBe(429)
    first.closed()
    expect(admission.refusal('a')).toBe(429)
  })

  test('a connection that ends makes room once, with or without a session', () => {
    const admission = start()
    const connections = ['a', 'b', 'c', 'd', 'e'].map((address) => admission.enter(address))
    expect(admission.refusal('f')).toBe(503)
    connections[0]?.closed()
    connections[0]?.closed()
    expect(admission.refusal('f')).toBeUndefined()
    admission.enter('f')
    expect(admission.refusal('g')).toBe(503)
  })

  test('a full node says 503, not that the address is at fault', () => {
    const admission = new Admission({ maxConnections: 2, maxOpeningPerAddress: 2 })
    admission.enter('a')
    admission.enter('a')
    expect(admission.refusal('a')).toBe(503)
  })

  test('nobody comes in while it drains', () => {
    const admission = start()
    expect(admission.isDraining).toBe(false)
    admission.drain()
    expect(admission.isDraining).toBe(true)
    expect(admission.refusal('a')).toBe(503)
  })
})
