import { existsSync } from 'node:fs'
import { NOTHING, ONE_FAILED, runsPath, sumTallies, summaryLine, tallyReports } from './ci-summary.ts'
import { failedTests } from './failed-tests.ts'

// tsx tools/print-summary.ts <folder> [<failed step> …]: what failed, a line each, and the sum as the last line; a step of
// CI that failed is one failed more.
const [folder = '', ...failedSteps] = process.argv.slice(2)
// Tests that never began because a step before them failed are not a failure of their own.
const tests = failedSteps.length > 0 && !existsSync(runsPath(folder)) ? NOTHING : tallyReports(folder)
for (const line of failedTests(folder)) console.log(`failed: ${line}`)
console.log(summaryLine(sumTallies([tests, ...failedSteps.map(() => ONE_FAILED)])))
