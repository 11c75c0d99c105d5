import { readFileSync } from 'node:fs'
import { LIMITS } from '@hongyan/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasBadText, mayHaveBadText, parseClientFrame } from './client-frame.ts'

const golden = JSON.parse(
  readFileSync(new URL('../../../protocol/src/fixtures/requests.json', import.meta.url), 'utf8'),
) as readonly { readonly what: string; readonly frame: object }[]

function request(body: string): string {
  return `{"type":"request","id":1,"command":"x","body":${body}}`
}

function reasonOf(text: string): string | undefined {
  const frame = parseClientFrame(text)
  return frame.type === 'bad' ? frame.reason : undefined
}

describe('a client’s frame', () => {
  test.each(golden)('$what: the golden frame is read as it was written', ({ frame }) => {
    expect(parseClientFrame(JSON.stringify(frame))).toEqual(frame)
    expect(parseClientFrame(JSON.stringify(frame, null, 2))).toEqual(frame)
  })

  test.each(['ping', 'pong'])('%s may be written in any way', (type) => {
    expect(parseClientFrame(`{"type":"${type}"}`)).toEqual({ type })
    expect(parseClientFrame(` { "since" : 1, "type" : "${type}" } `)).toEqual({ type })
  })

  test('any request comes back as it was encoded', () => {
    const requests = fc.record({
      type: fc.constant('request'),
      id: fc.integer({ min: 1 }),
      command: fc.string(),
      body: fc.jsonValue({ maxDepth: 4 }),
    })
    fc.assert(
      fc.property(requests, (frame) => {
        const text = JSON.stringify(frame)
        expect(parseClientFrame(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test('[FWD-1] fields of a frame that we do not know are ignored', () => {
    const text =
      '{"trace":"abc","type":"request","id":1,"command":"x","body":{},"priority":9,"__proto__":{"polluted":1}}'
    expect(parseClientFrame(text)).toEqual({ type: 'request', id: 1, command: 'x', body: {} })
  })

  test.each([
    ['nothing', ''],
    ['a blank', ' '],
    ['half a frame', '{"type":"requ'],
    ['two frames', '{"type":"ping"}{"type":"ping"}'],
    ['an array', '[{"type":"ping"}]'],
    ['null', 'null'],
    ['a number', '7'],
    ['a text', '"ping"'],
    ['no type', '{}'],
    ['a type that is the server’s', '{"type":"reply","id":1,"body":{}}'],
    ['a type in capitals', '{"type":"PING"}'],
    ['a type that is an object', '{"type":{}}'],
    ['a type from the prototype', '{"type":"constructor"}'],
    ['a byte order mark', '\ufeff{"type":"ping"}'],
    ['a comment', '{"type":"ping"} // x'],
    ['single quotes', "{'type':'ping'}"],
    ['a comma too many', '{"type":"ping",}'],
    ['NaN', '{"type":"request","id":NaN,"command":"x"}'],
    ['a raw NUL in a text', '{"type":"request","id":1,"command":"\0"}'],
    ['a raw line end in a text', '{"type":"request","id":1,"command":"\n"}'],
    ['only a quote', '"'],
    ['an escape at the end', '{"a\\'],
    ['brackets the wrong way round', ']}'.repeat(1000)],
  ])('%s is none', (_what, text) => {
    expect(reasonOf(text)).toBeTypeOf('string')
  })

  test.each([
    '0',
    '-1',
    '-0',
    '1.5',
    '1e999',
    '-1e999',
    '9007199254740992',
    '9007199254740993',
    '"1"',
    'null',
    'true',
    '[1]',
    '{}',
    '1e-400',
  ])('[REQ-1] %s is no id of a request', (id) => {
    expect(reasonOf(`{"type":"request","id":${id},"command":"x","body":{}}`)).toContain('id')
  })

  test('[REQ-1] an id is missing, or is one', () => {
    expect(reasonOf('{"type":"request","command":"x","body":{}}')).toContain('id')
    expect(reasonOf('{"type":"request","id":9007199254740991,"command":"x","body":{}}')).toBeUndefined()
    expect(parseClientFrame('{"type":"request","id":1.0,"command":"x","body":{}}')).toMatchObject({ id: 1 })
  })

  test.each(['7', 'null', '["x"]', '{}', 'true'])('%s is no command', (command) => {
    expect(reasonOf(`{"type":"request","id":1,"command":${command},"body":{}}`)).toContain('command')
  })
})

describe('S-IN1: the shape of a frame', () => {
  const nested = (depth: number, open = '[', close = ']'): string => open.repeat(depth) + close.repeat(depth)

  test('may be as deep as the limit says, the frame itself included, and no deeper', () => {
    expect(reasonOf(request(nested(LIMITS.jsonDepth - 1)))).toBeUndefined()
    expect(reasonOf(request(nested(LIMITS.jsonDepth)))).toBe('nested too deeply')
    expect(reasonOf(request(nested(LIMITS.jsonDepth - 1, '{"a":', '}').replace('{"a":}', '{}')))).toBeUndefined()
    expect(reasonOf(request(nested(LIMITS.jsonDepth, '{"a":', '}').replace('{"a":}', '{}')))).toBe('nested too deeply')
  })

  test('may have as many items as the limit says, and no more', () => {
    const items = (count: number): string => `[${Array.from({ length: count }, () => '1').join(',')}]`
    expect(reasonOf(request(items(LIMITS.jsonItems - 2)))).toBeUndefined()
    expect(reasonOf(request(items(LIMITS.jsonItems - 1)))).toBe('too many items')
  })

  test('does not count what stands in texts', () => {
    const brackets = JSON.stringify('[{"\\,'.repeat(2000))
    expect(reasonOf(request(brackets))).toBeUndefined()
    expect(parseClientFrame(request(brackets))).toMatchObject({ body: '[{"\\,'.repeat(2000) })
  })

  test.each([
    ['a depth of a million', nested(1_000_000)],
    ['a depth of a million that is never closed', '['.repeat(1_000_000)],
    ['objects a million deep', '{"a":'.repeat(1_000_000)],
    ['a million members', `{${Array.from({ length: 1_000_000 }, (_, index) => `"k${index}":1`).join(',')}}`],
    ['200,000 objects', `[${Array.from({ length: 200_000 }, () => '{"a":1}').join(',')}]`],
    ['a million empty arrays', `[${Array.from({ length: 1_000_000 }, () => '[]').join(',')}]`],
    ['a million closing brackets', request(']'.repeat(1_000_000))],
    ['a text of a million escapes that never ends', `"${'\\"'.repeat(1_000_000)}`],
  ])('%s is refused without being built', (_what, text) => {
    const startedMs = performance.now()
    expect(reasonOf(text)).toBeTypeOf('string')
    // A thousand times what it takes: this catches a change of class, not a slow machine.
    expect(performance.now() - startedMs).toBeLessThan(5_000)
  })

  test.each([
    ['1e999', Number.POSITIVE_INFINITY],
    ['-0', -0],
    ['9007199254740993', 9_007_199_254_740_992],
    ['1e-999', 0],
  ])('%s is read as JSON reads it; the schema of the command decides', (text, value) => {
    expect(parseClientFrame(request(text))).toMatchObject({ body: value })
  })

  test('of two members with one name the last counts, as JSON has it', () => {
    expect(parseClientFrame(request('{"a":1,"a":2}'))).toMatchObject({ body: { a: 2 } })
  })
})

describe('S-IN3: bad text', () => {
  test.each([
    ['NUL', '"a\\u0000b"'],
    ['a lone high surrogate', '"\\ud83d"'],
    ['a lone low surrogate', '"\\ude00"'],
    ['surrogates the wrong way round', '"\\ude00\\ud83d"'],
    ['a high surrogate before another letter', '"\\ud83dx"'],
    ['a bad member name', '{"\\u0000":1}'],
    ['a bad text deep inside', '{"a":[{"b":["ok","\\udfff"]}]}'],
  ])('%s is found', (_what, json) => {
    expect(mayHaveBadText(json)).toBe(true)
    expect(hasBadText(JSON.parse(json))).toBe(true)
  })

  test.each([
    '"plain"',
    '"\\ud83d\\ude00"',
    '"\\u0001\\u001f\\u007f"',
    '"\\ufeff\\u202e\\u200b\\u200d\\u0301"',
    '"\\ufffe\\uffff"',
    '{"a":[1,null,true,{"b":"\\u0041"}]}',
    '"\\\\u0000"',
  ])('%s is not bad', (json) => {
    expect(hasBadText(JSON.parse(json))).toBe(false)
  })

  test('a frame without an escape cannot have any: whatever UTF-8 brings is good', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const text = JSON.stringify(Buffer.from(bytes).toString('utf8'))
        if (!mayHaveBadText(text)) expect(hasBadText(JSON.parse(text))).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })
})
