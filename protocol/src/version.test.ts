import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  CLIENT_PROTOCOL_VERSION,
  CLOSE,
  COMMANDS,
  EntrySchema,
  ERRORS,
  MIN_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  VolatileEntrySchema,
} from './index.ts'

/**
 * The wire of each version that was released, or is about to be. A changed hash of a released version means: raise
 * PROTOCOL_VERSION, write its line of history, and pin its hash here.
 */
const WIRES: Readonly<Record<number, string>> = {
  1: '34d5442cb7450b067b4b0da10b0a2e71ea5792a394d597db17d55924c066d6fe',
  2: 'da2950dd87eb5280a7db1064ec43601fcf007312509cccbdb0cf9941a4912eca',
  3: 'bf96723da62d5cb75c158ea86b51de8729ac859f693a6edad440a6ee3977e548',
  4: 'e46e311ed3d96280384e57445268143828741659026df14026f47a9db139396b',
}

const errors = Object.fromEntries(
  Object.entries(ERRORS).map(([name, { code, retryable }]) => [name, { code, retryable }]),
)
const wire = JSON.stringify({ COMMANDS, EntrySchema, VolatileEntrySchema, errors, CLOSE })
const hash = createHash('sha256').update(wire).digest('hex')

test('the wire of this version is the one that was pinned: whoever changes it raises PROTOCOL_VERSION', () => {
  expect(hash).toBe(WIRES[PROTOCOL_VERSION])
})

test('the hash sees a schema, an error number and a close code', () => {
  expect(wire).toContain('"message.send"')
  expect(wire).toContain('"clientMsgId"')
  expect(wire).toContain('"NOT_A_MEMBER":{"code":20001')
  expect(wire).toContain('"DRAINING":4000')
  expect(wire).toContain('"group.create"')
  expect(wire).toContain('"receipt-counts"')
})

test('every version from the first to this one has its line of history', () => {
  const source = readFileSync(new URL('version.ts', import.meta.url), 'utf8')
  const lines = [...source.matchAll(/^ \* (\d+) {2}\S/gm)].map((match) => Number(match[1]))
  expect(lines).toEqual(Array.from({ length: PROTOCOL_VERSION }, (_, index) => index + 1))
})

test('the window of versions is not empty, and the SDK is in it', () => {
  expect(MIN_PROTOCOL_VERSION).toBeGreaterThanOrEqual(1)
  expect(MIN_PROTOCOL_VERSION).toBeLessThanOrEqual(CLIENT_PROTOCOL_VERSION)
  expect(CLIENT_PROTOCOL_VERSION).toBeLessThanOrEqual(PROTOCOL_VERSION)
})
