/** Numbers from 0 (inclusive) to 1 (exclusive) that a seed decides. */
export type Random = () => number

/** The same numbers for the same seed and name on every machine; different names give unrelated ones. */
export function seededRandom(seed: number, name: string): Random {
  let state = (Math.imul(seed, 0x9e3779b1) ^ hashOf(name)) >>> 0
  return () => {
    // mulberry32: one 32-bit word of state, enough for choosing times and people.
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** A whole number from 0 to `count` - 1. */
export function chooseIndex(random: Random, count: number): number {
  return Math.floor(random() * count)
}

/** Evenly between both. */
export function between(random: Random, [from, to]: readonly [number, number]): number {
  return from + random() * (to - from)
}

/** The wait until the next of events that come independently of each other, `mean` apart on average. */
export function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random()) * mean
}

/** So many different ones of 0 … count - 1, in the order of their choice. */
export function chooseSome(random: Random, count: number, size: number): number[] {
  const all = Array.from({ length: count }, (_, index) => index)
  for (let i = 0; i < Math.min(size, count); i++) {
    const j = i + chooseIndex(random, count - i)
    const kept = all[i] ?? 0
    all[i] = all[j] ?? 0
    all[j] = kept
  }
  return all.slice(0, size)
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
