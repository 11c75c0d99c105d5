import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Refused } from '@hongyan/protocol'
import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import { ContentTooLong, type Content } from './blobs.ts'

const OWNER_ONLY_FILE = 0o600
const OWNER_ONLY_FOLDER = 0o700
const SUFFIX = '.draft'

/** Content in a file of this machine, hashed. */
export interface DraftFile {
  readonly hash: string
  readonly bytes: number
  readonly path: string
}

/** The folder in which content arrives. Its names are random; nobody outside learns them. */
export class DraftFolder {
  readonly #path: string
  readonly #random: Random
  readonly #clock: Clock

  constructor(path: string, deps: { readonly random: Random; readonly clock: Clock }) {
    this.#path = path
    this.#random = deps.random
    this.#clock = deps.clock
  }

  /** Writes content to a file of its own. Whatever fails, the file is gone. The content is not synced to the disk yet. */
  async receive(content: Content, maxBytes: number): Promise<DraftFile> {
    const path = join(this.#path, this.#random.id() + SUFFIX)
    let file: FileHandle | undefined
    try {
      await mkdir(this.#path, { recursive: true, mode: OWNER_ONLY_FOLDER })
      file = await open(path, 'wx', OWNER_ONLY_FILE)
      const { hash, bytes } = await write(file, content, maxBytes)
      await file.close()
      return { hash, bytes, path }
    } catch (err) {
      await file?.close().catch(() => {})
      await removeQuietly(path)
      throw asRefusal(err)
    }
  }

  /** Removes drafts that nobody has written to for this long. */
  async sweep(olderThanMs: number): Promise<number> {
    const names = await readdir(this.#path).catch(() => [])
    let removed = 0
    for (const name of names.filter((one) => one.endsWith(SUFFIX))) {
      const path = join(this.#path, name)
      const found = await stat(path).catch(() => undefined)
      if (!found || this.#clock.now() - found.mtimeMs < olderThanMs) continue
      await removeQuietly(path)
      removed++
    }
    return removed
  }
}

async function write(
  file: FileHandle,
  content: Content,
  maxBytes: number,
): Promise<{ readonly hash: string; readonly bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of content) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new ContentTooLong(`more than ${maxBytes} bytes`)
    hash.update(chunk)
    await writeAll(file, chunk)
  }
  return { hash: hash.digest('hex'), bytes }
}

/** A disk that is nearly full may take a part and say so. */
async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, written)
    written += bytesWritten
  }
}

export async function removeQuietly(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => {})
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** A full disk is the operator's matter and has a name; the rest stays what it is. */
export function asRefusal(err: unknown): unknown {
  const isFull = err instanceof Error && 'code' in err && typeof err.code === 'string' && FULL.has(err.code)
  return isFull ? new Refused('STORE_FULL') : err
}
