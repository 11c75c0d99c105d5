import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { begunRuns, reportPath } from './ci-summary.ts'

const LONGEST_REASON = 500

/** A test, or a suite whose set-up failed, and why. */
export interface Failure {
  /** Of the test file; empty for none. */
  readonly path: string
  /** Of the test or suite; empty for the whole file. */
  readonly name: string
  readonly errors: readonly { readonly message?: string; readonly diff?: string }[]
}

/** Where a run's failures are written, a line each. */
export function failuresPath(folder: string, run: string): string {
  return join(folder, `${run}.failures`)
}

/**
 * What failed in the runs begun in this folder, a line each: run, file, test and why. The output of all tests is too long
 * to be read, or kept, whole: this stands at its end.
 */
export function failedTests(folder: string): readonly string[] {
  return begunRuns(folder).flatMap((run) => {
    const path = failuresPath(folder, run)
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
    const all = existsSync(reportPath(folder, run)) ? lines : [...lines, 'no report']
    return all.map((line) => `${run}: ${line}`)
  })
}

export function failureLine({ path, name, errors }: Failure): string {
  return [path, name, errors.map(reasonOf).join(' // ')].filter((part) => part !== '').join(': ')
}

/** The message, and where two values were compared the lines in which they differ. */
function reasonOf({ message = '', diff = '' }: Failure['errors'][number]): string {
  const differing = stripVTControlCharacters(diff)
    .split('\n')
    .filter((line) => /^[-+] (?!Expected$|Received$)/.test(line))
  return [...message.split('\n', 3), ...differing].join(' | ').slice(0, LONGEST_REASON)
}
