import type { Entry, ErrorName, Offset, TimelineId, VolatileEntry } from '@hongyan/protocol'

/**
 * A server's frame as the client handles it. The body of a reply is `never` because only whoever asked knows its type;
 * `requests.ts` hands it to him.
 */
export type Incoming =
  | { readonly type: 'reply'; readonly id: number; readonly body: never }
  | {
      readonly type: 'error'
      readonly id: number
      readonly name: ErrorName
      readonly isRetryable: boolean
      /** When the server expects to be able to; 0 where it does not know. */
      readonly retryAfterMs: number
    }
  | { readonly type: 'push'; readonly timeline: TimelineId; readonly offset: Offset; readonly entry: Entry }
  | { readonly type: 'volatile'; readonly entry: VolatileEntry }
  | { readonly type: 'ping' }
  | { readonly type: 'pong' }

type Fields = Readonly<Record<string, unknown>>

/**
 * The frame in this text, or undefined for anything else: text that is no JSON, frames of a newer server, frames
 * without what they need. Never throws. This is the client's parser: behind it the types are trusted.
 */
export function parseServerFrame(text: string): Incoming | undefined {
  const frame = fieldsOf(parseJson(text))
  if (frame === undefined) return undefined
  switch (frame['type']) {
    case 'ping':
      return { type: 'ping' }
    case 'pong':
      return { type: 'pong' }
    case 'reply':
      return parseReply(frame)
    case 'error':
      return parseError(frame)
    case 'push':
      return parsePush(frame)
    case 'volatile':
      return parseVolatile(frame)
    default:
      return undefined
  }
}

function parseReply(frame: Fields): Incoming | undefined {
  if (!isNumber(frame['id']) || fieldsOf(frame['body']) === undefined) return undefined
  return { type: 'reply', id: frame['id'], body: frame['body'] as never }
}

function parseError(frame: Fields): Incoming | undefined {
  const error = fieldsOf(frame['error'])
  if (!isNumber(frame['id']) || error === undefined || typeof error['name'] !== 'string') return undefined
  const { name, retryable, retryAfterMs: hint } = error
  const retryAfterMs = isNumber(hint) && hint > 0 ? hint : 0
  return { type: 'error', id: frame['id'], name: name as ErrorName, isRetryable: retryable === true, retryAfterMs }
}

function parsePush(frame: Fields): Incoming | undefined {
  const { timeline, offset, entry } = frame
  if (typeof timeline !== 'string' || !isNumber(offset) || offset < 1 || !hasKind(entry)) return undefined
  return { type: 'push', timeline: timeline as TimelineId, offset, entry: entry as Entry }
}

function parseVolatile(frame: Fields): Incoming | undefined {
  return hasKind(frame['entry']) ? { type: 'volatile', entry: frame['entry'] as VolatileEntry } : undefined
}

function hasKind(value: unknown): boolean {
  const fields = fieldsOf(value)
  return fields !== undefined && typeof fields['kind'] === 'string'
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && value % 1 === 0
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
