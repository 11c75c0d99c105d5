/**
 * A channel that is to be subscribed. Made anew by each wish for the channel, so that an old answer cannot confirm it; it
 * is always with exactly one server, and goes with its bucket to another.
 */
export interface Hold {
  readonly channel: string
  readonly bucket: number
  /** Undefined for the channel of the whole bucket. */
  readonly topic: string | undefined
  isAsked: boolean
  isConfirmed: boolean
  /** Has been confirmed once, maybe over an earlier link, or is relied upon unconfirmed: what came since may have been missed. */
  isStanding: boolean
}

export function newHold(channel: string, bucket: number, topic?: string): Hold {
  return { channel, bucket, topic, isAsked: false, isConfirmed: false, isStanding: false }
}
