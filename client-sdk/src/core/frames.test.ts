import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseServerFrame } from './frames.ts'

test('the frames of the wire are recognised', () => {
  expect(parseServerFrame('{"type":"reply","id":7,"body":{"a":1}}')).toEqual({ type: 'reply', id: 7, body: { a: 1 } })
  expect(
    parseServerFrame('{"type":"error","id":7,"error":{"name":"BUSY","code":10001,"retryable":true,"text":""}}'),
  ).toEqual({
    type: 'error',
    id: 7,
    name: 'BUSY',
    isRetryable: true,
    retryAfterMs: 0,
  })
  for (const [hint, retryAfterMs] of [
    [1500, 1500],
    [-1, 0],
    ['1', 0],
    [null, 0],
    [0.5, 0],
  ]) {
    const text = `{"type":"error","id":7,"error":{"name":"TOO_MANY_REQUESTS","retryAfterMs":${JSON.stringify(hint)}}}`
    expect(parseServerFrame(text)).toMatchObject({ retryAfterMs })
  }
  expect(parseServerFrame('{"type":"push","timeline":"u:a","offset":1,"entry":{"kind":"joined"}}')).toEqual({
    type: 'push',
    timeline: 'u:a',
    offset: 1,
    entry: { kind: 'joined' },
  })
  expect(parseServerFrame('{"type":"volatile","timeline":"u:a","entry":{"kind":"x"}}')).toEqual({
    type: 'volatile',
    entry: { kind: 'x' },
  })
  expect(parseServerFrame('{"type":"ping","later":1}')).toEqual({ type: 'ping' })
  expect(parseServerFrame('{"type":"pong"}')).toEqual({ type: 'pong' })
})

test('[FWD-1] what is not understood is nothing', () => {
  const nothing = [
    '',
    '{',
    'null',
    '[]',
    '7',
    '{}',
    '{"type":"hello"}',
    '{"type":"reply","id":"7","body":{}}',
    '{"type":"reply","id":7}',
    '{"type":"reply","id":7,"body":[]}',
    '{"type":"error","id":7,"error":{}}',
    '{"type":"error","id":7}',
    '{"type":"push","timeline":"u:a","offset":0,"entry":{"kind":"x"}}',
    '{"type":"push","timeline":"u:a","offset":1.5,"entry":{"kind":"x"}}',
    '{"type":"push","timeline":"u:a","offset":1,"entry":{}}',
    '{"type":"push","offset":1,"entry":{"kind":"x"}}',
    '{"type":"volatile","entry":null}',
  ]
  for (const text of nothing) expect(parseServerFrame(text)).toBeUndefined()
})

test('any text is a frame or nothing, never an error', () => {
  const frameLike = fc.json().map((json) => `{"type":"push","timeline":"u:a","offset":1,"entry":${json}}`)
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), frameLike), (text) => {
      const frame = parseServerFrame(text)
      expect(frame === undefined || typeof frame.type === 'string').toBe(true)
    }),
    { numRuns: 2000 },
  )
})
