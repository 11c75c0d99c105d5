/** What comes first: by time, and of the same time in the order in which it was put in. */
export class Heap<T> {
  readonly #items: { readonly atMs: number; readonly order: number; readonly item: T }[] = []
  #pushed = 0

  push(atMs: number, item: T): void {
    const items = this.#items
    items.push({ atMs, order: this.#pushed++, item })
    for (let at = items.length - 1; at > 0;) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  /** The time of the first; undefined when there is none. */
  get nextMs(): number | undefined {
    return this.#items[0]?.atMs
  }

  /** Takes the first out. */
  pop(): T | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (!top || !last || items.length === 0) return top?.item
    items[0] = last
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      let least = at
      if (left < items.length && this.#isBefore(left, least)) least = left
      if (right < items.length && this.#isBefore(right, least)) least = right
      if (least === at) return top.item
      this.#swap(at, least)
      at = least
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#items[a], this.#items[b]]
    if (!one || !other) return false
    return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#items[a], this.#items[b]]
    if (!one || !other) return
    this.#items[a] = other
    this.#items[b] = one
  }
}
