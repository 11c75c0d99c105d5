/** What a node used of one key since it last told, and the limit it counts against. */
export interface Use {
  readonly key: string
  readonly perSecond: number
  readonly burst: number
  /** May be 0, to hear what others used, or negative, for what was given back. */
  readonly used: number
}

/**
 * Where nodes tell each other what they used. Sums it up per key, lets it leak at the limit's rate, and forgets it when it
 * is gone. An aid, never a condition: what is lost here loosens a limit for a moment and refuses nobody.
 */
export interface SharedUse {
  /**
   * Adds these uses, each key named once, and answers how full each is with those of all nodes, in their order. Undefined
   * when there is no answer in good time; then they may have been added or not. Never rejects.
   */
  exchange(uses: readonly Use[]): Promise<readonly number[] | undefined>
  /** Never rejects; afterwards every exchange is answered undefined. */
  close(): Promise<void>
}

/** No level is kept that is higher than so many bursts: several nodes may grant a burst each before they hear of it. */
export const MOST_BURSTS = 16
