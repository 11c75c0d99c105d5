import { existsSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Where the records of a run go: the folder asked for, or a new one of its own. Refuses one that holds anything: journals are
 * appended to, and the checkers could not tell two runs apart.
 */
export function recordsFolder(asked: string | undefined, seed: number): string {
  if (asked === undefined) return mkdtempSync(join(tmpdir(), `hongyan-chaos-${seed}-`))
  if (existsSync(asked) && readdirSync(asked).length > 0) {
    throw new Error(`${asked} is not empty: records of two runs cannot be told apart`)
  }
  return asked
}
