import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { entryFrame } from '../../../server/src/timelines/payload.ts'
import { markOf, parseMark } from './mark.ts'
import { PushReader } from './push-frame.ts'

const RUN = 'r1'
const reader = new PushReader(RUN)
const MARK = { sender: 12_345, number: 678, dueMs: 1_760_000_000_123.4, flags: 'r' }

function read(text: string): ReturnType<PushReader['read']> {
  // In the middle of other bytes, as in a socket's buffer.
  const bytes = Buffer.from(`"x"${text}"y":1}`)
  return reader.read(bytes, 3, 3 + Buffer.byteLength(text))
}

describe('a mark', () => {
  test('survives being a clientMsgId', () => {
    const id = markOf(RUN, MARK)
    expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
    expect(parseMark(RUN, id)).toEqual(MARK)
    expect(parseMark(RUN, markOf(RUN, { ...MARK, dueMs: 0 }))?.dueMs).toBe(0)
  })

  test('of another run, or of somebody else, is none', () => {
    expect(parseMark('r2', markOf(RUN, MARK))).toBeUndefined()
    expect(parseMark(RUN, '7f3a-0001')).toBeUndefined()
  })
})

describe('a push', () => {
  const message = { id: `98-${markOf(RUN, MARK)}`, conversationId: 'group:a', seq: 41, senderId: 'x', elements: [] }

  test('with a message of the run tells what it is', () => {
    const push = read(entryFrame('c:group:a' as never, 57, JSON.stringify({ kind: 'message', message })))
    expect(push).toMatchObject({
      isNumbered: true,
      timeline: 'c:group:a',
      offset: 57,
      kind: 'message',
      seq: 41,
      mark: MARK,
    })
    expect(push?.entry()).toEqual({ kind: 'message', message })
  })

  test('reads the same when the server writes its fields in another order', () => {
    const { id, ...rest } = message
    const entry = { message: { ...rest, id }, kind: 'message' }
    const push = read(JSON.stringify({ entry, offset: 57, type: 'push', timeline: 'c:group:a' }))
    expect(push).toMatchObject({
      isNumbered: true,
      timeline: 'c:group:a',
      offset: 57,
      kind: 'message',
      seq: 41,
      mark: MARK,
    })
  })

  test('with something else, of somebody else, or that is not numbered, too', () => {
    expect(read(entryFrame('u:x' as never, 9, '{"kind":"joined","offset":3}'))).toMatchObject({
      kind: 'joined',
      offset: 9,
      mark: undefined,
    })
    const foreign = { ...message, id: '98-abc' }
    expect(read(entryFrame('c:a' as never, 9, JSON.stringify({ kind: 'message', message: foreign })))).toMatchObject({
      seq: 41,
      mark: undefined,
    })
    const text = JSON.stringify({
      type: 'volatile',
      timeline: 'c:group:a',
      entry: { kind: 'volatile-message', message },
    })
    expect(read(text)).toMatchObject({ isNumbered: false, offset: 0, kind: 'volatile-message', mark: MARK })
  })

  test('with a name that JSON has to write otherwise is read', () => {
    const push = read(entryFrame('u:a"b\\c' as never, 2, '{"kind":"profile"}'))
    expect(push).toMatchObject({ timeline: 'u:a"b\\c', offset: 2, kind: 'profile' })
  })

  test('is the only frame that is one', () => {
    expect(read('{"type":"pong"}')).toBeUndefined()
  })

  test('of the golden frames reads as JSON does', () => {
    const folder = fileURLToPath(new URL('../../../protocol/src/fixtures', import.meta.url))
    let pushes = 0
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
      for (const frame of framesIn(JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')))) {
        pushes++
        const { timeline, offset, entry } = frame
        const shown = {
          isNumbered: offset !== undefined,
          timeline,
          offset: offset ?? 0,
          kind: entry.kind,
          seq: offset === undefined ? 0 : (entry.message?.seq ?? 0),
        }
        expect(read(JSON.stringify(frame))).toMatchObject(shown)
      }
    }
    expect(pushes).toBeGreaterThan(3)
  })
})

interface Frame {
  readonly type: string
  readonly timeline: string
  readonly offset?: number
  readonly entry: { readonly kind: string; readonly message?: { readonly seq?: number } }
}

function framesIn(value: unknown): readonly Frame[] {
  if (Array.isArray(value)) return value.flatMap(framesIn)
  if (typeof value !== 'object' || value === null) return []
  const { type } = value as Frame
  if (type === 'push' || type === 'volatile') return [value as Frame]
  return Object.values(value).flatMap(framesIn)
}
