import { checkFolder, type Judgement } from './checkers/check.ts'
import { mixable, scenario } from './faults/all.ts'
import type { Scenario } from './faults/scenario.ts'
import type { MixOptions, RunOptions } from './options.ts'
import type { Evidence } from './record/evidence.ts'
import { recordsFolder } from './record/records-folder.ts'
import { mountSmallDisk } from '../server/test/kit/small-disk.ts'
import { Rig } from './rig/rig.ts'
import { Seeded } from './rig/seeded.ts'
import { pause } from './rig/waiting.ts'

/** Room for PostgreSQL and some minutes of W, and not much more. */
const SMALL_DISK_MIB = 400

/** How a run ended. */
export interface Outcome {
  readonly folder: string
  readonly seconds: number
  readonly evidence: Evidence
  readonly judgements: readonly Judgement[]
  /** Everything that makes it a failure; empty when all was well. */
  readonly failures: readonly string[]
}

export interface Session {
  readonly run: RunOptions
  readonly command: string
  readonly say: (line: string) => void
  /** PostgreSQL gets a disk of its own, so that it can be filled (F-19). */
  readonly needsSmallDisk?: boolean
}

/** These rows of the matrix, one after the other, with a checkpoint after each. */
export function runFaults(session: Session, ids: readonly string[], isBrief: boolean): Promise<Outcome> {
  const scenarios = ids.map(scenario)
  return runRig({ ...session, needsSmallDisk: ids.includes('F-19') }, async (rig) => {
    const random = new Seeded(session.run.seed)
    for (const one of scenarios) {
      await inject(rig, one, { random, isBrief })
      await rig.checkpoint({ goesOn: true })
    }
    return []
  })
}

/** F-25: rows at random until enough were felt and enough was acknowledged. */
export function runMix(session: Session, mix: MixOptions): Promise<Outcome> {
  return runRig(session, async (rig) => {
    const random = new Seeded(session.run.seed)
    const endMs = performance.now() + mix.deadlineMs
    let felt = 0
    let waiting: Scenario[] = []
    for (let count = 1; felt < mix.faults && performance.now() < endMs; count++) {
      // Every row once before any comes again.
      if (waiting.length === 0) waiting = random.shuffled(mixable(session.run.topology))
      const one = waiting.pop()
      if (one === undefined) break
      const line = await inject(rig, one, { random, isBrief: true })
      if (line.effect > 0 && line.skipped === undefined) felt++
      // What is left of the messages is spread over the faults that are left.
      const due = (mix.messages * felt) / mix.faults
      await untilAcked(rig, due, endMs)
      if (count % mix.faultsPerCheckpoint === 0 && felt < mix.faults) await rig.checkpoint({ goesOn: true })
    }
    await untilAcked(rig, mix.messages, endMs)
    const { acked } = rig.crew.measure.totals
    return [
      ...(felt < mix.faults ? [`${felt} faults were felt, not ${mix.faults}`] : []),
      ...(acked < mix.messages ? [`${acked} messages were acknowledged, not ${mix.messages}`] : []),
    ]
  })
}

async function untilAcked(rig: Rig, count: number, endMs: number): Promise<void> {
  while (rig.crew.measure.totals.acked < count && performance.now() < endMs) await pause(50)
}

async function inject(rig: Rig, one: Scenario, how: { random: Seeded; isBrief: boolean }) {
  const startedMs = performance.now()
  const line = await rig.inject(one, how)
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  const { acked } = rig.crew.measure.totals
  const what = line.skipped === undefined ? `felt by ${line.effect}` : `skipped: ${line.skipped}`
  rig.say(
    `${String(line.number).padStart(4)} ${one.id} ${seconds.padStart(5)} s, ${what}; ${acked} acknowledged${line.notes.length > 0 ? ` (${line.notes.join('; ')})` : ''}`,
  )
  for (const violation of line.violations) rig.say(`!! ${one.id}: ${violation}`)
  return line
}

/** Builds the rig, lets the work be done, and judges what it has left. The rig is gone when it returns. */
async function runRig(session: Session, work: (rig: Rig) => Promise<readonly string[]>): Promise<Outcome> {
  const { run, command, say } = session
  const folder = recordsFolder(run.folder, run.seed)
  const startedMs = performance.now()
  const { seed, scale, workers, topology } = run
  const smallDisk = session.needsSmallDisk ? mountSmallDisk(SMALL_DISK_MIB) : undefined
  const rig = new Rig({ folder, seed, scale, workers, topology, command, say, smallDisk })
  const end = (): void => rig.endNow()
  process.once('exit', end)
  const failures: string[] = []
  try {
    say(`seed ${seed}, records in ${folder}`)
    await rig.start()
    say(`everybody is there after ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
    failures.push(...(await work(rig)))
    await rig.finish()
  } finally {
    await rig.stop()
    process.off('exit', end)
    smallDisk?.remove()
  }
  const { evidence, judgements } = await checkFolder(folder)
  failures.push(...failuresIn(evidence, judgements))
  return { folder, seconds: (performance.now() - startedMs) / 1000, evidence, judgements, failures }
}

/** What the files alone say against a run. */
export function failuresIn({ faults }: Evidence, judgements: readonly Judgement[]): readonly string[] {
  return [
    ...judgements
      .filter(({ violations }) => violations > 0)
      .map(({ id, promise, violations, examples }) => {
        return `${id} (${promise}) broken ${violations} times: ${examples.slice(0, 3).join(' | ')}`
      }),
    ...judgements
      .filter(({ id, judged }) => judged === 0 && id !== 'I11')
      .map(({ id }) => `${id} was not judged at all`),
    ...faults.flatMap(({ id, violations }) => violations.map((violation) => `${id}: ${violation}`)),
  ]
}
