const FIRST_MS = 1000
/** Who failed just before the server came back has 10 s left to dial and to catch up within 30 s (promise I13). */
const CAP_MS = 20_000

/**
 * Full jitter: the k-th wait is uniform in [0, min(20 s, 1 s · 2^k)). A crowd that lost its server at one moment comes
 * back spread out, the first of it within a second.
 */
export class Backoff {
  private readonly random: () => number
  private attempt = 0

  constructor(random: () => number) {
    this.random = random
  }

  /** The next wait in ms; each is drawn from a range twice as wide, up to the cap. */
  nextMs(): number {
    const ceilingMs = Math.min(CAP_MS, FIRST_MS * 2 ** this.attempt)
    this.attempt = Math.min(this.attempt + 1, 10)
    return Math.floor(this.random() * ceilingMs)
  }

  reset(): void {
    this.attempt = 0
  }
}
