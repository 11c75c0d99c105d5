import type { Clock } from '../kit/clock.ts'

/** How a part of the node is. `degraded` still serves; `why` is for the administrator and holds no secret. */
export type PartState = { readonly status: 'ok' } | { readonly status: 'degraded' | 'failed'; readonly why: string }

export interface Part {
  /** A rejection, and no answer within the deadline, are failures. */
  readonly look: () => PartState | Promise<PartState>
  /** For so long an answer is given again without looking anew: whoever asks often must not weigh on the database. */
  readonly keepMs?: number
}

export interface ReadinessReport {
  readonly status: 'ready' | 'degraded' | 'not ready'
  readonly parts: Readonly<Record<string, PartState>>
}

export const OK: PartState = { status: 'ok' }

/** Whether the node takes traffic, part by part; answers within the deadline, whatever hangs. */
export class Readiness {
  readonly #parts: Readonly<Record<string, Part>>
  readonly #clock: Clock
  readonly #deadlineMs: number
  readonly #kept = new Map<string, { readonly untilMs: number; readonly state: Promise<PartState> }>()

  constructor(options: {
    readonly parts: Readonly<Record<string, Part>>
    readonly clock: Clock
    readonly deadlineMs: number
  }) {
    this.#parts = options.parts
    this.#clock = options.clock
    this.#deadlineMs = options.deadlineMs
  }

  async report(): Promise<ReadinessReport> {
    const looked = Object.entries(this.#parts).map(
      async ([name, part]) => [name, await this.#stateOf(name, part)] as const,
    )
    const parts = Object.fromEntries(await Promise.all(looked))
    const found = new Set(Object.values(parts).map(({ status }) => status))
    return { status: found.has('failed') ? 'not ready' : found.has('degraded') ? 'degraded' : 'ready', parts }
  }

  #stateOf(name: string, part: Part): Promise<PartState> {
    const nowMs = this.#clock.monotonicMs()
    const kept = this.#kept.get(name)
    if (kept && nowMs < kept.untilMs) return kept.state
    const state = this.#look(part)
    if (part.keepMs !== undefined) this.#kept.set(name, { untilMs: nowMs + part.keepMs, state })
    return state
  }

  /** Never rejects. */
  async #look(part: Part): Promise<PartState> {
    let cancel = (): void => {}
    const late = new Promise<PartState>((resolve) => {
      const why = `no answer within ${this.#deadlineMs} ms`
      cancel = this.#clock.after(this.#deadlineMs, () => resolve({ status: 'failed', why }))
    })
    try {
      return await Promise.race([part.look(), late])
    } catch (err) {
      // Not its text: what a driver says may hold addresses and names.
      return { status: 'failed', why: `looking failed: ${err instanceof Error ? err.name : 'unknown'}` }
    } finally {
      cancel()
    }
  }
}
