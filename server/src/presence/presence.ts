/**
 * Who has a session, as leases that expire by themselves. A hint, never a right: correctness never depends on it
 * (reliability.md N22).
 */
export interface Presence {
  /** Starts a lease for one session; the implementation renews it until `leave` or `close`. Never throws; a dead store only makes the answer stale. */
  arrive(session: PresentSession): void
  /** Ends the lease. Never throws. */
  leave(session: PresentSession): void
  /** The sessions of these users that hold a lease now. Users without one are absent. Empty when the store does not answer within the deadline. */
  whereabouts(userIds: readonly string[]): Promise<ReadonlyMap<string, readonly PresentSession[]>>
  close(): Promise<void>
}

export interface PresentSession {
  readonly userId: string
  /** The login's generation: unique per user, growing with each login. */
  readonly loginKey: number
  /** Class of device, such as `web` or `wx`. */
  readonly device: string
}
