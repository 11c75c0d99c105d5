import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Tests by how they ended. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0 }
export const ONE_FAILED: Tally = { passed: 0, failed: 1, skipped: 0 }

/** The runs that were begun, one name a line: a run that died before it could report is known by this. */
const RUNS_FILE = 'runs'

interface VitestReport {
  readonly success: boolean
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
}

export function runsPath(folder: string): string {
  return join(folder, RUNS_FILE)
}

/** Names of the runs begun in this folder, in their order. */
export function begunRuns(folder: string): readonly string[] {
  const path = runsPath(folder)
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
}

export function reportPath(folder: string, run: string): string {
  return join(folder, `${run}.json`)
}

/**
 * The sum over all runs begun in this folder. A run without a report counts as one failed test, so does one that failed
 * as a whole without a failed test (a file that cannot be loaded), and so does a folder in which nothing was begun.
 */
export function tallyReports(folder: string): Tally {
  const runs = begunRuns(folder)
  return runs.length === 0 ? ONE_FAILED : sumTallies(runs.map((run) => tallyRun(reportPath(folder, run))))
}

export function summaryLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

export function sumTallies(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    NOTHING,
  )
}

function tallyRun(path: string): Tally {
  const report = readReport(path)
  if (!report) return ONE_FAILED
  const failed = report.numFailedTests
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !report.success ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

function readReport(path: string): VitestReport | undefined {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Partial<VitestReport>
    const { success, numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report
    if (numPassedTests === undefined || numFailedTests === undefined) return undefined
    return {
      success: success === true,
      numPassedTests,
      numFailedTests,
      numPendingTests: numPendingTests ?? 0,
      numTodoTests: numTodoTests ?? 0,
    }
  } catch {
    return undefined
  }
}
