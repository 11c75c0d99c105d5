import { readFileSync } from 'node:fs'
import { Refused } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { silentLogger } from '../kit/logger.ts'
import { hasBadText, parseClientFrame } from './client-frame.ts'
import { checkBody, Dispatcher } from './dispatcher.ts'

/** FUZZ_SEED repeats a run; FUZZ_FRAMES makes it longer. */
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
const FRAMES = Number(process.env['FUZZ_FRAMES'] ?? 200_000)
const MAX_FRAME_MS = 200

const golden = (
  JSON.parse(
    readFileSync(new URL('../../../protocol/src/fixtures/requests.json', import.meta.url), 'utf8'),
  ) as readonly {
    readonly frame: object
  }[]
).map(({ frame }) => frame)

/** Mulberry32: a run is repeated by its seed alone. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

type Random = ReturnType<typeof randomOf>

const HOSTILE_JSON = [
  '1e999',
  '-1e999',
  '-0',
  '9007199254740993',
  '-9007199254740993',
  '1e-999',
  '0.1',
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '"\\u0000"',
  '"\\ud83d"',
  '"\\ude00\\ud83d"',
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '[[[[[[]]]]]]',
  `${'['.repeat(40)}${']'.repeat(40)}`,
  `"${'x'.repeat(13_000)}"`,
  `"${'王'.repeat(5_000)}"`,
  `"${'e\u0301'.repeat(2_000)}"`,
  `[${'1,'.repeat(5_000)}1]`,
  '"c2c:%61:b"',
  '"c2c:a:b"',
  '"u:a"',
  '{"seq":0}',
  '{"toString":1,"hasOwnProperty":1,"length":-1}',
]
const HOSTILE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  '',
  '\u0000',
  'type',
  'id',
  'body',
  'elements',
]
const HOSTILE_TEXT = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\u',
  '\\ud83d',
  '\0',
  '\n',
  '\ufeff',
  '\u202e',
  '"__proto__":',
  'e999',
  '-',
  '\ud83d',
  '\udfff',
]

/** A random place inside a JSON value; what stands there is given to `change` and replaced by its answer. */
function changeInside(value: unknown, random: Random, change: (inside: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null || random(4) === 0) return change(value)
  const keys = Object.keys(value)
  const key = keys[random(Math.max(1, keys.length))]
  if (key === undefined) return change(value)
  const inside: unknown = Reflect.get(value, key)
  const changed = changeInside(inside, random, change)
  return Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed }
}

/** Marks the place of a raw JSON text, which no JavaScript value could write. */
const RAW = '\u{1F4A3}raw'

function mutateTree(frame: object, random: Random): string {
  const raw = HOSTILE_JSON[random(HOSTILE_JSON.length)] ?? ''
  const key = HOSTILE_KEYS[random(HOSTILE_KEYS.length)] ?? ''
  const changed = changeInside(frame, random, (inside) => {
    const kind = random(5)
    if (kind === 0) return RAW
    if (kind === 1) return [inside, inside]
    if (kind === 2) return { [key]: inside }
    if (kind === 3 && typeof inside === 'object' && inside !== null) return { ...inside, [`${RAW}-key`]: RAW }
    return typeof inside === 'string' ? inside.slice(0, random(inside.length + 1)) : String(inside)
  })
  return (JSON.stringify(changed) ?? '')
    .replaceAll(`"${RAW}-key"`, JSON.stringify(key))
    .replaceAll(`"${RAW}"`, () => raw)
}

function mutateText(text: string, random: Random): string {
  let mutated = text
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(mutated.length + 1)
    const length = random(8)
    const insert =
      random(3) === 0 ? String.fromCharCode(random(0x10000)) : (HOSTILE_TEXT[random(HOSTILE_TEXT.length)] ?? '')
    const kind = random(4)
    if (kind === 0) mutated = mutated.slice(0, at) + insert + mutated.slice(at)
    else if (kind === 1) mutated = mutated.slice(0, at) + mutated.slice(at + length)
    else if (kind === 2) mutated = mutated.slice(0, at) + insert + mutated.slice(at + length)
    else mutated = mutated.slice(0, at) + mutated.slice(Math.max(0, at - length)) // repeats a piece
  }
  return mutated
}

function randomBytes(random: Random): string {
  return Buffer.from(Array.from({ length: random(64) }, () => random(256))).toString('utf8')
}

function frameOf(random: Random): string {
  const frame = golden[random(golden.length)] ?? {}
  const kind = random(10)
  if (kind < 5) return mutateTree(frame, random)
  if (kind < 9) return mutateText(JSON.stringify(frame), random)
  return randomBytes(random)
}

interface Tally {
  bad: number
  refused: number
  accepted: number
}

/** What the gateway does with a text before a service sees it. */
async function receive(text: string, dispatcher: Dispatcher, tally: Tally): Promise<void> {
  const frame = parseClientFrame(text)
  if (frame.type === 'bad') {
    tally.bad++
    return
  }
  if (frame.type !== 'request') return
  const bad = hasBadText(frame.body)
  const answer = await dispatcher.answer(frame, () => {
    if (bad) throw new Refused('BAD_TEXT')
    checkBody(frame)
    return {}
  })
  const reply = JSON.parse(answer) as {
    readonly type: string
    readonly id: number
    readonly error?: { readonly name: string }
  }
  if (reply.id !== frame.id) throw new Error('an answer to another request')
  if (reply.error?.name === 'INTERNAL') throw new Error('a check failed with a fault')
  if (reply.type === 'error') tally.refused++
  else tally.accepted++
}

describe('S-FUZZ', () => {
  test(`${FRAMES} mutated frames are read or refused: nothing throws, nothing stalls, nothing is polluted`, async () => {
    console.log(`frame fuzz: FUZZ_SEED=${SEED} FUZZ_FRAMES=${FRAMES}`)
    const random = randomOf(SEED)
    const dispatcher = new Dispatcher({ handlers: {} as never, log: silentLogger(), onRefused: () => {} })
    const tally: Tally = { bad: 0, refused: 0, accepted: 0 }
    let slow: string | undefined
    let slowAgain = 0
    for (let count = 0; count < FRAMES; count++) {
      const text = frameOf(random)
      const startedMs = performance.now()
      await receive(text, dispatcher, tally).catch((err: unknown) => {
        throw new Error(`FUZZ_SEED=${SEED}, frame ${count}: ${JSON.stringify(text.slice(0, 2000))}`, { cause: err })
      })
      if (performance.now() - startedMs > MAX_FRAME_MS) slow = text
    }
    // A pause of the machine is not the frame's fault: it is slow only when it is slow every time.
    if (slow !== undefined) {
      for (let again = 0; again < 3; again++) {
        const startedMs = performance.now()
        await receive(slow, dispatcher, tally)
        if (performance.now() - startedMs > MAX_FRAME_MS) slowAgain++
      }
    }
    expect(slowAgain < 3 ? 'nothing' : slow).toBe('nothing')
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(Object.keys(Object.prototype)).toEqual([])
    // The world did something: all three ways were taken many times.
    expect(tally.bad).toBeGreaterThan(FRAMES / 20)
    expect(tally.refused).toBeGreaterThan(FRAMES / 20)
    expect(tally.accepted).toBeGreaterThan(FRAMES / 100)
  }, 120_000)
})
