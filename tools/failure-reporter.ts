import { appendFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from 'vitest/node'
import { failureLine } from './failed-tests.ts'
import { ROOT } from './root.ts'

/**
 * A reporter of vitest that appends what failed to the file that TEST_FAILURES names, a line each as it ends: tests, and
 * what their JSON report does not tell, set-up of suites, files that cannot be loaded, errors that nobody caught.
 */
// oxlint-disable-next-line import/no-default-export -- vitest asks for one
export default class FailureReporter implements Reporter {
  readonly #file = process.env['TEST_FAILURES'] ?? ''

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result()
    if (state === 'failed') this.#note(pathOf(test.module), test.fullName, errors)
  }

  onTestSuiteResult(suite: TestSuite): void {
    this.#note(pathOf(suite.module), suite.fullName, suite.errors())
  }

  onTestModuleEnd(module: TestModule): void {
    this.#note(pathOf(module), '', module.errors())
  }

  onTestRunEnd(_modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    this.#note('', 'nobody caught', unhandled)
  }

  #note(path: string, name: string, errors: readonly SerializedError[]): void {
    if (this.#file === '' || errors.length === 0) return
    appendFileSync(this.#file, `${failureLine({ path, name, errors })}\n`)
  }
}

function pathOf({ moduleId }: TestModule): string {
  return relative(ROOT, moduleId)
}
