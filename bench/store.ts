import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConnectionUrl } from '../server/src/db/connection-target.ts'
import { Lane, type Param } from '../server/src/db/lane.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../server/src/embedded/embedded-postgres.ts'
import { systemClock } from '../server/src/kit/clock.ts'
import { silentLogger } from '../server/src/kit/logger.ts'
import { LOAD_CORE, pin, SERVER_CORE } from './processes.ts'

/** A statement as PostgreSQL counted it. */
export interface CountedStatement {
  readonly text: string
  readonly calls: number
  /** In PostgreSQL, all calls together. */
  readonly ms: number
}

/** Rows inserted, updated and deleted, per table. */
export type RowsWritten = ReadonlyMap<string, number>

const SETTLE_DEADLINE_MS = 30_000
/** A backend that has nothing to do reports its numbers after ten seconds at the latest. */
const IDLE_REPORT_MS = 11_000

/** The PostgreSQL under measurement, the embedded one, with a connection past the server: for rows to begin with, and numbers. */
export class Store {
  readonly url: string
  /** Of the postmaster; the others are its children. */
  readonly pid: number
  readonly #lane: Lane
  readonly #end: () => Promise<void>

  private constructor(postgres: EmbeddedPostgres, lane: Lane, end: () => Promise<void>) {
    this.url = postgres.url
    this.pid = postgres.pid
    this.#lane = lane
    this.#end = end
  }

  static async start(): Promise<Store> {
    const folder = mkdtempSync(join(tmpdir(), 'hongyan-store-'))
    // Its processes stay on the core they are born on.
    pin(process, SERVER_CORE)
    const postgres = await startEmbeddedPostgres({
      dataDir: join(folder, 'pg'),
      log: silentLogger(),
      settings: { shared_preload_libraries: 'pg_stat_statements' },
    })
    pin(process, LOAD_CORE)
    const lane = await Lane.open({
      target: parseConnectionUrl(postgres.url),
      name: 'bench',
      connectDeadlineMs: 5_000,
      statementTimeoutMs: 600_000,
      clock: systemClock,
    })
    const store = new Store(postgres, lane, async () => {
      await lane.end()
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    })
    await store.run('SET default_transaction_read_only = off')
    await store.run('CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
    await store.#track('none')
    return store
  }

  async run<Row extends object>(text: string, params: readonly Param[] = []): Promise<readonly Row[]> {
    return (await this.#lane.run<Row>(text, params)).rows
  }

  /** As the readers of the server want it. */
  query<Row extends object>(text: string, params: readonly Param[] = []): Promise<readonly Row[]> {
    return this.run<Row>(text, params)
  }

  /**
   * The statements that were run for the work: those of the run with the fewest, because in the others the server did
   * something by itself meanwhile.
   */
  async countStatements(work: () => Promise<unknown>, runs = 3): Promise<readonly CountedStatement[]> {
    await this.#track('top')
    const counts: (readonly CountedStatement[])[] = []
    for (let run = 0; run < runs; run++) {
      await this.run('SELECT pg_stat_statements_reset()')
      await work()
      counts.push(
        await this.run<CountedStatement>(
          `SELECT query AS text, calls, total_exec_time AS ms FROM pg_stat_statements
            WHERE query !~ 'pg_stat_statements|pg_reload_conf|moved_at >=' ORDER BY total_exec_time DESC`,
        ),
      )
    }
    await this.#track('none')
    const [fewest = []] = counts.sort((a, b) => callsOf(a) - callsOf(b))
    return fewest
  }

  /** Rows written since the store began, once `isThere` finds its own among them: backends report with a delay. */
  async rowsWritten(isThere: (rows: RowsWritten) => boolean): Promise<RowsWritten> {
    for (const untilMs = performance.now() + SETTLE_DEADLINE_MS; ;) {
      const rows = await this.#readRowsWritten()
      if (isThere(rows)) return rows
      if (performance.now() > untilMs) throw new Error('the rows written were not reported')
      await pause(250)
    }
  }

  /** Rows written since the store began, after everybody has reported; nothing must be going on. */
  async settledRows(): Promise<RowsWritten> {
    await pause(IDLE_REPORT_MS)
    return this.#readRowsWritten()
  }

  stop(): Promise<void> {
    return this.#end()
  }

  async #readRowsWritten(): Promise<RowsWritten> {
    const rows = await this.run<{ table: string; written: number }>(
      `SELECT relname AS table, n_tup_ins + n_tup_upd + n_tup_del AS written FROM pg_stat_user_tables`,
    )
    return new Map(rows.map(({ table, written }) => [table, written]))
  }

  /** Counting costs a little, so it is on only where it is asked for. */
  async #track(which: 'none' | 'top'): Promise<void> {
    await this.run(`ALTER SYSTEM SET pg_stat_statements.track = '${which}'`)
    await this.run('SELECT pg_reload_conf()')
    // Backends hear of it with their next statement, after the postmaster has told them.
    await pause(300)
  }
}

/** What was written between the two. */
export function writtenBetween(before: RowsWritten, after: RowsWritten): RowsWritten {
  const changed = [...after].map(([table, written]) => [table, written - (before.get(table) ?? 0)] as const)
  return new Map(changed.filter(([, written]) => written > 0))
}

export function sumOf(rows: RowsWritten): number {
  return [...rows.values()].reduce((sum, written) => sum + written, 0)
}

export function callsOf(statements: readonly CountedStatement[]): number {
  return statements.reduce((sum, { calls }) => sum + calls, 0)
}

export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}
