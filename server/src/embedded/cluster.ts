import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { StartRefused } from '../db/start-refused.ts'
import type { Random } from '../kit/random.ts'
import { runChild, type ChildOptions } from './child.ts'
import type { Installation } from './installation.ts'
import type { RunAs } from './run-as.ts'

/** The role we log in as, and the database that is ours. */
export const CLUSTER_NAME = 'hongyan'
const HALF_MADE = '.new-'
const PASSWORD_FILE = 'hongyan.password'
const OWNER_ONLY_FILE = 0o600
const OWNER_ONLY_FOLDER = 0o700

export interface ClusterOptions {
  readonly dataDir: string
  readonly installation: Installation
  readonly runAs: RunAs | undefined
  readonly random: Random
  readonly signal: AbortSignal | undefined
}

/** Makes the data directory unless it is there, and returns the password. Refuses one that this PostgreSQL cannot use. */
export async function openCluster(options: ClusterOptions): Promise<string> {
  const { dataDir, installation } = options
  if (isAbsentOrEmpty(dataDir)) await createCluster(options)
  const version = readOwn(join(dataDir, 'PG_VERSION'), dataDir)
  if (version === undefined)
    throw new StartRefused(`${dataDir} holds other files than a database; choose another DATA_DIR`)
  if (version !== String(installation.majorVersion)) {
    throw new StartRefused(
      `${dataDir} was made by PostgreSQL ${version}, and this program brings ${installation.majorVersion}; dump it with the old program and restore it into an empty DATA_DIR`,
    )
  }
  const password = readOwn(join(dataDir, PASSWORD_FILE), dataDir)
  if (!password)
    throw new StartRefused(`${join(dataDir, PASSWORD_FILE)} is missing: the database cannot be opened without`)
  return password
}

/**
 * How PostgreSQL is told its data directory. Another user than ourselves may not be able to walk there; but it can be
 * put there, and then stays: its working directory is its data directory for all its life. And one that outlives us
 * while the directory is made anew keeps its hands off the new one. See docs/adr/0002.
 */
export function dataDirArgument(dataDir: string): string {
  return process.platform === 'linux' ? '/proc/self/cwd' : dataDir
}

function isAbsentOrEmpty(dataDir: string): boolean {
  return !existsSync(dataDir) || readdirSync(dataDir).length === 0
}

function readOwn(path: string, dataDir: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (err) {
    if (!(err instanceof Error && 'code' in err && typeof err.code === 'string')) throw err
    if (err.code === 'ENOENT') return undefined
    throw new StartRefused(`${dataDir} cannot be read (${err.code}); it belongs to another user`, { cause: err })
  }
}

/** It appears under its name complete and synced, or not at all. */
async function createCluster(options: ClusterOptions): Promise<void> {
  const { dataDir, random, runAs } = options
  removeHalfMade(dataDir)
  const making = `${dataDir}${HALF_MADE}${random.id()}`
  try {
    mkdirSync(making, { mode: OWNER_ONLY_FOLDER })
    if (runAs) chownSync(making, runAs.uid, runAs.gid)
    const password = random.id()
    await initialize(making, password, options)
    closeSync(writeOwn(join(making, PASSWORD_FILE), password, runAs))
    syncFolder(making)
    renameSync(making, dataDir)
    syncFolder(dirname(dataDir))
  } catch (err) {
    removeHalfMade(dataDir)
    throw err
  }
}

/** By the name, never used again: what an initdb that outlived its server still writes goes nowhere. */
function removeHalfMade(dataDir: string): void {
  const prefix = basename(dataDir) + HALF_MADE
  for (const name of readdirSync(dirname(dataDir))) {
    if (!name.startsWith(prefix)) continue
    rmSync(join(dirname(dataDir), name), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}

async function initialize(making: string, password: string, options: ClusterOptions): Promise<void> {
  const { installation, runAs, signal } = options
  const passwordFile = `${making}.password`
  const handle = writeOwn(passwordFile, `${password}\n`, runAs)
  try {
    // By its handle: the other user may not be able to walk to the file.
    unlinkSync(passwordFile)
    await run(installation.initdb, initArguments(making), { cwd: making, runAs, handles: [handle] }, signal)
  } finally {
    closeSync(handle)
  }
  const inside = dataDirArgument(making)
  const input = `CREATE DATABASE ${CLUSTER_NAME}\n`
  await run(installation.postgres, ['--single', '-D', inside, 'postgres'], { cwd: making, runAs, input }, signal)
}

function initArguments(making: string): readonly string[] {
  return [
    '-D',
    dataDirArgument(making),
    `--username=${CLUSTER_NAME}`,
    `--pwfile=${process.platform === 'linux' ? '/proc/self/fd/3' : '/dev/fd/3'}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The same order of texts on every system, whatever its libraries think.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    // One call for the whole file system instead of one for each of a thousand files.
    ...(process.platform === 'linux' ? ['--sync-method=syncfs'] : []),
    '--no-instructions',
  ]
}

async function run(
  program: string,
  args: readonly string[],
  options: ChildOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { exitCode, output } = await runChild(program, args, { ...options, signal })
  if (exitCode === 0) return
  const reason =
    output.split('\n').findLast((line) => /error|fatal|panic|could not/i.test(line)) ?? `exit code ${exitCode}`
  throw new StartRefused(`the embedded database could not be created: ${reason.trim()}`)
}

/** Writes a file for the database's user alone and returns its handle. */
function writeOwn(path: string, text: string, runAs: RunAs | undefined): number {
  rmSync(path, { force: true })
  const handle = openSync(path, 'wx+', OWNER_ONLY_FILE)
  writeSync(handle, text)
  fsyncSync(handle)
  if (runAs) chownSync(path, runAs.uid, runAs.gid)
  return handle
}

function syncFolder(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
