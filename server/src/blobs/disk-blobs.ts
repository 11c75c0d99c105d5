import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import { assertHash, type Blobs, type ByteRange, type Content, type Draft } from './blobs.ts'
import { asRefusal, DraftFolder, removeQuietly, type DraftFile } from './draft-folder.ts'

const OWNER_ONLY_FOLDER = 0o700

export interface DiskBlobsOptions {
  /** Everything is below this folder; it is made when it is first needed. */
  readonly root: string
  readonly random: Random
  readonly clock: Clock
}

/**
 * Content in files: `<root>/ab/cd/<hash>`, so that no folder gets large. A file is written beside, synced, renamed to its
 * place, and its folder synced: it is there whole or not at all, whatever is killed. Drafts are below the same root,
 * because renaming works within one file system only.
 */
export class DiskBlobs implements Blobs {
  readonly #root: string
  readonly #drafts: DraftFolder

  constructor({ root, random, clock }: DiskBlobsOptions) {
    this.#root = resolve(root)
    this.#drafts = new DraftFolder(join(this.#root, 'incoming'), { random, clock })
  }

  async receive(content: Content, { maxBytes }: { readonly maxBytes: number }): Promise<Draft> {
    const file = await this.#drafts.receive(content, maxBytes)
    return { ...file, keep: () => this.#keep(file), drop: () => removeQuietly(file.path) }
  }

  async has(hash: string): Promise<boolean> {
    return (await this.#bytesOf(hash)) !== undefined
  }

  async read(hash: string, range?: ByteRange): Promise<Readable | undefined> {
    try {
      const file = await open(this.#pathOf(hash), 'r')
      return file.createReadStream(range)
    } catch (err) {
      if (isMissing(err)) return undefined
      throw err
    }
  }

  async delete(hash: string): Promise<void> {
    await rm(this.#pathOf(hash), { force: true })
  }

  sweepDrafts(olderThanMs: number): Promise<number> {
    return this.#drafts.sweep(olderThanMs)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #keep(file: DraftFile): Promise<void> {
    try {
      // Of another length it would be what a broken disk has left: it is replaced.
      if ((await this.#bytesOf(file.hash)) === file.bytes) return
      const path = this.#pathOf(file.hash)
      await syncFile(file.path)
      await this.#makeFolders(dirname(path))
      await rename(file.path, path)
      await syncFolder(dirname(path))
    } catch (err) {
      throw asRefusal(err)
    } finally {
      await removeQuietly(file.path)
    }
  }

  async #bytesOf(hash: string): Promise<number | undefined> {
    try {
      return (await stat(this.#pathOf(hash))).size
    } catch (err) {
      if (isMissing(err)) return undefined
      throw err
    }
  }

  #pathOf(hash: string): string {
    assertHash(hash)
    return join(this.#root, hash.slice(0, 2), hash.slice(2, 4), hash)
  }

  /** A new folder is durable when the folder that holds it is synced. */
  async #makeFolders(path: string): Promise<void> {
    const first = await mkdir(path, { recursive: true, mode: OWNER_ONLY_FOLDER })
    if (first === undefined) return
    for (let parent = dirname(path); parent.length >= dirname(first).length; parent = dirname(parent)) {
      await syncFolder(parent)
      if (parent === dirname(parent)) return
    }
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder, and needs no such thing.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function isMissing(err: unknown): boolean {
  return err instanceof Error && 'code' in err && err.code === 'ENOENT'
}
