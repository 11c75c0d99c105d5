/** Chance from a seed: the same seed gives the same plan, fault by fault (the interleaving it cannot give). */
export class Seeded {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  /** One of them; they must not be empty. */
  pick<T>(from: readonly T[]): T {
    const found = from[this.whole(0, from.length - 1)]
    if (found === undefined) throw new Error('nothing to choose from')
    return found
  }

  isChance(share: number): boolean {
    return this.next() < share
  }

  /** Another order of the same. */
  shuffled<T>(of: readonly T[]): T[] {
    const all = [...of]
    for (let index = all.length - 1; index > 0; index--) {
      const other = this.whole(0, index)
      ;[all[index], all[other]] = [all[other] as T, all[index] as T]
    }
    return all
  }
}
