import type { ConversationId } from '@hongyan/protocol'
import type { Evidence } from '../record/evidence.ts'
import type { EventLine } from '../record/lines.ts'

/** The promises of design/reliability.md §2.2 that a run can judge. */
export type PromiseId = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I11' | 'I12' | 'I13'

/** Judges one promise. Devices' events pass by once, each device's in its order; then it says what was broken. */
export interface Checker {
  readonly id: PromiseId
  readonly promise: string
  see?(event: EventLine): void
  /** What was broken, with a bound on how much is told in full; and how much was looked at. */
  finish(): Verdict
}

export type MakeChecker = (evidence: Evidence) => Checker

export interface Verdict {
  /** Things judged: a checker that has judged nothing has proved nothing. */
  readonly judged: number
  readonly violations: number
  readonly examples: readonly string[]
}

const MAX_EXAMPLES = 25

/** Collects what is wrong. */
export class Blame {
  judged = 0
  #violations = 0
  readonly #examples: string[] = []

  add(what: string): void {
    this.#violations++
    if (this.#examples.length < MAX_EXAMPLES) this.#examples.push(what)
  }

  verdict(): Verdict {
    return { judged: this.judged, violations: this.#violations, examples: this.#examples }
  }
}

/** Whether the store was put back to a state from before this acknowledgement (promise I12): then it says nothing. */
export function isVoid({ rewinds, store }: Evidence, told: { readonly epoch: string; readonly atMs: number }): boolean {
  let { epoch } = told
  while (epoch !== store.epoch) {
    const rewind = rewinds.find(({ from }) => from === epoch)
    if (rewind === undefined) return false
    if (told.atMs > rewind.backupAtMs) return true
    epoch = rewind.to
  }
  return false
}

/** The key of something that one device, or one user, has of one conversation. */
export function placeKey(who: string, conversation: ConversationId): string {
  return `${who} ${conversation}`
}

/** The user of a device. */
export function userOf(device: string): string {
  return device.slice(0, device.lastIndexOf('.'))
}
