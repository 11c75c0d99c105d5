import { Refused } from '@hongyan/protocol'
import { silentLogger } from '../../src/kit/logger.ts'
import type { Limits } from '../../src/rates/limits.ts'
import { MemorySharedUse } from '../../src/rates/memory-shared-use.ts'
import { Rates, type Claim } from '../../src/rates/rates.ts'
import type { SharedUse, Use } from '../../src/rates/shared-use.ts'
import { ManualClock } from './manual-clock.ts'

/** What becomes of an exchange: all is well, the others never hear of it, or the answer is lost. */
export type Fate = 'answered' | 'not heard' | 'not answered'

/** A node's end of what the nodes share, which loses what it is told to lose. */
export class LossyUse implements SharedUse {
  readonly #shared: SharedUse
  fate: Fate = 'answered'
  /** All that was ever told, whether it arrived or not. */
  readonly told: Use[] = []

  constructor(shared: SharedUse) {
    this.#shared = shared
  }

  async exchange(uses: readonly Use[]): Promise<readonly number[] | undefined> {
    this.told.push(...uses)
    if (this.fate === 'not heard') return undefined
    const levels = await this.#shared.exchange(uses)
    return this.fate === 'answered' ? levels : undefined
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** Several nodes' rates over one clock; none exchanges anything unless it is started or told to. */
export function standNodes(count: number, limits: Limits) {
  const clock = new ManualClock()
  const common = new MemorySharedUse(clock)
  const ends = Array.from({ length: count }, () => new LossyUse(common))
  const nodes = ends.map((shared) => new Rates({ limits, shared, clock, logger: silentLogger() }))
  return { clock, common, ends, nodes }
}

export function refusalOf(rates: Rates, ...claims: readonly Claim[]): Refused | undefined {
  try {
    rates.take(...claims)
    return undefined
  } catch (err) {
    if (err instanceof Refused) return err
    throw err
  }
}

/** How often it is granted until it is refused. */
export function drain(rates: Rates, claim: Claim): number {
  for (let granted = 0; ; granted++) if (refusalOf(rates, claim)) return granted
}
