import { Refused } from '@hongyan/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { createKeyRing } from '../auth/key-ring.ts'
import { Tickets } from './tickets.ts'

const OLD = 'a'.repeat(64)
const NEW = 'b'.repeat(64)
const BEARER = { accountKey: 100_001, loginKey: 7 }

test('a token is good for its time, and a ticket for its file', () => {
  const clock = new ManualClock()
  const tickets = new Tickets(createKeyRing([OLD]), clock)
  const { token, expiresAtMs } = tickets.token(BEARER)
  const { ticket } = tickets.ticket('f1', BEARER)
  expect(tickets.bearerOf(token)).toEqual(BEARER)
  expect(tickets.uploaderOf('f1', ticket)).toEqual(BEARER)
  expect(() => tickets.uploaderOf('f2', ticket)).toThrow(new Refused('TICKET_INVALID'))
  clock.wallMs = expiresAtMs - 1
  expect(tickets.bearerOf(token)).toEqual(BEARER)
  expect(() => tickets.uploaderOf('f1', ticket)).toThrow(new Refused('TICKET_INVALID'))
  clock.wallMs = expiresAtMs
  expect(() => tickets.bearerOf(token)).toThrow(new Refused('MEDIA_TOKEN_INVALID'))
})

test('one kind is not taken for another', () => {
  const tickets = new Tickets(createKeyRing([OLD]), new ManualClock())
  expect(() => tickets.bearerOf(tickets.ticket('f1', BEARER).ticket)).toThrow(new Refused('MEDIA_TOKEN_INVALID'))
  expect(() => tickets.uploaderOf('100001', tickets.token(BEARER).token)).toThrow(new Refused('TICKET_INVALID'))
})

test('while the secret is changed both are accepted, and the new one signs', () => {
  const clock = new ManualClock()
  const [before, during, after] = [[OLD], [NEW, OLD], [NEW]].map(
    (secrets) => new Tickets(createKeyRing(secrets), clock),
  )
  const old = before?.token(BEARER).token ?? ''
  expect(during?.bearerOf(old)).toEqual(BEARER)
  expect(after?.bearerOf(during?.token(BEARER).token ?? '')).toEqual(BEARER)
  expect(() => after?.bearerOf(old)).toThrow(new Refused('MEDIA_TOKEN_INVALID'))
})

test('no other text is a token, however near it is', () => {
  const tickets = new Tickets(createKeyRing([OLD]), new ManualClock())
  const { token } = tickets.token(BEARER)
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(...Array.from('0123456789.-_AZaz')), (at, char) => {
      const changed = token.slice(0, at) + char + token.slice(at + 1)
      if (changed !== token) expect(() => tickets.bearerOf(changed)).toThrow(new Refused('MEDIA_TOKEN_INVALID'))
    }),
  )
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      expect(() => tickets.bearerOf(text)).toThrow()
    }),
  )
})
