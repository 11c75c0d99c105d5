import { LIMITS, type ClientFrame } from '@hongyan/protocol'

/** A client's frame, or why it is none. */
export type ParsedFrame = ClientFrame | { readonly type: 'bad'; readonly reason: string }

const PING: ClientFrame = { type: 'ping' }
const PONG: ClientFrame = { type: 'pong' }

/**
 * Reads a frame. Never throws, whatever the bytes: depth and size are counted before anything is parsed, because
 * JSON.parse accepts a nesting that everything after it chokes on (reliability.md §0.9).
 */
export function parseClientFrame(text: string): ParsedFrame {
  if (text === '{"type":"pong"}') return PONG
  if (text === '{"type":"ping"}') return PING
  const shape = shapeProblem(text)
  if (shape !== undefined) return bad(shape)
  const value = parseJson(text)
  if (!isRecord(value)) return bad('not a JSON object')
  if (value['type'] === 'ping') return PING
  if (value['type'] === 'pong') return PONG
  if (value['type'] !== 'request') return bad('unknown type of frame')
  const { id, command, body } = value
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1) return bad('the id is not a positive integer')
  if (typeof command !== 'string') return bad('the command is not a text')
  return { type: 'request', id, command, body }
}

/** NUL, or a surrogate that is not part of a pair. */
const BAD_TEXT = /[\0\p{Cs}]/u

/** True when a text anywhere in the value holds NUL or half a surrogate pair: legal JSON that no store can keep. */
export function hasBadText(value: unknown): boolean {
  if (typeof value === 'string') return BAD_TEXT.test(value)
  if (Array.isArray(value)) return value.some(hasBadText)
  return isRecord(value) && Object.entries(value).some(([key, item]) => hasBadText(key) || hasBadText(item))
}

/** Only an escape can bring NUL or a lone surrogate through UTF-8, so a frame without escapes needs no search. */
export function mayHaveBadText(frame: string): boolean {
  return frame.includes('\\u')
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPENING = new Set([0x5b, 0x7b])
const CLOSING = new Set([0x5d, 0x7d])

function shapeProblem(text: string): string | undefined {
  let depth = 0
  let items = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === QUOTE) i = endOfString(text, i)
    else if (unit === COMMA) items++
    else if (OPENING.has(unit)) depth++
    else if (CLOSING.has(unit)) depth--
    if (depth > LIMITS.jsonDepth) return 'nested too deeply'
    if (items > LIMITS.jsonItems) return 'too many items'
  }
  return undefined
}

/** The place of the quote that ends the string, or the last place of the text. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === BACKSLASH) i++
    else if (unit === QUOTE) return i
  }
  return text.length
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function bad(reason: string): ParsedFrame {
  return { type: 'bad', reason }
}
