import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodePacket, parsePacket } from './packet.ts'

test('what was packed is unpacked, also after a trip through UTF-8', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (payloads) => {
      const text = Buffer.from(encodePacket({ nodeId: 'n-1', payloads })).toString()
      expect(parsePacket(text)).toEqual({ nodeId: 'n-1', payloads: payloads.map((p) => Buffer.from(p).toString()) })
    }),
  )
})

test.each(['', 'n', 'n,1', 'n,1;', 'n,1;ab', 'n,-1;', 'n,x;a', 'n,1e400;a', 'n,0.5;a', 'n,2,-1;a', '{"a":1}'])(
  '%s is no packet of ours',
  (text) => {
    expect(parsePacket(text)).toBeUndefined()
  },
)
