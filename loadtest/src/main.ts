import { BadScenario } from './plan/parse-scenario.ts'
import { summaryOf, type Report } from './report/report.ts'
import { writeReport } from './report/write-report.ts'
import { progressOf } from './run/progress.ts'
import { runScenario } from './run/run-scenario.ts'
import { findScenario, listScenarios } from './run/scenarios.ts'
import { BadSetting, HELP, readSettings, type Settings } from './run/settings.ts'

// npm run loadtest -- --scenario school-morning --clients 2000

/** True when all went well. */
async function main(): Promise<boolean> {
  const settings = readSettings(process.argv.slice(2), process.env)
  if (settings.lists) {
    for (const { name, title, about, clients, seconds } of listScenarios()) {
      console.log(
        `${name.padEnd(16)} ${title.en} · ${title.zh}\n${''.padEnd(17)}${about.en}\n${''.padEnd(17)}${about.zh}`,
      )
      console.log(`${''.padEnd(17)}${clients} clients, ${seconds} s\n`)
    }
    return true
  }
  if (settings.helps || settings.scenarios.length === 0) {
    console.log(HELP)
    return settings.helps
  }
  const scenarios = settings.scenarios.map(findScenario)
  const interrupt = new AbortController()
  // Each time: Ctrl-C may come twice, and the second must not end the program before its server is stopped.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => interrupt.abort(new Error('interrupted')))
  // Thrown in a socket's callback: what was started is stopped all the same.
  process.on('uncaughtException', (err) => interrupt.abort(err))
  let isGood = true
  for (const [index, scenario] of scenarios.entries()) {
    // Each has users and groups of its own: what one has left behind must not be another's.
    const run = settings.run === undefined || scenarios.length === 1 ? settings.run : `${settings.run}${index}`
    const report = await playOne(scenario, { ...settings, run }, interrupt.signal)
    isGood &&= report.verdict.isGood
  }
  return isGood
}

async function playOne(
  scenario: ReturnType<typeof findScenario>,
  settings: Settings,
  signal: AbortSignal,
): Promise<Report> {
  const isTerminal = process.stdout.isTTY
  const print = (line: string): void => console.log(line)
  const onRow = progressOf(isTerminal, print)
  const played = await runScenario(scenario, settings, { onRow, signal })
  const { report, paths } = writeReport(played, settings.reportDir)
  if (isTerminal) print(`\n${summaryOf(report)}\n\n${paths.join('\n')}\n`)
  else
    print(
      JSON.stringify({
        kind: 'report',
        scenario: scenario.name,
        verdict: report.verdict,
        ledger: report.ledger,
        paths,
      }),
    )
  return report
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (err) {
  const isTheirs = err instanceof BadSetting || err instanceof BadScenario
  console.error(isTheirs ? err.message : err)
  process.exitCode = 2
}
