/** A set of small whole numbers. */
export class Bits {
  #bytes = new Uint8Array(16)
  #highest = 0

  /** The highest number that was ever added; 0 of none. */
  get highest(): number {
    return this.#highest
  }

  has(number: number): boolean {
    return ((this.#bytes[number >> 3] ?? 0) & (1 << (number & 7))) !== 0
  }

  /** False when it was there already. */
  add(number: number): boolean {
    if (this.has(number)) return false
    const at = number >> 3
    if (at >= this.#bytes.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.#bytes.length * 2))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes[at] = (this.#bytes[at] ?? 0) | (1 << (number & 7))
    this.#highest = Math.max(this.#highest, number)
    return true
  }
}
