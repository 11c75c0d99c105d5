import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { sourceFiles } from '../../../tools/source-files.ts'
import { CHECKOUT } from './checkout.ts'

export interface RepositoryCopyOptions {
  /** Who owns all of it; the test's own user when absent. */
  readonly uid?: number
  /** Only its owner may enter the folder around it, as with /root. */
  readonly isPrivate?: boolean
}

/** The repository as it is after `npm install`, in a temporary place of its own. */
export interface RepositoryCopy {
  readonly path: string
  /** An empty folder for the environment's HOME, outside the copy. */
  readonly home: string
  /** The processes that work inside the copy or were started with a path of it. */
  processes(): readonly string[]
  remove(): void
}

const WORKSPACES = ['protocol', 'server', 'loadtest', 'client-sdk', 'web-demo']
const BUILT = WORKSPACES.map((workspace) => join(workspace, 'dist'))
/** A workspace has modules of its own where its version of a package is not everybody's. */
const INSTALLED = ['.', ...WORKSPACES].map((workspace) => join(workspace, 'node_modules'))

/** Copies what git tracks or would track, what is built, and what is installed. */
export function copyRepository({ uid, isPrivate = false }: RepositoryCopyOptions = {}): RepositoryCopy {
  const around = mkdtempSync(join(tmpdir(), 'hongyan-copy-'))
  const [path, home] = [join(around, 'hongyan'), join(around, 'home')]
  for (const folder of [path, home]) mkdirSync(folder, { mode: 0o755 })
  for (const file of [...sourceFiles(CHECKOUT), ...BUILT]) {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    cpSync(join(CHECKOUT, file), join(path, file), { recursive: true, preserveTimestamps: true })
  }
  for (const folder of INSTALLED) copyModules(folder, path, uid !== undefined)
  if (uid !== undefined) execFileSync('chown', ['-R', `${uid}:${uid}`, around])
  chmodSync(around, isPrivate ? 0o700 : 0o755)
  return {
    path,
    home,
    processes: () => processesOf(path),
    remove: () => rmSync(around, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** Links where it may: to change the owner of a linked file would change that of the original. */
function copyModules(folder: string, target: string, isOwn: boolean): void {
  const [from, to] = [join(CHECKOUT, folder), join(target, folder)]
  if (!existsSync(from)) return
  const copy = (...options: readonly string[]): void =>
    void execFileSync('cp', [...options, from, to], { stdio: ['ignore', 'ignore', 'pipe'] })
  if (isOwn) return copy('-a')
  try {
    copy('-al')
  } catch {
    // Another file system.
    rmSync(to, { recursive: true, force: true })
    copy('-a')
  }
}

function processesOf(path: string): readonly string[] {
  const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
  return found.flatMap((pid) => {
    const command = commandOf(pid)
    const isOfCopy = command.includes(path) || `${workingFolderOf(pid)}/`.startsWith(`${path}/`)
    return isOfCopy ? [`${pid} ${command}`] : []
  })
}

function commandOf(pid: string): string {
  const file = `/proc/${pid}/cmdline`
  try {
    return existsSync(file) ? readFileSync(file, 'utf8').replaceAll('\0', ' ').trim() : ''
  } catch {
    return '' // it has just ended
  }
}

function workingFolderOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}
