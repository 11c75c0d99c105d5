import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import { RateLimiter } from '../kit/rate-limiter.ts'

export interface AdmissionLimits {
  readonly maxConnections: number
  readonly maxOpeningPerAddress: number
  /** New connections a second, and twice as many at once: what the node can let in without keeping others waiting. */
  readonly maxOpeningsPerSecond: number
}

export interface AdmissionRefusal {
  /** 429: this address has too many on their way in. 503: the node is full, goes, or has enough to do. */
  readonly status: 429 | 503
  /** When to come again, in seconds; not the same for all, or all would come together again. */
  readonly retryAfterS: number
}

/** Some seconds: a storm of ten times what may come in a second is over by then. */
const RETRY_SPREAD_S = 5
const ALL = ''

/**
 * Decides before the upgrade, without any work, whether a connection may come in at all (S-WS4, N19): a gateway that has
 * died sends thousands at once to those that are left.
 */
export class Admission {
  readonly #limits: AdmissionLimits
  readonly #random: Random
  readonly #rate: RateLimiter
  readonly #opening = new Map<string, number>()
  #connections = 0
  #isDraining = false

  constructor(limits: AdmissionLimits, { clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#limits = limits
    this.#random = random
    this.#rate = new RateLimiter(limits.maxOpeningsPerSecond, clock)
  }

  /** Why it may not come in, or undefined when it may: to be asked once for each, it counts. */
  refusal(address: string): AdmissionRefusal | undefined {
    const status = this.#refusalStatus(address)
    return status && { status, retryAfterS: 1 + Math.floor(this.#random.fraction() * RETRY_SPREAD_S) }
  }

  /** A connection came in. */
  enter(address: string): Entrance {
    this.#connections++
    this.#opening.set(address, (this.#opening.get(address) ?? 0) + 1)
    return new Entrance(address, this)
  }

  /** To be called by its entrance: the connection is open, or has ended without that. */
  leaveOpening(address: string): void {
    const left = (this.#opening.get(address) ?? 1) - 1
    if (left > 0) this.#opening.set(address, left)
    else this.#opening.delete(address)
  }

  /** To be called by its entrance: the connection has ended. */
  leave(): void {
    this.#connections--
  }

  /** From now on nobody comes in. */
  drain(): void {
    this.#isDraining = true
  }

  get isDraining(): boolean {
    return this.#isDraining
  }

  #refusalStatus(address: string): AdmissionRefusal['status'] | undefined {
    const { maxConnections, maxOpeningPerAddress } = this.#limits
    if (this.#isDraining || this.#connections >= maxConnections) return 503
    if ((this.#opening.get(address) ?? 0) >= maxOpeningPerAddress) return 429
    // Last: who is refused for another reason takes nobody's turn.
    return this.#rate.take(ALL) ? undefined : 503
  }
}

/** What is counted of one connection. Each thing counts once, however often it is said. */
export class Entrance {
  readonly #admission: Admission
  readonly #address: string
  #isOpening = true
  #isThere = true

  constructor(address: string, admission: Admission) {
    this.#address = address
    this.#admission = admission
  }

  /** It has a session. */
  opened(): void {
    if (!this.#isOpening) return
    this.#isOpening = false
    this.#admission.leaveOpening(this.#address)
  }

  closed(): void {
    this.opened()
    if (!this.#isThere) return
    this.#isThere = false
    this.#admission.leave()
  }
}
