import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import type { RunAs } from './run-as.ts'

/** What is needed to make and run a database; the rest of the package (static libraries, pg_ctl) is not. */
const NEEDED = [/^bin\/(initdb|postgres)$/, /^lib\/.*\.so[.\d]*$/, /^share\//, /^pg-symlinks\.json$/]
const OTHERS_MAY_WRITE = 0o022
const STICKY = 0o1000

/**
 * Where copies may lie, best first. Root's are used by all of root's data directories, and lie where the user it lends
 * can reach them; an ordinary user's lies beside its data.
 */
export function runtimeFolders(dataDir: string, runAs: RunAs | undefined): readonly string[] {
  if (!runAs) return [`${dataDir}.runtime`]
  return ['/var/cache/hongyan', '/var/lib/hongyan', join(tmpdir(), 'hongyan-runtime')]
}

/**
 * Copies the installation below `folder`, or finds the copy made before. Undefined when there can be none, or when
 * anybody but us could have written to what is there: the programs will be run.
 */
export function copyInstallation(native: string, folder: string, runAs: RunAs | undefined): string | undefined {
  try {
    // Whatever our umask is; a folder that was there before stays as it is.
    const created = mkdirSync(folder, { recursive: true })
    if (created !== undefined) chmodSync(folder, 0o755)
    const place = realpathSync(folder)
    if (runAs && !isWayOurs(place)) return undefined
    const copy = join(place, `postgresql-${fingerprint(native)}`)
    // A machine that lost its power may have kept the names of files without what was in them.
    if (existsSync(copy) && !isSameSize(native, copy)) rmSync(copy, { recursive: true, force: true })
    if (!existsSync(copy)) copyInto(native, copy)
    return !runAs || isTreeOurs(copy) ? copy : undefined
  } catch {
    return undefined
  }
}

/** Complete or not there: the copy gets its name when it is finished. */
function copyInto(native: string, copy: string): void {
  const making = mkdtempSync(`${copy}.new-`)
  try {
    cpSync(native, making, { recursive: true, filter: (from) => isNeeded(native, from) })
    makeReadable(making)
    renameSync(making, copy)
  } catch (err) {
    rmSync(making, { recursive: true, force: true })
    // Another process was faster.
    if (!existsSync(copy)) throw err
  }
}

function isSameSize(native: string, copy: string, below = '.'): boolean {
  return readdirSync(join(native, below), { withFileTypes: true }).every((entry) => {
    const path = join(below, entry.name)
    if (entry.isSymbolicLink() || !isNeeded(native, join(native, path))) return true
    const found = lstatSync(join(copy, path), { throwIfNoEntry: false })
    if (entry.isDirectory()) return found?.isDirectory() === true && isSameSize(native, copy, path)
    return found?.isFile() === true && found.size === lstatSync(join(native, path)).size
  })
}

/** The links are made anew: copied ones would lead back to where they came from. */
function isNeeded(native: string, from: string): boolean {
  const found = lstatSync(from)
  if (found.isDirectory()) return true
  if (found.isSymbolicLink()) return false
  const path = relative(native, from).split(sep).join('/')
  return NEEDED.some((pattern) => pattern.test(path))
}

/** Whatever our umask is: readable for the user that runs it, writable for us only. */
function makeReadable(path: string): void {
  const found = lstatSync(path)
  chmodSync(path, found.isDirectory() || (found.mode & 0o100) !== 0 ? 0o755 : 0o644)
  if (found.isDirectory()) for (const name of readdirSync(path)) makeReadable(join(path, name))
}

/** Nobody else may rename or replace a folder on the way down; a sticky one (/tmp) protects what is ours in it. */
function isWayOurs(folder: string): boolean {
  const { uid, mode } = lstatSync(folder)
  const isSafe = uid === process.getuid?.() && ((mode & OTHERS_MAY_WRITE) === 0 || (mode & STICKY) !== 0)
  return isSafe && (dirname(folder) === folder || isWayOurs(dirname(folder)))
}

function isTreeOurs(path: string): boolean {
  const found = lstatSync(path)
  if (found.uid !== process.getuid?.()) return false
  if (found.isSymbolicLink()) return true
  if ((found.mode & OTHERS_MAY_WRITE) !== 0) return false
  return !found.isDirectory() || readdirSync(path).every((name) => isTreeOurs(join(path, name)))
}

/** Another version of the package gets another copy. */
function fingerprint(native: string): string {
  const about = readFileSync(join(native, '..', 'package.json'))
  return createHash('sha256').update(about).digest('hex').slice(0, 16)
}
