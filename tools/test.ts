import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reportPath, runsPath, summaryLine, tallyReports } from './ci-summary.ts'
import { runChild } from './child.ts'
import { failedTests, failuresPath } from './failed-tests.ts'
import { findProgram } from './find-program.ts'
import { ROOT, toolPath } from './root.ts'
import { sourceFiles } from './source-files.ts'

// npm test: all tests, the quick ones first. Each run is a vitest process of its own, because the projects differ in
// global set-up and parallelism. TEST_REPORTS names a folder in which vitest's reports stay.

const MINUTE_MS = 60_000
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const BROWSER_TEST = /\.e2e\.test\.ts$/

interface Run {
  readonly name: string
  readonly projects: readonly string[]
  /** A bound for what hangs, well above what it takes: all of them together take some 18 minutes. */
  readonly deadlineMs: number
}

const RUNS: readonly Run[] = [
  { name: 'unit-sim', projects: ['unit', 'sim'], deadlineMs: 5.25 * MINUTE_MS },
  { name: 'int', projects: ['int', 'cluster'], deadlineMs: 6 * MINUTE_MS },
  { name: 'proc', projects: ['proc'], deadlineMs: 5 * MINUTE_MS },
  { name: 'chaos', projects: ['chaos'], deadlineMs: 5 * MINUTE_MS },
  { name: 'browser', projects: ['browser'], deadlineMs: 7.5 * MINUTE_MS },
]

/** What this machine lacks, and what to do about it. */
function missingParts(): readonly string[] {
  const missing: string[] = []
  if (!findProgram(['redis-server']) && !process.env['REDIS_URL']) {
    missing.push('redis-server is missing: tests that need Redis install it or skip. (apt-get install redis-server)')
  }
  if (!findProgram(BROWSERS)) missing.push('Chromium is missing: no browser tests. (apt-get install chromium)')
  return missing
}

function runsOfThisMachine(): readonly Run[] {
  const hasBrowserTests = sourceFiles(ROOT).some((path) => BROWSER_TEST.test(path))
  const canBrowse = findProgram(BROWSERS) !== undefined && hasBrowserTests
  return RUNS.filter((run) => run.name !== 'browser' || canBrowse)
}

/** True when vitest says that all is well. */
async function carryOut(run: Run, reports: string): Promise<boolean> {
  console.log(`\n=== ${run.name} ===`)
  appendFileSync(runsPath(reports), `${run.name}\n`)
  const { exitCode, hitDeadline } = await runChild({
    command: toolPath('vitest'),
    args: [
      'run',
      ...run.projects.flatMap((project) => ['--project', project]),
      '--reporter=default',
      '--reporter=json',
      `--reporter=${ROOT}/tools/failure-reporter.ts`,
      `--outputFile.json=${reportPath(reports, run.name)}`,
    ],
    cwd: ROOT,
    env: { ...process.env, TEST_FAILURES: failuresPath(reports, run.name) },
    deadlineMs: run.deadlineMs,
    isShown: true,
  })
  if (hitDeadline) console.log(`${run.name} did not end within ${run.deadlineMs / MINUTE_MS} minutes`)
  return exitCode === 0
}

async function carryOutAll(reports: string): Promise<boolean> {
  rmSync(reports, { recursive: true, force: true })
  mkdirSync(reports, { recursive: true })
  writeFileSync(runsPath(reports), '')
  let isFine = true
  for (const run of runsOfThisMachine()) isFine = (await carryOut(run, reports)) && isFine
  return isFine
}

/** Process tests start what is built. */
async function buildIfStale(): Promise<boolean> {
  const args = ['tools/build-if-stale.mjs']
  const { exitCode } = await runChild({
    command: process.execPath,
    args,
    cwd: ROOT,
    deadlineMs: 3 * MINUTE_MS,
    isShown: true,
  })
  return exitCode === 0
}

const kept = process.env['TEST_REPORTS']
const reports = kept ?? mkdtempSync(join(tmpdir(), 'hongyan-reports-'))
const missing = missingParts()
for (const line of missing) console.log(line)

const isBuilt = await buildIfStale()
if (!isBuilt) console.log('the build failed; tests that need it will fail')
const isFine = await carryOutAll(reports)
const tally = tallyReports(reports)
const failures = failedTests(reports)
if (kept === undefined) rmSync(reports, { recursive: true, force: true })

for (const line of missing) console.log(line)
if (!isBuilt) console.log('the build failed')
// Who keeps the reports prints them at the end of everything.
if (kept === undefined) for (const line of failures) console.log(`failed: ${line}`)
if (!isFine || !isBuilt || tally.failed > 0) process.exitCode = 1
console.log(`\n${summaryLine(tally)}`)
