import { checkAtRest, checkHistory, unrest } from './checkers.ts'
import type { Plan } from './operations.ts'
import type { PlantedBug } from './planting.ts'
import type { StoreFlaws } from './sim-transaction.ts'
import type { Violation } from './witness.ts'
import { World } from './world.ts'

/** How one run ended. */
export interface Result {
  readonly plan: Plan
  readonly violations: readonly Violation[]
  /** Equal for equal runs: of everything that was said, in its order and at its time. */
  readonly hash: number
  readonly virtualMs: number
  readonly steps: number
  readonly seen: Readonly<Record<string, number>>
}

const REST_DEADLINE_MS = 240_000
const STAY_MS = 4_500

export interface RunOptions {
  readonly bug?: PlantedBug | undefined
  readonly trace?: (text: string) => void
}

/** Runs a plan to its end: operations, then healing, then rest, then judgement. */
export async function run(plan: Plan, options: RunOptions = {}): Promise<Result> {
  const flaws = noFlaws()
  const undo = options.bug?.plant(flaws)
  const world = new World(plan, { flaws, ...(options.trace ? { trace: options.trace } : {}) })
  const onUnhandled = (error: unknown): void =>
    world.witness.blame('unhandled', error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.on('unhandledRejection', onUnhandled)
  try {
    await live(world)
  } finally {
    process.off('unhandledRejection', onUnhandled)
    undo?.()
  }
  return resultOf(world)
}

async function live(world: World): Promise<void> {
  const { violations } = world.witness
  await world.start()
  for (const operation of world.plan.operations) {
    await world.take(operation)
    if (violations.length > 0) return
  }
  world.heal()
  await rest(world)
  if (violations.length > 0) return
  checkAtRest(world)
  if (violations.length === 0) await checkHistory(world)
}

/** Waits until all is at rest and stays so (I4, I12, I13). */
async function rest(world: World): Promise<void> {
  const untilMs = world.time.nowMs + REST_DEADLINE_MS
  for (;;) {
    world.logInAgain()
    await world.time.pass(1_000)
    if (world.witness.violations.length > 0) return
    if (unrest(world).length === 0) {
      await world.time.pass(STAY_MS)
      if (unrest(world).length === 0) return
    }
    if (world.time.nowMs < untilMs) continue
    for (const reason of unrest(world)) world.witness.blame('I4', reason)
    return
  }
}

function resultOf(world: World): Result {
  const { witness, postgres, bus, seen } = world
  const repaired = world.nodes.reduce((sum, node) => sum + node.context.hub.stats().repaired, 0)
  const dials = world.apps.reduce((sum, app) => sum + app.dials.length, 0)
  return {
    plan: world.plan,
    violations: witness.violations,
    hash: world.hash,
    virtualMs: world.time.nowMs,
    steps: world.time.steps,
    seen: { ...witness.stats, ...postgres.stats, ...bus.stats, ...seen, repaired, dials },
  }
}

export function noFlaws(): StoreFlaws {
  return {
    noRowLock: false,
    noUniqueIndex: false,
    noEarlier: false,
    loginsAlwaysAlive: false,
    marksMaySink: false,
    ackBeforeCommit: false,
    noWipe: false,
    revokedUnreadable: false,
    constantEpoch: false,
    ownNotCounted: false,
    speakersBeforeLock: false,
    leaversRemembered: false,
    receiversIgnored: false,
    revocationUnseen: false,
    dismissalUnseen: false,
    mutesUnseen: false,
    changesKept: false,
    receiptsReachBack: false,
  }
}

/** Leaves out operations as long as the same promise stays broken. */
export async function shrink(failed: Result, options: RunOptions = {}, tries = 400): Promise<Result> {
  let best = failed
  const promise = failed.violations[0]?.promise
  let left = tries
  for (let size = Math.ceil(best.plan.operations.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < best.plan.operations.length && left > 0;) {
      left--
      const operations = best.plan.operations.filter((_, index) => index < start || index >= start + size)
      const result = await run({ ...best.plan, operations }, { ...options })
      if (result.violations[0]?.promise === promise) best = result
      else start += size
    }
  }
  return best
}

/** What to type to see a run again. */
export function replayCommand(seed: number, length: 'short' | 'deep' | number, profile?: string): string {
  return `npm run sim -- --seed ${seed} --ops ${length}${profile === undefined ? '' : ` --profile ${profile}`}`
}

/** The first broken promise of a run, and the command that shows it again. */
export function firstViolation(result: Result, length: 'short' | 'deep' | number, profile?: string): string {
  const [first] = result.violations
  return `${first?.promise}: ${first?.text}\n  ${replayCommand(result.plan.seed, length, profile)}`
}
