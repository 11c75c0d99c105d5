import { parseArgs } from 'node:util'
import { planOf, type Profile } from '../server/test/sim/operations.ts'
import { PLANTED_BUGS } from '../server/test/sim/planted-bugs.ts'
import type { PlantedBug } from '../server/test/sim/planting.ts'
import { replayCommand, run, shrink, type Result, type RunOptions } from '../server/test/sim/run.ts'

// Runs simulated worlds and shows the first that breaks a promise, made as small as it goes:
// npm run sim -- --seed 42 [--runs N] [--ops short|deep|N] [--profile calm|faulty|rewind] [--bug NAME] [--trace]

const PROFILES: readonly Profile[] = ['calm', 'faulty', 'rewind']

interface Wish {
  readonly seed: number
  readonly runs: number
  readonly ops: 'short' | 'deep' | number
  readonly profile: Profile | undefined
  readonly bug: PlantedBug | undefined
  readonly isTraced: boolean
}

function wish(): Wish {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      runs: { type: 'string' },
      ops: { type: 'string', default: 'short' },
      profile: { type: 'string' },
      bug: { type: 'string' },
      trace: { type: 'boolean', default: false },
    },
  })
  const { ops } = values
  const bug = PLANTED_BUGS.find(({ name }) => name === values.bug)
  if (values.bug !== undefined && !bug) throw new Error(`no such bug; there are:\n  ${namesOfBugs()}`)
  const profile = PROFILES.find((name) => name === values.profile)
  if (values.profile !== undefined && !profile) throw new Error(`--profile is one of ${PROFILES.join(', ')}`)
  return {
    seed: wholeNumber('--seed', values.seed),
    runs: wholeNumber('--runs', values.runs ?? '1'),
    ops: ops === 'short' || ops === 'deep' ? ops : wholeNumber('--ops', ops),
    profile,
    bug,
    isTraced: values.trace,
  }
}

function namesOfBugs(): string {
  return PLANTED_BUGS.map(({ name }) => name).join('\n  ')
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} is a whole number`)
  return Number(text)
}

async function main({ seed, runs, ops, profile, bug, isTraced }: Wish): Promise<boolean> {
  const startedMs = performance.now()
  let steps = 0
  let virtualMs = 0
  for (let current = seed; current < seed + runs; current++) {
    const trace = isTraced ? { trace: (line: string) => console.log(line) } : {}
    const result = await run(planOf(current, ops, profile), { bug, ...trace })
    steps += result.steps
    virtualMs += result.virtualMs
    if (result.violations.length > 0) {
      await show(result, replayCommand(current, ops, profile), { bug })
      return false
    }
  }
  const seconds = (performance.now() - startedMs) / 1000
  console.log(
    `${runs} runs, ${steps} steps, ${(virtualMs / 3_600_000).toFixed(1)} hours of their time in ${seconds.toFixed(1)} s: every promise kept`,
  )
  return true
}

async function show(failed: Result, command: string, options: RunOptions): Promise<void> {
  const small = await shrink(failed, options)
  console.log('The smallest run that breaks the same promise:\n')
  const { operations, ...world } = small.plan
  const again = await run(small.plan, { ...options, trace: (line) => console.log(line.slice(0, 400)) })
  console.log(`\n${JSON.stringify(world)}`)
  for (const operation of operations) console.log(`  ${JSON.stringify(operation)}`)
  for (const { promise, text, atMs } of again.violations.slice(0, 5)) console.log(`\n${promise} at ${atMs} ms: ${text}`)
  console.log(`\nagain: ${command}${options.bug ? ` --bug '${options.bug.name}'` : ''}`)
}

try {
  if (!(await main(wish()))) process.exitCode = 1
} catch (err) {
  console.error(err instanceof Error ? err.message : String(err))
  process.exitCode = 1
}
