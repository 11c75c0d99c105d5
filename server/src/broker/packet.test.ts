import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodePacket, openPacket, payloadsOf } from './packet.ts'

test('what was packed is unpacked, also after a trip through UTF-8', () => {
  const strings = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(strings, fc.array(strings, { minLength: 1 }), fc.nat(), (topic, payloads, number) => {
      const text = Buffer.from(encodePacket({ nodeId: 'n-1', number, topic, payloads })).toString()
      const envelope = openPacket(text)
      expect(envelope).toMatchObject({ nodeId: 'n-1', topic: Buffer.from(topic).toString() })
      expect(envelope && payloadsOf(text, envelope)).toEqual(payloads.map((p) => Buffer.from(p).toString()))
    }),
  )
})

test.each([
  '',
  'n',
  'n,1,1',
  'n,1;',
  'n,1,1;',
  'n,1,1,1;a',
  'n,1,1;ab',
  'n,1,-1;',
  'n,x,1;a',
  'n,1,1e400;a',
  'n,1,0.5;a',
  'n,1,2,-1;a',
  'n,-1,0;',
  '{"a":1}',
])('%s is no packet of ours', (text) => {
  expect(openPacket(text)).toBeUndefined()
})
