/** What a caller says about itself before its userSig proves it. */
export interface ClaimedIdentity {
  /** The application the caller wants to enter. The caller of the verifier has checked that we serve it. */
  readonly sdkAppId: number
  readonly userId: string
}

/** What a genuine userSig proves. Times are milliseconds since the Unix epoch. */
export interface Verified {
  readonly userId: string
  /** Whole seconds in the token, so always a multiple of 1000. */
  readonly issuedAtMs: number
  readonly expiresAtMs: number
}

/** Pure but for the injected clock: no I/O, no state, bounded work for any input. */
export interface UserSigVerifier {
  /** Answers what the token proves, or throws `UserSigRejected` and nothing else, whatever the text is. */
  verify(userSig: string, claimed: ClaimedIdentity): Verified
}

export type UserSigRejectionReason =
  'empty' | 'unparsable' | 'signature' | 'expired' | 'not-yet-valid' | 'other-user' | 'other-app'

/**
 * The one way a userSig fails. The text is the same for every reason, so that printing it tells a forger nothing;
 * `reason` is for the mapping to the catalogue.
 */
export class UserSigRejected extends Error {
  readonly reason: UserSigRejectionReason

  constructor(reason: UserSigRejectionReason) {
    super('The userSig was rejected.')
    this.name = 'UserSigRejected'
    this.reason = reason
  }
}
