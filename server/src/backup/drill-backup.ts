import type { Db, Session } from '../db/db.ts'
import { readMigrations } from '../db/migrations.ts'
import { assertNoRestoreUnderWay, restoringSchema } from '../db/restore-mark.ts'
import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import { checkStore } from './check-store.ts'
import { loadBackup } from './load-backup.ts'
import type { Manifest } from './manifest.ts'
import { putInPlace } from './restore-backup.ts'
import { readSchema } from './store-reader.ts'
import { verifyBackup } from './verify-backup.ts'

/** Something that a drill has looked at. */
export interface DrillStep {
  readonly name: string
  readonly isFine: boolean
  /** What is wrong, or what was found to be right, in a line each. */
  readonly details: readonly string[]
  readonly tookMs: number
}

export interface DrillReport {
  readonly folder: string
  readonly isFine: boolean
  readonly takenAt: string | undefined
  readonly program: string | undefined
  readonly steps: readonly DrillStep[]
}

export interface DrillOptions {
  readonly folder: string
  /** An empty database of nobody's; opened only for a backup whose files are whole. */
  readonly openScratch: () => Promise<{ readonly db: Db; readonly remove: () => Promise<void> }>
  readonly clock: Clock
  readonly random: Random
}

const DEADLINE_MS = 24 * 3_600_000

/**
 * Proves a backup by restoring it where nobody is: every file is compared with its hash, every row with what was backed
 * up, everything that must hold in a store is looked at, and the restored store must have an epoch of its own. Reports
 * what is wrong; rejects only when the drill itself cannot be carried out.
 */
export async function drillBackup(options: DrillOptions): Promise<DrillReport> {
  const drill = new Drill(options.clock)
  let manifest: Manifest | undefined
  await drill.step('the files are as they were written', async () => {
    const verified = await verifyBackup(options.folder)
    manifest = verified.manifest
    const { problems, files, bytes } = verified
    return {
      isFine: problems.length === 0,
      details: problems.length > 0 ? problems : [`${files} files, ${bytes} bytes`],
    }
  })
  if (drill.isFine && manifest) await restoreToScratch(drill, manifest, options)
  return {
    folder: options.folder,
    isFine: drill.isFine,
    takenAt: manifest?.takenAt,
    program: manifest?.program,
    steps: drill.steps,
  }
}

async function restoreToScratch(drill: Drill, manifest: Manifest, options: DrillOptions): Promise<void> {
  const scratch = await options.openScratch()
  try {
    await scratch.db.session((session) => restoreHere(drill, session, manifest, options), { deadlineMs: DEADLINE_MS })
    if (!drill.isFine) return
    await drill.step('a server would start on it', async () => {
      await assertNoRestoreUnderWay(scratch.db)
      return { isFine: true, details: [] }
    })
  } finally {
    await scratch.remove()
  }
}

async function restoreHere(
  drill: Drill,
  session: Session,
  manifest: Manifest,
  { folder, clock, random }: DrillOptions,
): Promise<void> {
  const target = await readSchema(session)
  const schema = restoringSchema(target)
  await drill.step('every row is what it was', async () => {
    const migrations = readMigrations()
    await loadBackup(session, { folder, manifest, schema, migrations, clock, tell: () => {}, rereads: true })
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
    return { isFine: true, details: [`${rows} rows in ${manifest.tables.length} tables`] }
  })
  if (!drill.isFine) return
  let startedMs = clock.monotonicMs()
  await checkStore(session, random, ({ name, breaches, examples }) => {
    drill.note({
      name,
      isFine: breaches === 0,
      details: breaches === 0 ? [] : [`${breaches} times`, ...examples],
      tookMs: Math.round(clock.monotonicMs() - startedMs),
    })
    startedMs = clock.monotonicMs()
  })
  await drill.step('the restored store has an epoch of its own (I12)', async () => {
    const epoch = await putInPlace(session, { target, schema, manifest, replaces: undefined }, clock)
    return { isFine: epoch !== manifest.epoch, details: [`${manifest.epoch} became ${epoch}`] }
  })
}

class Drill {
  readonly steps: DrillStep[] = []
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isFine(): boolean {
    return this.steps.every((step) => step.isFine)
  }

  note(step: DrillStep): void {
    this.steps.push(step)
  }

  /** Carries a step out; what it fails with is a finding of the drill. */
  async step(name: string, run: () => Promise<Pick<DrillStep, 'isFine' | 'details'>>): Promise<void> {
    const startedMs = this.#clock.monotonicMs()
    const found = await run().catch((err: unknown) => ({
      isFine: false,
      details: [err instanceof Error ? err.message : String(err)],
    }))
    this.note({ name, ...found, tookMs: Math.round(this.#clock.monotonicMs() - startedMs) })
  }
}
