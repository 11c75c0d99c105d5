import { ROOT } from './root.ts'
import { STEPS, type Step } from './check-steps.ts'

// npm run check [-- <step> …]: everything that can be said about the sources without running them, two steps at a time.

const PARALLEL_STEPS = 2

/** Runs one step and prints its name, time and result. */
async function carryOut(step: Step): Promise<boolean> {
  const startedMs = performance.now()
  const problems = await step.run(ROOT).catch((err: unknown) => [`the step itself failed: ${describe(err)}`])
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  const isFine = problems.length === 0
  console.log(`${isFine ? 'ok    ' : 'FAILED'}  ${step.name.padEnd(14)} ${seconds.padStart(5)} s`)
  for (const problem of problems) console.log(problem.replaceAll(/^/gm, '        '))
  return isFine
}

function describe(err: unknown): string {
  return err instanceof Error ? (err.stack ?? err.message) : String(err)
}

/** The names of the steps that failed. */
async function carryOutAll(steps: readonly Step[]): Promise<readonly string[]> {
  const waiting = [...steps]
  const failed: string[] = []
  const lane = async (): Promise<void> => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      if (!(await carryOut(step))) failed.push(step.name)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL_STEPS }, lane))
  return failed
}

function chosenSteps(names: readonly string[]): readonly Step[] {
  const known = STEPS.map((step) => step.name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`no step ${unknown.join(', ')}; there are: ${known.join(', ')}`)
  return names.length === 0 ? STEPS : STEPS.filter((step) => names.includes(step.name))
}

const startedMs = performance.now()
const steps = chosenSteps(process.argv.slice(2))
const failed = await carryOutAll(steps)
const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
if (failed.length > 0) {
  console.log(`\ncheck FAILED after ${seconds} s: ${failed.join(', ')}`)
  process.exitCode = 1
} else {
  console.log(`\ncheck passed: ${steps.length} steps in ${seconds} s`)
}
