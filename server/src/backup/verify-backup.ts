import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BackupRefused } from './backup-refused.ts'
import {
  MANIFEST_FILE,
  MANIFEST_HASH_FILE,
  mediaFile,
  parseManifest,
  UNFINISHED_FILE,
  type Manifest,
  type Part,
} from './manifest.ts'
import { readMediaList } from './media-copy.ts'
import { measure } from './part-file.ts'

/** Problems that are named; there may be more. */
const MAX_NAMED = 100

/** What was found in a backup's folder. */
export interface Verified {
  readonly manifest: Manifest
  /** A line for each file that is missing or not as it was written. */
  readonly problems: readonly string[]
  readonly files: number
  readonly bytes: number
}

/** Reads the manifest. Refuses a folder that is no finished backup, and a manifest that is not as it was written. */
export async function readManifest(folder: string): Promise<Manifest> {
  if (!existsSync(folder)) throw new BackupRefused(`there is no folder ${folder}`)
  if (existsSync(join(folder, UNFINISHED_FILE)) || !existsSync(join(folder, MANIFEST_FILE)))
    throw new BackupRefused(`${folder} is not a finished backup: its making broke off, or it is something else`)
  const text = await readFile(join(folder, MANIFEST_FILE))
  const noted = await readFile(join(folder, MANIFEST_HASH_FILE), 'utf8').catch(() => '')
  if (noted.trim().split(/\s+/)[0] !== createHash('sha256').update(text).digest('hex'))
    throw new BackupRefused(`${MANIFEST_FILE} is damaged: it is not what ${MANIFEST_HASH_FILE} says`)
  return parseManifest(text.toString('utf8'))
}

/** Compares every file of a backup with what the manifest says, and names those that are not the same. */
export async function verifyBackup(folder: string): Promise<Verified> {
  const manifest = await readManifest(folder)
  const found = new Findings()
  for (const part of manifest.tables) await found.compare(folder, part)
  if (manifest.media.kind === 'included') {
    const { list } = manifest.media
    // Nothing can be looked for by a list that is not as it was.
    if (await found.compare(folder, list)) {
      for await (const { hash, bytes } of readMediaList(folder))
        await found.compare(folder, { file: mediaFile(hash), bytes, sha256: hash })
    }
  }
  return { manifest, problems: found.problems, files: found.files, bytes: found.bytes }
}

class Findings {
  readonly problems: string[] = []
  files = 0
  bytes = 0

  async compare(folder: string, part: Part): Promise<boolean> {
    const problem = problemOf(part, await measure(join(folder, part.file)))
    this.files++
    this.bytes += part.bytes
    if (problem === undefined) return true
    if (this.problems.length < MAX_NAMED) this.problems.push(`${part.file} ${problem}`)
    return false
  }
}

function problemOf(
  part: Part,
  found: { readonly bytes: number; readonly sha256: string } | undefined,
): string | undefined {
  if (!found) return 'is missing'
  if (found.bytes !== part.bytes) return `has ${found.bytes} bytes instead of ${part.bytes}`
  return found.sha256 === part.sha256 ? undefined : 'is damaged: its content is not what it was'
}
