import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const NEVER = new Set(['node_modules', 'dist', 'data', 'coverage', '.git'])

/**
 * The repository's own files, as paths relative to `root` with `/`: what git tracks or would track; without git (an
 * unpacked archive, a planted tree in a test) everything outside the folders that are made.
 */
export function sourceFiles(root: string): readonly string[] {
  return (gitFiles(root) ?? walk(root, '')).filter((path) => existsSync(join(root, path)))
}

function gitFiles(root: string): readonly string[] | undefined {
  if (!existsSync(join(root, '.git'))) return undefined
  try {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
    const output = execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return [...new Set(output.split('\0').filter((path) => path !== ''))]
  } catch {
    return undefined
  }
}

function walk(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (NEVER.has(entry.name)) return []
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return walk(root, path)
    return entry.isFile() ? [path] : []
  })
}
