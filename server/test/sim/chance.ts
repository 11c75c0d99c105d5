/** A small seeded source of whole numbers (mulberry32). Everything random in a world comes from one of these. */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** Uniform in [0, 1). */
  fraction(): number {
    return this.#next() / 2 ** 32
  }

  /** A whole number from 0 to `bound` − 1. */
  below(bound: number): number {
    return this.#next() % bound
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1)
  }

  /** True `permille` times in a thousand. */
  hits(permille: number): boolean {
    return this.below(1000) < permille
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }

  /** A source of its own, so that what one part draws does not shift what another draws. */
  fork(label: string): Chance {
    let hash = this.#state ^ 0x9e3779b9
    for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193)
    return new Chance(hash)
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
