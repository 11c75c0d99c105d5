import type { ChildProcess } from 'node:child_process'
import { totalmem } from 'node:os'
import { createInterface } from 'node:readline'
import { StartRefused } from '../db/start-refused.ts'
import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import { startChild } from './child.ts'
import { dataDirArgument } from './cluster.ts'
import type { Installation } from './installation.ts'
import { markOf } from './leftovers.ts'
import type { RunAs } from './run-as.ts'

export interface ServerProcessOptions {
  readonly dataDir: string
  readonly installation: Installation
  readonly runAs: RunAs | undefined
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal | undefined
  /** Stronger than our own. */
  readonly settings: Readonly<Record<string, string>>
}

const READY = 'database system is ready to accept connections'
/** After a crash PostgreSQL first replays its log, at most max_wal_size of it. */
const START_DEADLINE_MS = 120_000
const LAST_WORDS_MS = 200
const STOP_WAYS = [
  { signal: 'SIGINT', waitMs: 8_000 },
  { signal: 'SIGQUIT', waitMs: 3_000 },
  { signal: 'SIGKILL', waitMs: 1_000 },
] as const
const GIB = 2 ** 30

/** One run of the PostgreSQL server. */
export class ServerProcess {
  readonly pid: number
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>
  readonly #child: ChildProcess
  readonly #clock: Clock

  private constructor(child: ChildProcess, pid: number, ended: Promise<void>, clock: Clock) {
    this.#child = child
    this.pid = pid
    this.ended = ended
    this.#clock = clock
  }

  /** Resolves when it accepts connections. Rejects when it does not, or with the signal's reason; then it is gone. */
  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    const { clock, dataDir, installation, log, runAs, signal } = options
    signal?.throwIfAborted()
    const args = ['-D', dataDirArgument(dataDir), ...serverSettings(markOf(dataDir), options.settings)]
    const child = startChild(installation.postgres, args, { cwd: dataDir, runAs })
    const ended = new Promise<void>((resolve) => {
      // Not `close`: children that outlive it hold its output open.
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    const server = new ServerProcess(child, child.pid ?? 0, ended, clock)
    try {
      await untilReady(child, { clock, log, signal })
      return server
    } catch (err) {
      await server.stop()
      throw err
    }
  }

  /** Fast shutdown; where that does not help in time, an immediate one. Bounded; may be called again. */
  async stop(): Promise<void> {
    for (const { signal, waitMs } of STOP_WAYS) {
      if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return
      this.#child.kill(signal)
      await Promise.race([this.ended, this.#pause(waitMs)])
    }
  }

  #pause(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(waitMs, resolve)
      void this.ended.then(cancel)
    })
  }
}

/** Everything is given here, so that what an earlier version wrote into a configuration file does not matter. */
function serverSettings(mark: string, overrides: Readonly<Record<string, string>>): readonly string[] {
  const settings: Readonly<Record<string, string>> = {
    cluster_name: mark,
    update_process_title: 'on',
    // In the data directory, where nobody else comes in; there is no port.
    listen_addresses: '',
    unix_socket_directories: '.',
    unix_socket_permissions: '0700',
    port: '5432',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    max_connections: '50',
    shared_buffers: totalmem() >= 4 * GIB ? '256MB' : '128MB',
    // A busy school writes some 100 MB between checkpoints; a segment that is used again costs nothing at its first commit.
    min_wal_size: '256MB',
    max_wal_size: '1GB',
    max_parallel_workers_per_gather: '0',
    io_method: 'sync',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    log_destination: 'stderr',
    logging_collector: 'off',
    log_line_prefix: '',
    // Failed statements are told to who sent them; here they would bring people's messages into the log.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    ...overrides,
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

interface Watch {
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal | undefined
}

/** Relays what the server says to the end of its life; resolves when it says that it is ready. */
function untilReady(child: ChildProcess, { clock, log, signal }: Watch): Promise<void> {
  return new Promise((resolve, reject) => {
    let complaint = 'it ended at once'
    let isSettled = false
    const settle = (problem?: Error): void => {
      isSettled = true
      cancel()
      signal?.removeEventListener('abort', abort)
      if (problem) reject(problem)
      else resolve()
    }
    const abort = (): void => settle(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    const refuse = (): void => settle(new StartRefused(`the embedded database did not start: ${complaint}`))
    let cancel = clock.after(START_DEADLINE_MS, () =>
      settle(new StartRefused('the embedded database did not start in time')),
    )
    signal?.addEventListener('abort', abort, { once: true })
    child.once('error', (err) => {
      complaint = err.message
      refuse()
    })
    child.once('close', refuse)
    child.once('exit', () => {
      cancel()
      // Its last words come after its end, and children that outlive it may keep its output open.
      if (!isSettled) cancel = clock.after(LAST_WORDS_MS, refuse)
    })
    if (!child.stderr) return
    createInterface({ input: child.stderr }).on('line', (line) => {
      relay(line, log)
      if (/^(FATAL|PANIC)/.test(line)) complaint = line
      if (line.includes(READY)) settle()
    })
  })
}

function relay(line: string, log: Logger): void {
  if (line.startsWith('PANIC')) log.error({ postgres: line }, 'PostgreSQL panics')
  else if (line.startsWith('LOG')) log.debug({ postgres: line }, 'PostgreSQL says')
  else log.warn({ postgres: line }, 'PostgreSQL says')
}
