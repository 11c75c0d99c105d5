import { LIMITS, type Offset } from '@hongyan/protocol'

/** An entry as the broker brought it. */
export interface HeardEntry {
  readonly frame: string
  /** It is not simply for everybody who follows (entry-audience.ts). */
  readonly isParticular: boolean
}

interface Kept {
  readonly heard: HeardEntry
  readonly arrival: number
}

/** The last entries that were heard of one timeline, in bounds: when there are more, those that came first go. */
export class RecentFrames {
  readonly #kept = new Map<Offset, Kept>()
  #chars = 0

  /** What was heard of this offset after the first `since` arrivals. */
  get(offset: Offset, since: number): HeardEntry | undefined {
    const kept = this.#kept.get(offset)
    return kept && kept.arrival > since ? kept.heard : undefined
  }

  /** Heard as the `arrival`-th of its timeline; in the place of what was heard of the same offset before. */
  add(offset: Offset, heard: HeardEntry, arrival: number): void {
    this.#forget(offset)
    this.#kept.set(offset, { heard, arrival })
    this.#chars += heard.frame.length
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= LIMITS.recentEntries && this.#chars <= LIMITS.recentChars) return
      this.#forget(oldest)
    }
  }

  #forget(offset: Offset): void {
    this.#chars -= this.#kept.get(offset)?.heard.frame.length ?? 0
    this.#kept.delete(offset)
  }
}
