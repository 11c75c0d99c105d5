import { startEmbeddedPostgres } from '../../src/embedded/embedded-postgres.ts'
import { silentLogger } from '../../src/kit/logger.ts'

/**
 * A process that does nothing but run the embedded PostgreSQL, for tests that kill it, run it as another user, or start
 * two. Tells by lines of JSON what happens; SIGTERM stops it, also in the middle of the start.
 */
const stopping = new AbortController()
process.once('SIGTERM', () => stopping.abort())

function tell(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}

try {
  const server = await startEmbeddedPostgres({
    dataDir: process.argv[2] ?? '',
    log: silentLogger(),
    signal: stopping.signal,
  })
  tell({ kind: 'started', url: server.url, pid: server.pid })
  await new Promise<void>((resolve) => {
    const keepAlive = setInterval(() => {}, 2 ** 30)
    const stop = (): void => {
      clearInterval(keepAlive)
      resolve()
    }
    if (stopping.signal.aborted) stop()
    else stopping.signal.addEventListener('abort', stop, { once: true })
  })
  await server.stop()
  tell({ kind: 'stopped' })
} catch (err) {
  tell({ kind: 'refused', name: err instanceof Error ? err.name : '', message: String(err) })
  process.exitCode = 1
}
