import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import type { Db } from './db.ts'

const CANNOT_CONNECT_NOW = '57P03'
const PAUSE_MS = 500
/** A server that was killed reads its log again before it lets anybody in. */
const LONGEST_MS = 60_000

interface AwaitOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

/**
 * Waits while PostgreSQL says that it is starting: after a power cut it comes up together with us. Whatever else is wrong
 * with it is thrown at once, and this too after a minute.
 */
export async function awaitDatabase(db: Pick<Db, 'query'>, { clock, logger, signal }: AwaitOptions): Promise<void> {
  const endMs = clock.monotonicMs() + LONGEST_MS
  for (let attempt = 1; ; attempt++) {
    try {
      await db.query('SELECT 1')
      return
    } catch (err) {
      if (!isStarting(err) || clock.monotonicMs() >= endMs) throw err
      if (attempt === 1) logger.info('PostgreSQL is starting: waiting for it')
    }
    await new Promise<void>((resolve) => clock.after(PAUSE_MS, resolve))
    signal.throwIfAborted()
  }
}

function isStarting(err: unknown): boolean {
  if (!(err instanceof Error)) return false
  return ('code' in err && err.code === CANNOT_CONNECT_NOW) || isStarting(err.cause)
}
