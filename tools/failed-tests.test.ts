import { expect, test } from 'vitest'
import { runChild } from './child.ts'
import { failedTests, failureLine, failuresPath } from './failed-tests.ts'
import { planted } from './planted.ts'
import { ROOT, toolPath } from './root.ts'

test('every failure is a line: run, file, name and why; a run that left no report is one', () => {
  const root = planted({
    runs: 'unit\nint\nproc\n',
    'unit.json': '{}',
    'int.json': '{}',
    'int.failures': 'b.int.test.ts: a day ends: it goes on\nc.test.ts: no such module\n',
  })
  expect(failedTests(root)).toEqual([
    'int: b.int.test.ts: a day ends: it goes on',
    'int: c.test.ts: no such module',
    'proc: no report',
  ])
})

test('a reason is the message, with what two values differ in, all of it short', () => {
  const diff = '\u001b[32m- Expected\u001b[39m\n\u001b[31m+ Received\u001b[39m\n\n  [\n-   1,\n+   2,\n  ]'
  const errors = [{ message: 'expected [ Array(1) ] to deeply equal []', diff }, { message: 'x'.repeat(9_000) }]
  const line = failureLine({ path: 'a.test.ts', name: 'adds', errors })
  expect(line).toMatch(
    /^a\.test\.ts: adds: expected \[ Array\(1\) \] to deeply equal \[\] \| -   1, \| \+   2, \/\/ x+$/,
  )
  expect(line.length).toBeLessThan(700)
})

test('vitest tells of failed tests, of set-up that failed, and of files that cannot be loaded', async () => {
  const folder = planted({
    'failing.test.ts': `test('adds', () => expect([1]).toEqual([2]))
      test('stays', () => undefined)
      describe('a house', () => {
        beforeAll(() => { throw new Error('no ground') })
        test('has a roof', () => undefined)
      })`,
    'broken.test.ts': `throw new Error('no such module')`,
    runs: 'unit\n',
    'unit.json': '{}',
  })
  const { exitCode } = await runChild({
    command: toolPath('vitest'),
    args: ['run', '--root', folder, '--globals', '--reporter', `${ROOT}/tools/failure-reporter.ts`],
    cwd: ROOT,
    env: { ...process.env, TEST_FAILURES: failuresPath(folder, 'unit') },
    deadlineMs: 60_000,
  })
  expect(exitCode).toBe(1)
  expect(failedTests(folder).toSorted()).toEqual([
    expect.stringMatching(/broken\.test\.ts: no such module$/),
    expect.stringMatching(/failing\.test\.ts: a house: no ground$/),
    expect.stringMatching(/failing\.test\.ts: adds: expected \[ 1 \] to deeply equal \[ 2 \].* -   2, \| \+   1,$/),
  ])
}, 60_000)
