import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A disk of a few megabytes, in memory. */
export interface SmallDisk {
  readonly path: string
  remove(): void
}

/** Undefined where nobody may mount: not as root, not on Linux, or in a container without the right to. */
export function mountSmallDisk(megabytes: number): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), 'hongyan-small-disk-'))
  if (!run(['mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path])) {
    rmdirSync(path)
    return undefined
  }
  return {
    path,
    remove: () => {
      run(['umount', path])
      rmdirSync(path)
    },
  }
}

function run([program = '', ...args]: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
