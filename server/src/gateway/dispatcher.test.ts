import { COMMANDS, ERRORS, Refused, type ErrorName, type RequestFrame } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { DatabaseBusy, DatabaseUnavailable } from '../db/db-errors.ts'
import { Outage } from '../kit/outage.ts'
import { silentLogger } from '../kit/logger.ts'
import { checkBody, Dispatcher, isPipelined } from './dispatcher.ts'

function requestOf(command: string, body: unknown = {}): RequestFrame {
  return { type: 'request', id: 7, command, body }
}

function startDispatcher(handlers: Record<string, (caller: unknown, body: unknown) => unknown> = {}) {
  const refused: ErrorName[] = []
  const dispatcher = new Dispatcher({
    handlers: handlers as never,
    log: silentLogger(),
    onRefused: (name) => refused.push(name),
  })
  const serve = (frame: RequestFrame): Promise<unknown> =>
    dispatcher.answer(frame, () => dispatcher.serve({} as never, frame)).then((text) => JSON.parse(text) as unknown)
  return { dispatcher, refused, serve }
}

const MARK = { conversationId: 'c2c:a:b', seq: 1 }

describe('the dispatcher', () => {
  test('gives the handler of the command its body, and the caller what it returns', async () => {
    const { serve } = startDispatcher({
      'receipt.read': async (_caller, body) => ({ readSeq: (body as typeof MARK).seq }),
    })
    expect(await serve(requestOf('receipt.read', MARK))).toEqual({ type: 'reply', id: 7, body: { readSeq: 1 } })
  })

  test('a refusal is answered with its line of the catalogue, and counted by name', async () => {
    const { serve, refused } = startDispatcher({
      'receipt.read': () => {
        throw new Refused('NOT_A_MEMBER', 'a detail for the log')
      },
    })
    const { code, retryable, text } = ERRORS.NOT_A_MEMBER
    expect(await serve(requestOf('receipt.read', MARK))).toEqual({
      type: 'error',
      id: 7,
      error: { name: 'NOT_A_MEMBER', code, retryable, text },
    })
    expect(refused).toEqual(['NOT_A_MEMBER'])
  })

  test.each<readonly [string, Error, ErrorName]>([
    ['a fault', new Error('a secret of ours'), 'INTERNAL'],
    ['something that is no error', 'text' as unknown as Error, 'INTERNAL'],
    ['undefined', undefined as unknown as Error, 'INTERNAL'],
    ['a database that is away', new DatabaseUnavailable('gone'), 'BUSY'],
    ['a database that is busy', new DatabaseBusy('later'), 'BUSY'],
    ['any other outage', new Outage('down'), 'BUSY'],
  ])('%s is answered without a word of what it was', async (_what, err, name) => {
    const { serve } = startDispatcher({
      'receipt.read': () => Promise.reject(err),
    })
    const answer = JSON.stringify(await serve(requestOf('receipt.read', MARK)))
    expect(answer).toContain(`"name":"${name}"`)
    expect(answer).not.toContain('secret')
  })

  test('an answer that cannot be written is a fault, not a request without an answer', async () => {
    const circle: { self?: unknown } = {}
    circle.self = circle
    const { serve } = startDispatcher({ 'receipt.read': () => circle })
    expect(await serve(requestOf('receipt.read', MARK))).toMatchObject({ error: { name: 'INTERNAL' } })
  })

  test.each([
    '',
    'message',
    'message.sing',
    'MESSAGE.SEND',
    'message.send ',
    '__proto__',
    'constructor',
    'toString',
    'a'.repeat(60_000),
  ])('[FWD-1] the unknown command %j is refused', async (command) => {
    const { serve } = startDispatcher()
    expect(await serve(requestOf(command))).toMatchObject({ type: 'error', error: { name: 'UNKNOWN_COMMAND' } })
  })

  test.each(Object.keys(COMMANDS))('%s refuses a body that is none', (command) => {
    for (const body of [null, 1, 'x', [], true]) {
      expect(() => checkBody(requestOf(command, body))).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
    }
    expect(() => checkBody({ type: 'request', id: 7, command, body: undefined })).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }),
    )
  })

  test('only sends may be served side by side', () => {
    expect(Object.keys(COMMANDS).filter(isPipelined)).toEqual(['message.send'])
  })
})
