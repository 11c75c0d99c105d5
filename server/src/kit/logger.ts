import { pino, type Logger } from 'pino'

export type { Logger }

/** The process's log: one JSON object per line. Ids go into fields; message content and signatures never go in. */
export function createLogger(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime })
}

/** A log that says nothing, for tests. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' })
}
