import { readFileSync } from 'node:fs'
import {
  parseUserId,
  userTimeline,
  type PushFrame,
  type TimelineId,
  type UserId,
  type VolatileFrame,
} from '@hongyan/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { audienceOf } from './entry-audience.ts'
import {
  decodePayload,
  encodeControl,
  encodeEntry,
  encodeEntryFrame,
  encodeVolatile,
  entryFrame,
  type Control,
  sentAtOfFrame,
} from './payload.ts'

const golden = JSON.parse(
  readFileSync(new URL('../../../protocol/src/fixtures/pushes.json', import.meta.url), 'utf8'),
) as readonly (PushFrame | VolatileFrame)[]

function mustBeUser(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Error('not a user id')
  return userId
}

function timelineOf(text: string): TimelineId {
  return userTimeline(mustBeUser(text))
}

const ANNA = { userId: mustBeUser('anna'), nick: '', avatar: '', enteredAtMs: 1 }

describe('a payload', () => {
  test.each(golden)('of the golden $type of kind $entry.kind carries that very frame', (frame) => {
    const text =
      frame.type === 'push'
        ? encodeEntry(frame.timeline, frame.offset, frame.entry)
        : encodeVolatile(frame.timeline, frame.entry)
    const payload = decodePayload(text)
    expect(payload).toEqual(
      frame.type === 'push'
        ? {
            kind: 'entry',
            offset: frame.offset,
            frame: JSON.stringify(frame),
            isParticular: audienceOf(frame.entry) !== undefined,
          }
        : { kind: 'volatile', frame: JSON.stringify(frame) },
    )
  })

  test('of an entry whose text holds line ends comes back whole', () => {
    const frame = entryFrame(timelineOf('a"\\'), 3, '{"kind":"x"}\n{}\n')
    expect(decodePayload(`3\n${frame}`)).toEqual({ kind: 'entry', offset: 3, frame, isParticular: false })
  })

  test('says in its head whether the entry is simply for everybody, so that most are not parsed', () => {
    expect(
      golden.flatMap((frame) => (frame.type === 'push' && audienceOf(frame.entry) ? [frame.entry.kind] : [])),
    ).toEqual(expect.arrayContaining(['message', 'modified', 'reaction', 'extensions', 'dismissed']))
    for (const isParticular of [false, true]) {
      expect(decodePayload(encodeEntryFrame(7, '{}', isParticular))).toEqual({
        kind: 'entry',
        offset: 7,
        frame: '{}',
        isParticular,
      })
    }
  })

  test.each<Control>([
    { kind: 'displaced', logins: [{ loginKey: 31, closeCode: 4505 }] },
    { kind: 'replaced', loginKey: 31, bySessionId: 's1' },
    { kind: 'room-count', nodeId: 'n1', count: 1, latest: [ANNA] },
    { kind: 'room-asked', nodeId: 'n1' },
    { kind: 'room-left', userId: mustBeUser('anna') },
  ])('of the control $kind comes back', (control) => {
    expect(decodePayload(encodeControl(control))).toEqual({ kind: 'control', control })
  })

  test.each([
    '',
    '\n',
    'v',
    'x',
    'vv',
    'xx',
    'x1',
    '\n{}',
    '0\n{}',
    '-1\n{}',
    '1.5\n{}',
    'NaN\n{}',
    '1e999\n{}',
    'y\n{}',
    'p\n{}',
    ' p\n{}',
    '0 p\n{}',
    '-1 p\n{}',
    '1 q\n{}',
    '1 p p\n{}',
    '1 2\n{}',
    '17',
    ' \n{}',
    'x\nnot json',
    'x\n',
    'x\nnull',
    'x\n{"kind":"from the future"}',
  ])('%j is nothing we wrote, and harms nobody', (text) => {
    expect(decodePayload(text)).toBeUndefined()
  })

  test('any text at all is decoded without a throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `x\n${text}`),
          fc.string().map((text) => `${text}\n{}`),
        ),
        (text) => {
          decodePayload(text)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('when a message was sent', () => {
  const message = {
    id: '7-1',
    conversationId: 'c2c:a:b',
    seq: 3,
    senderId: '"entry":{"kind":"message","sentAtMs":5',
    sentAtMs: 1_761_000_000_123,
  }

  test('is read of its frame without parsing it, whatever its texts hold', () => {
    const said = { kind: 'message', message: { ...message, elements: [{ type: 'text', text: '"sentAtMs":9,' }] } }
    expect(sentAtOfFrame(entryFrame('c:c2c:a:b' as never, 4, JSON.stringify(said)))).toBe(1_761_000_000_123)
  })

  test('is not asked of what is no message, though it may hold some', () => {
    const forwarded = { kind: 'modified', seq: 3, elements: [{ type: 'merger', sentAtMs: 17 }] }
    expect(sentAtOfFrame(entryFrame('c:c2c:a:b' as never, 4, JSON.stringify(forwarded)))).toBeUndefined()
    expect(sentAtOfFrame('')).toBeUndefined()
    expect(sentAtOfFrame('"entry":{"kind":"message",')).toBeUndefined()
  })
})
