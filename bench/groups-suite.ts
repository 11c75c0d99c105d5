import { runFanOut } from './fan-out.ts'
import { runHistory } from './history.ts'
import { runLive } from './live.ts'
import { runLogin } from './login.ts'
import { runQuietGroups } from './quiet-groups.ts'
import { runReads } from './reads.ts'
import type { Figure } from './report.ts'
import { startWorld, type World } from './world.ts'

interface Scenario {
  readonly what: string
  readonly run: (world: World) => Promise<readonly Figure[]>
}

/** By the names that `--only` takes. Each has a world of its own, so that none finds the rows of another. */
export const GROUP_SCENARIOS: Readonly<Record<string, Scenario>> = {
  'fan-out': { what: 'group messages to 200, 1,000 and 5,000 members who are there, beside a relay', run: runFanOut },
  live: { what: 'a live room with 5,000 visitors, 20 of whom read nothing, beside a relay', run: runLive },
  quiet: { what: 'group messages with nobody there, 10 to 10,000 members; rows written', run: runQuietGroups },
  login: { what: 'a login with 300 conversations: statements, time; their unread numbers', run: runLogin },
  history: { what: 'pages of history and of the log at depths of 1,000 and of 1,000,000', run: runHistory },
  reads: { what: '1,000 members who read a notice and send receipts', run: runReads },
}

export async function runGroupSuite(options: {
  readonly names: readonly string[] | undefined
  readonly explains: boolean
}): Promise<readonly Figure[]> {
  const scenarios = (options.names ?? Object.keys(GROUP_SCENARIOS)).map(scenarioOf)
  const figures: Figure[] = []
  for (const scenario of scenarios) {
    const world = await startWorld(options.explains)
    try {
      figures.push(...(await orThrown(scenario.run(world))))
    } finally {
      await world.stop()
    }
  }
  return figures
}

function scenarioOf(name: string): Scenario {
  const scenario = GROUP_SCENARIOS[name]
  if (!scenario) throw new Error(`no such scenario: ${name}; there are ${Object.keys(GROUP_SCENARIOS).join(', ')}`)
  return scenario
}

/** What is thrown where nobody catches it, in a socket's callback, fails the scenario, so that its servers are stopped. */
async function orThrown<T>(work: Promise<T>): Promise<T> {
  let fail: (err: unknown) => void = () => {}
  const thrown = new Promise<never>((_resolve, reject) => (fail = reject))
  process.once('uncaughtException', fail)
  try {
    return await Promise.race([work, thrown])
  } finally {
    process.off('uncaughtException', fail)
  }
}
