import type { Blobs } from '../blobs/blobs.ts'
import type { Db } from '../db/db.ts'
import { deleteRevokedFiles, deleteUnusedFiles, forgetBlobs, takeLooseBlobs } from './media-writer.ts'

export interface CleanerDeps {
  readonly db: Db
  readonly blobs: Blobs
}

/** Uploads that no message shows go after this time. */
const UNUSED_MS = 24 * 3_600_000
/** Longer than an upload can take from its claim to its end. */
const LOOSE_MS = 3_600_000
/** Uploads that do not move are cut within a minute, so nobody writes to such a draft any more. */
const DRAFT_MS = 30 * 60_000
const FILES_PER_BATCH = 200
const REVOKED_PER_BATCH = 1_000
const BLOBS_PER_BATCH = 50
const MAX_BATCHES = 20

/**
 * Removes what nobody can open any more, in small bounded steps.
 *
 * Content that is uploaded again at the same moment is safe: an upload claims its content in the table `blob` before it
 * writes, and holds it when it is done. Content goes only when nothing has held or claimed it for an hour; its row is then
 * marked as going, under the row's lock, before the store is touched, and nobody can claim it until the row is gone. A
 * process that dies in between leaves a marked row, which is taken up again after an hour.
 */
export class MediaCleaner {
  readonly #deps: CleanerDeps
  /** Where the walk through the files that were shown once has come to. */
  #walkedTo = ''
  #removed = 0

  constructor(deps: CleanerDeps) {
    this.#deps = deps
  }

  /** One turn of the loop. */
  async clean(signal: AbortSignal): Promise<void> {
    await this.#deps.blobs.sweepDrafts(DRAFT_MS)
    await repeat(signal, () => this.#deleteUnused())
    await repeat(signal, () => this.#deleteRevoked())
    await repeat(signal, () => this.#deleteLoose())
  }

  /** Pieces of content removed since the start. */
  get removed(): number {
    return this.#removed
  }

  async #deleteUnused(): Promise<boolean> {
    const deleted = await this.#deps.db.transaction((tx) => deleteUnusedFiles(tx, UNUSED_MS, FILES_PER_BATCH))
    return deleted === FILES_PER_BATCH
  }

  /** Goes on where it stopped, and begins anew in the next turn after the last. */
  async #deleteRevoked(): Promise<boolean> {
    const { next } = await this.#deps.db.transaction((tx) =>
      deleteRevokedFiles(tx, this.#walkedTo, { olderThanMs: UNUSED_MS, limit: REVOKED_PER_BATCH }),
    )
    this.#walkedTo = next ?? ''
    return next !== undefined
  }

  async #deleteLoose(): Promise<boolean> {
    const hashes = await this.#deps.db.transaction((tx) => takeLooseBlobs(tx, LOOSE_MS, BLOBS_PER_BATCH))
    for (const hash of hashes) await this.#deps.blobs.delete(hash)
    if (hashes.length > 0) await this.#deps.db.transaction((tx) => forgetBlobs(tx, hashes), { retry: true })
    this.#removed += hashes.length
    return hashes.length === BLOBS_PER_BATCH
  }
}

/** As long as there is more, within the bound of a turn. */
async function repeat(signal: AbortSignal, step: () => Promise<boolean>): Promise<void> {
  for (let batch = 0; batch < MAX_BATCHES && !signal.aborted; batch++) if (!(await step())) return
}
