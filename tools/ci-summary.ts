import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Tests by how they ended. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0 }
const ONE_FAILED: Tally = { passed: 0, failed: 1, skipped: 0 }

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

export function reportPath(folder: string, run: string): string {
  return join(folder, `${run}.json`)
}

/**
 * The sum over all runs begun in this folder. A run without a report counts as one failed test, so does one that failed
 * as a whole without a failed test (a file that cannot be loaded), and so does a folder in which nothing was begun.
 */
export function tallyReports(folder: string): Tally {
  const path = runsPath(folder)
  const runs = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
  return runs.length === 0 ? ONE_FAILED : sum(runs.map((run) => tallyRun(reportPath(folder, run))))
}

export function summaryLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

function sum(tallies: readonly Tally[]): Tally {
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

// tsx tools/ci-summary.ts <folder> [<failed step> …]: prints the line; a step of CI that failed is one failed more.
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder = '', ...failedSteps] = process.argv.slice(2)
  // Tests that never began because a step before them failed are not a failure of their own.
  const tests = failedSteps.length > 0 && !existsSync(runsPath(folder)) ? NOTHING : tallyReports(folder)
  console.log(summaryLine(sum([tests, ...failedSteps.map(() => ONE_FAILED)])))
}
