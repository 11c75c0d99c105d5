import { pino, type DestinationStream, type LogFn, type Logger } from 'pino'
import { boundLine } from './log-line.ts'
import { plainError } from './plain-error.ts'
import { createRedactor } from './redact.ts'

export type { Logger }

export interface LoggerOptions {
  /** Texts that must not appear in the log in any form, such as passwords. */
  readonly secrets?: readonly string[]
  /** Where the lines go; standard output by default. */
  readonly destination?: DestinationStream
}

/**
 * The process's log: one JSON object per line of 8 KiB at most (S-L1). Ids go into fields: `user`, `session`, `request`.
 * Message content and signatures never go in; what could bring them along, an error's text or a secret in an address, is
 * taken out here once more (S-L2).
 */
export function createLogger(level: string, { secrets = [], destination }: LoggerOptions = {}): Logger {
  const redact = createRedactor(secrets)
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (err: unknown) => plainError(err) },
    hooks: { logMethod: nameErrors, streamWrite: (line: string) => boundLine(redact(line)) },
  }
  return destination ? pino(options, destination) : pino(options)
}

/** Where an error comes without words pino would take its text for them, past the serializer. */
function nameErrors(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [first, ...rest]: readonly unknown[] = args
  const fields = first instanceof Error ? { err: first } : first
  if (typeof fields !== 'object' || fields === null || !('err' in fields)) return method.apply(this, args)
  const [words, ...values] = rest
  method.call(this, fields, typeof words === 'string' ? words : 'an error', ...values)
}

/** A log that says nothing, for tests. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' })
}
