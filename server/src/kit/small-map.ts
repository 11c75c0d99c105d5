/**
 * A map that holds mostly one thing or none, as a SmallSet does: an empty Map takes 200 bytes. In the order of setting;
 * values are anything but Maps.
 */
export class SmallMap<K extends string, V extends object> {
  #key: K | undefined
  #held: V | Map<K, V> | undefined

  has(key: K): boolean {
    return this.get(key) !== undefined
  }

  get(key: K): V | undefined {
    if (this.#held instanceof Map) return this.#held.get(key)
    return this.#key === key ? this.#held : undefined
  }

  set(key: K, value: V): void {
    if (this.#held instanceof Map) this.#held.set(key, value)
    else if (this.#key === undefined || this.#held === undefined || this.#key === key) {
      this.#key = key
      this.#held = value
    } else {
      this.#held = new Map([
        [this.#key, this.#held],
        [key, value],
      ])
      this.#key = undefined
    }
  }

  delete(key: K): void {
    if (this.#held instanceof Map) {
      this.#held.delete(key)
      if (this.#held.size === 0) this.#held = undefined
    } else if (this.#key === key) {
      this.#key = undefined
      this.#held = undefined
    }
  }

  get size(): number {
    if (this.#held instanceof Map) return this.#held.size
    return this.#held === undefined ? 0 : 1
  }

  values(): readonly V[] {
    if (this.#held instanceof Map) return [...this.#held.values()]
    return this.#held === undefined ? [] : [this.#held]
  }

  keys(): readonly K[] {
    if (this.#held instanceof Map) return [...this.#held.keys()]
    return this.#key === undefined ? [] : [this.#key]
  }
}
