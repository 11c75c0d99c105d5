import type { Goal } from '../record/lines.ts'
import type { Rig } from '../rig/rig.ts'
import type { Seeded } from '../rig/seeded.ts'

/** One row of the matrix of faults (design/reliability.md §3a). */
export interface Scenario {
  readonly id: string
  /** What is done, in the words of the matrix. */
  readonly what: string
  /** Whether it may be one of a random mix (F-25): short, and leaves the cluster as it was. */
  readonly isMixable: boolean
  /** Does its harm and undoes it. What it leaves undone the rig heals. Rejects only when the rig itself is at fault. */
  run(rig: Rig, how: How): Promise<Finding>
}

export interface How {
  readonly random: Seeded
  /** Shorter times and fewer repetitions, for a mix and for CI. */
  readonly isBrief: boolean
}

/** What came of it, beside what the checkers find. */
export class Finding {
  readonly notes: string[] = []
  readonly violations: string[] = []
  readonly goals: Goal[] = []
  skipped: string | undefined
  /** Operations that felt it, where the scenario knows better than the rig. */
  effect: number | undefined

  note(what: string): void {
    this.notes.push(what)
  }

  /** A promise that does not depend on the machine's speed was broken. */
  blame(what: string): void {
    this.violations.push(what)
  }

  goal(what: string, goal: number, got: number): void {
    this.goals.push({ what, goal, got: Math.round(got) })
  }

  skip(why: string): this {
    this.skipped = why
    return this
  }
}
