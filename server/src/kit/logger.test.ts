import { describe, expect, test } from 'vitest'
import { StatementFailed } from '../db/db-errors.ts'
import { MAX_LINE_BYTES } from './log-line.ts'
import { createLogger } from './logger.ts'

function logging(secrets: readonly string[] = []) {
  const lines: string[] = []
  const log = createLogger('trace', { secrets, destination: { write: (line) => void lines.push(line) } })
  /** What the last line says; it must be one object on one line. */
  const last = (): Record<string, unknown> => {
    const line = lines.at(-1) ?? ''
    expect(line.endsWith('\n') && line.indexOf('\n') === line.length - 1, line).toBe(true)
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(MAX_LINE_BYTES)
    return JSON.parse(line) as Record<string, unknown>
  }
  return { log, last, text: () => lines.join('') }
}

const NASTY = [
  'a\r\nb',
  '\u001b[31mred\u001b[0m',
  '\u009b31m',
  '","level":"fatal","x":"',
  '\u2028\u2029\u007f\u0000',
  '\ud800 alone',
  '}{',
  'x'.repeat(1 << 20),
  '\u0001'.repeat(100_000),
  '鸿'.repeat(10_000),
]

describe('a line of the log', () => {
  test.each(NASTY.map((text) => [text.slice(0, 20), text]))(
    '[S-L1] %j stays one object on one line',
    (_title, text) => {
      const { log, last, text: all } = logging()
      log.warn({ user: text, list: Array.from({ length: 50 }, () => text) }, text)
      expect(last()).toMatchObject({ level: 'warn' })
      expect(all().slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
      log.error({ err: new Error(text, { cause: new Error(text) }) }, 'failed')
      expect(last()).toMatchObject({ level: 'error', msg: 'failed' })
    },
  )

  test('[S-L1] with very many fields keeps what happened and when', () => {
    const { log, last } = logging()
    log.info(Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`field${n}`, 'x'.repeat(300)])), 'many')
    expect(last()).toMatchObject({ level: 'info', msg: 'many', isShortened: true, time: expect.any(String) })
  })

  test('a short one is left as it is', () => {
    const { log, last } = logging()
    log.info({ user: 'wang', request: 7, nested: { a: [1, 2] } }, 'hello')
    expect(last()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      user: 'wang',
      request: 7,
      nested: { a: [1, 2] },
      msg: 'hello',
    })
  })
})

describe('an error in the log', () => {
  test('[S-L2] has its name, text, code, place and causes, and none of its properties', () => {
    const { log, last, text } = logging()
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', parameters: ['canary-1'] })
    const err = Object.assign(new Error('the store is away', { cause }), { query: 'canary-2', command: ['canary-3'] })
    log.warn({ err }, 'away')
    expect(last()['err']).toMatchObject({
      type: 'Error',
      message: 'the store is away',
      at: expect.arrayContaining([expect.stringContaining('logger.test.ts')]),
      cause: { code: 'ECONNREFUSED' },
    })
    expect(text()).not.toContain('canary')
  })

  test('[S-L2] loses what its text quotes from its input', () => {
    const { log, text } = logging()
    const parse = (json: string): unknown => {
      try {
        return JSON.parse(json)
      } catch (err) {
        return err
      }
    }
    log.error({ err: parse('{"a": canary one}') }, 'x')
    log.error({ err: parse('canary two') }, 'x')
    log.error({ err: new StatementFailed('invalid input syntax for type integer: "canary three"', '22P02', undefined) })
    log.error({ err: new Error(`ERR unknown command 'X', with args beginning with: 'canary' 'four'`) }, 'x')
    log.error({ err: 'canary five' }, 'x')
    log.error(new Error('not valid: "canary six"'))
    expect(text()).not.toContain('canary')
    expect(text()).toContain('invalid input syntax for type integer')
  })
})

describe('secrets', () => {
  test('[S-L2] those that are known are hidden in every form', () => {
    const password = 'p"w\\ü%/?#secret'
    const { log, text, last } = logging([password])
    log.info(
      { raw: password, url: `redis://u:${encodeURIComponent(password)}@h:1`, both: `${password}${password}` },
      password,
    )
    last()
    expect(text()).not.toContain('secret')
  })

  test.each([
    'postgres://hongyan:hunter2hunter@10.0.0.1:5432/hongyan',
    'redis://:hunter2hunter@cache',
    'GET /im/media/abc?t=hunter2hunter&x=1',
    'https://s3.example/b/k?X-Amz-Signature=hunter2hunter',
    'eJwhunter2hunterAbCdEfGhIjKlMnOpQrStUv*-_',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2hunter',
  ])('[S-L2] %s loses what gives a right', (address) => {
    const { log, text, last } = logging()
    log.info({ address, err: new Error(address) }, `went to ${address}`)
    last()
    expect(text()).not.toContain('hunter2hunter')
  })

  test('a hash of content is no secret', () => {
    const { log, last } = logging()
    log.info({ hash: 'ab'.repeat(32) })
    expect(last()['hash']).toBe('ab'.repeat(32))
  })
})
