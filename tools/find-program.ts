import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The first of these programs that the PATH has, as an absolute path. */
export function findProgram(names: readonly string[], path = process.env['PATH'] ?? ''): string | undefined {
  const candidates = names.flatMap((name) => path.split(delimiter).map((folder) => join(folder, name)))
  return candidates.find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
