import { readFileSync } from 'node:fs'
import { parseUserId, userTimeline, type PushFrame, type TimelineId, type VolatileFrame } from '@hongyan/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodePayload, encodeControl, encodeEntry, encodeVolatile, entryFrame, type Control } from './payload.ts'

const golden = JSON.parse(
  readFileSync(new URL('../../../protocol/src/fixtures/pushes.json', import.meta.url), 'utf8'),
) as readonly (PushFrame | VolatileFrame)[]

function timelineOf(text: string): TimelineId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Error('not a user id')
  return userTimeline(userId)
}

describe('a payload', () => {
  test.each(golden)('of the golden $type of kind $entry.kind carries that very frame', (frame) => {
    const text =
      frame.type === 'push'
        ? encodeEntry(frame.timeline, frame.offset, frame.entry)
        : encodeVolatile(frame.timeline, frame.entry)
    const payload = decodePayload(text)
    expect(payload).toEqual(
      frame.type === 'push'
        ? { kind: 'entry', offset: frame.offset, frame: JSON.stringify(frame) }
        : { kind: 'volatile', frame: JSON.stringify(frame) },
    )
  })

  test('of an entry whose text holds line ends comes back whole', () => {
    const frame = entryFrame(timelineOf('a"\\'), 3, '{"kind":"x"}\n{}\n')
    expect(decodePayload(`3\n${frame}`)).toEqual({ kind: 'entry', offset: 3, frame })
  })

  test.each<Control>([
    { kind: 'displaced', logins: [{ loginKey: 31, closeCode: 4505 }] },
    { kind: 'replaced', loginKey: 31, bySessionId: 's1' },
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
