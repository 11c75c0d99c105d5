import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { StartRefused } from '../db/start-refused.ts'
import { systemClock, type Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import { systemRandom, type Random } from '../kit/random.ts'
import { CLUSTER_NAME, openCluster } from './cluster.ts'
import { lockDataDir } from './data-dir-lock.ts'
import { findInstallation } from './installation.ts'
import { endLeftovers } from './leftovers.ts'
import { chooseRunAs } from './run-as.ts'
import { ServerProcess, type ServerProcessOptions } from './server-process.ts'
import { openSocketFolder, type SocketFolder } from './socket-path.ts'

export interface EmbeddedPostgresOptions {
  /** Made when it is not there. Beside it lie its lock and, while it is being made, `….new`. */
  readonly dataDir: string
  readonly log: Logger
  /** Ends the start at any moment; what was begun is undone or will be found and repaired by the next start. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
  readonly random?: Random
  /** Settings of the server that differ from ours, for tests. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A PostgreSQL of our own. Started again by itself when it ends unasked. */
export interface EmbeddedPostgres {
  /** With its password; good for this process and, unless the path is very long, for others of this user. */
  readonly url: string
  /** The process id of its postmaster now. */
  readonly pid: number
  /** Stops it and lets go of the data directory. Takes 12 s at most; may be called again. Never rejects. */
  stop(): Promise<void>
}

const SOCKET_NAME = '.s.PGSQL.5432'
const FIRST_RESTART_WAIT_MS = 100
const MAX_RESTART_WAIT_MS = 5_000

/**
 * Starts PostgreSQL on a data directory. Rejects with StartRefused when another process uses it, when it was made by
 * another version, or when PostgreSQL does not run here; with the signal's reason when that aborts.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log, signal, clock = systemClock, random = systemRandom, settings = {} } = options
  const dataDir = resolve(options.dataDir)
  if (process.platform === 'win32')
    throw new StartRefused('the embedded database does not run on Windows; set DATABASE_URL')
  mkdirSync(dirname(dataDir), { recursive: true })
  const lock = await lockDataDir(dataDir, clock, random)
  let folder: SocketFolder | undefined
  const letGo = (): void => {
    lock.release()
    folder?.release()
  }
  try {
    const runAs = chooseRunAs(dataDir)
    const installation = await findInstallation(dataDir, runAs)
    const password = await openCluster({ dataDir, installation, runAs, random, signal })
    folder = openSocketFolder(dataDir, SOCKET_NAME)
    if (!folder) throw new StartRefused(`the path of ${dataDir} is too long for a socket; choose a shorter DATA_DIR`)
    const supervisor = new Supervisor({ dataDir, installation, runAs, clock, log, signal, settings })
    await supervisor.start()
    return running(urlOf(folder, password), supervisor, letGo)
  } catch (err) {
    letGo()
    throw err
  }
}

function urlOf(folder: SocketFolder, password: string): string {
  return `postgres://${CLUSTER_NAME}:${password}@localhost/${CLUSTER_NAME}?host=${encodeURIComponent(folder.path)}`
}

function running(url: string, supervisor: Supervisor, letGo: () => void): EmbeddedPostgres {
  let stopped: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    await supervisor.stop()
    letGo()
  }
  return {
    url,
    get pid() {
      return supervisor.pid
    },
    stop: () => (stopped ??= stop()),
  }
}

/** Keeps the server running until it is told to stop. */
class Supervisor {
  readonly #options: ServerProcessOptions
  #server: ServerProcess | undefined
  #isStopping = false
  #restarting: Promise<void> = Promise.resolve()
  #cancelWait: () => void = () => {}
  readonly #abort = new AbortController()

  constructor(options: ServerProcessOptions) {
    this.#options = options
  }

  get pid(): number {
    return this.#server?.pid ?? 0
  }

  async start(): Promise<void> {
    await this.#startOnce(this.#options.signal)
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.#cancelWait()
    this.#abort.abort()
    await this.#restarting
    await this.#server?.stop()
  }

  async #startOnce(signal: AbortSignal | undefined): Promise<void> {
    await endLeftovers(this.#options.dataDir, this.#options)
    const server = await ServerProcess.start({ ...this.#options, signal })
    this.#server = server
    void server.ended.then(() => {
      if (!this.#isStopping) this.#restarting = this.#restart()
    })
  }

  async #restart(): Promise<void> {
    const { log } = this.#options
    for (let attempt = 0; !this.#isStopping; attempt++) {
      log.error({ attempt }, 'PostgreSQL has ended unasked; starting it again')
      try {
        await this.#startOnce(this.#abort.signal)
        return
      } catch (err) {
        log.error({ err }, 'PostgreSQL could not be started again')
        await this.#wait(Math.min(MAX_RESTART_WAIT_MS, FIRST_RESTART_WAIT_MS * 2 ** attempt))
      }
    }
  }

  #wait(delayMs: number): Promise<void> {
    if (this.#isStopping) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(delayMs, resolve)
      this.#cancelWait = () => {
        cancel()
        resolve()
      }
    })
  }
}
