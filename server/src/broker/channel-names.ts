import { bucketOf } from '../kit/bucket.ts'

/**
 * Into how many buckets topics are hashed. In a cluster a bucket is also the smallest part that moves to another server,
 * so there should be many for each; and a node that follows a few topics of a whole bucket hears all of it, so it should
 * be small. All nodes must agree on the number: the wire between them ends when it changes.
 */
export const BUCKETS = 1024

/** Where one topic is published. Both channels have one hash tag, so one server of a cluster has both. */
export interface TopicNames {
  readonly topic: string
  readonly bucket: number
  /** For those who follow few topics: theirs alone. */
  readonly channel: string
  /** For those who follow so many that they take the whole bucket. */
  readonly bucketChannel: string
}

/** The channels of one prefix; the prefix holds no brace. */
export class ChannelNames {
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  of(topic: string): TopicNames {
    const bucket = bucketOf(topic, BUCKETS)
    const bucketChannel = this.ofBucket(bucket)
    return { topic, bucket, channel: `${bucketChannel}:${topic}`, bucketChannel }
  }

  ofBucket(bucket: number): string {
    return `${this.#prefix}{${bucket}}`
  }

  /** A node's own channel, in the slot of the bucket; no topic's has its name. */
  ofNode(nodeId: string, bucket: number): string {
    return `${this.ofBucket(bucket)}node:${nodeId}`
  }
}
