/** What the log says of an error. */
export interface PlainError {
  readonly type: string
  readonly message: string
  readonly code?: string
  /** Where it was thrown, without its message. */
  readonly at?: readonly string[]
  readonly cause?: PlainError
}

const MAX_CAUSES = 5
const MAX_FRAMES = 12
const MAX_MESSAGE_CHARS = 500
// `invalid input syntax for type integer: "abc"`, and what JSON.parse cannot read: the text in quotes is somebody's.
const QUOTED_INPUT = /(?<=: |, )"[^]*"|"[^]*"(?= is not valid JSON)/g

/**
 * An error in words that may be kept: its own properties stay away, which in drivers hold statements, parameters and the
 * values of rows, and its message loses what it quotes from its input.
 */
export function plainError(err: unknown, causesLeft = MAX_CAUSES): PlainError {
  if (!(err instanceof Error)) return { type: typeof err, message: 'something that is no error was thrown' }
  const code = 'code' in err && (typeof err.code === 'string' || typeof err.code === 'number') ? String(err.code) : ''
  const at = framesOf(err)
  return {
    type: err.name,
    message: err.message.replaceAll(QUOTED_INPUT, '"…"').slice(0, MAX_MESSAGE_CHARS),
    ...(code === '' ? {} : { code: code.slice(0, 40) }),
    ...(at.length === 0 ? {} : { at }),
    ...(err.cause === undefined || causesLeft === 0 ? {} : { cause: plainError(err.cause, causesLeft - 1) }),
  }
}

function framesOf({ stack = '' }: Error): readonly string[] {
  return stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, MAX_FRAMES)
    .map((line) => line.slice(7))
}
