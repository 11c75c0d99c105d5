import { describe, expect, test } from 'vitest'
import { summaryLine, tallyReports } from './ci-summary.ts'
import { planted } from './planted.ts'

function report(passed: number, failed: number, pending: number, success = failed === 0): string {
  return JSON.stringify({
    success,
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: 1,
  })
}

describe('the summary of all test runs', () => {
  test('it adds up tests over the runs', () => {
    const root = planted({ runs: 'unit\nint\n', 'unit.json': report(10, 0, 2), 'int.json': report(5, 3, 0) })
    expect(summaryLine(tallyReports(root))).toBe('15 passed, 3 failed, 4 skipped')
  })

  test('a run that left no report, or half of one, is one failed', () => {
    const root = planted({ runs: 'unit\nint\nproc\n', 'unit.json': report(10, 0, 0), 'int.json': '{"numPassed' })
    expect(tallyReports(root)).toEqual({ passed: 10, failed: 2, skipped: 1 })
  })

  test('a run that failed without a failed test, as when a file cannot be loaded, is one failed', () => {
    const root = planted({ runs: 'unit\n', 'unit.json': report(10, 0, 0, false) })
    expect(tallyReports(root).failed).toBe(1)
  })

  test('that nothing was run is one failed', () => {
    expect(tallyReports(planted({}))).toEqual({ passed: 0, failed: 1, skipped: 0 })
    expect(tallyReports(planted({ runs: '' })).failed).toBe(1)
  })
})
