import { link, mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createReadStream } from 'node:fs'
import type { Blobs } from '../blobs/blobs.ts'
import type { Db } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import { BackupRefused } from './backup-refused.ts'
import { mediaFile, type MediaPart } from './manifest.ts'
import { postponeCleanUp } from './media-writer.ts'
import { bytesOf, linesOf, measure, writePart } from './part-file.ts'

export interface MediaCopyDeps {
  readonly db: Db
  readonly blobs: Blobs
  readonly clock: Clock
}

/** The hashes that the snapshot names, one a line; it goes when the files are copied. */
export const WANTED_FILE = 'media.wanted'
const LIST_FILE = 'media.txt'
/** The clean-up takes what has been loose for an hour. */
const POSTPONE_EVERY_MS = 10 * 60_000

/**
 * Copies the content of all files that the snapshot names, and lists it. What an earlier backup on the same disk has is
 * linked instead, after it was read and found whole. Refuses when a file's content is missing or is not what it was.
 */
export async function copyMedia(
  folder: string,
  deps: MediaCopyDeps,
  previous: string | undefined,
): Promise<MediaPart & { readonly kind: 'included' }> {
  let [files, bytes, postponedAtMs] = [0, 0, -Infinity]
  async function* list(): AsyncGenerator<Uint8Array> {
    for await (const hash of linesOf(bytesOf(createReadStream(join(folder, WANTED_FILE))))) {
      if (deps.clock.monotonicMs() - postponedAtMs > POSTPONE_EVERY_MS) {
        await deps.db.transaction(postponeCleanUp, { retry: true })
        postponedAtMs = deps.clock.monotonicMs()
      }
      const length = (await linkFrom(previous, folder, hash)) ?? (await copyOne(folder, hash, deps.blobs))
      files++
      bytes += length
      yield Buffer.from(`${hash} ${length}\n`)
    }
  }
  const part = await writePart(folder, LIST_FILE, list())
  await rm(join(folder, WANTED_FILE))
  return { kind: 'included', list: part, files, bytes }
}

async function copyOne(folder: string, hash: string, blobs: Blobs): Promise<number> {
  const content = await blobs.read(hash)
  if (!content) throw new BackupRefused(`the content of a file is missing from the store: ${hash}`)
  const { bytes, sha256 } = await writePart(folder, mediaFile(hash), bytesOf(content))
  if (sha256 !== hash) throw new BackupRefused(`the content of a file is damaged in the store: ${hash}`)
  return bytes
}

/** The length of what was linked; undefined when the earlier backup does not have it whole, or lies on another disk. */
async function linkFrom(previous: string | undefined, folder: string, hash: string): Promise<number | undefined> {
  if (previous === undefined) return undefined
  const source = join(previous, mediaFile(hash))
  const found = await measure(source)
  if (found?.sha256 !== hash) return undefined
  const target = join(folder, mediaFile(hash))
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  try {
    await link(source, target)
    return found.bytes
  } catch {
    return undefined
  }
}

/** One line of the list of media. */
export interface ListedFile {
  readonly hash: string
  readonly bytes: number
}

/** What the list of a backup names. */
export async function* readMediaList(folder: string): AsyncGenerator<ListedFile, void, undefined> {
  for await (const line of linesOf(bytesOf(createReadStream(join(folder, LIST_FILE))))) {
    const [hash = '', bytes = ''] = line.split(' ')
    yield { hash, bytes: Number(bytes) }
  }
}

/** Puts the content of a backup's files into the store; what is there already stays. Returns how many files. */
export async function restoreMedia(folder: string, blobs: Blobs): Promise<number> {
  let files = 0
  for await (const { hash, bytes } of readMediaList(folder)) {
    const source = await open(join(folder, mediaFile(hash)), 'r')
    try {
      const draft = await blobs.receive(bytesOf(source.createReadStream({ autoClose: false })), { maxBytes: bytes })
      if (draft.hash !== hash) {
        await draft.drop()
        throw new BackupRefused(`the content of a file is damaged in the backup: ${mediaFile(hash)}`)
      }
      await draft.keep()
      files++
    } finally {
      await source.close()
    }
  }
  return files
}
