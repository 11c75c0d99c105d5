import type { Readable } from 'node:stream'

/** Bytes as they come; a Node stream is one. */
export type Content = AsyncIterable<Uint8Array>

/** Where to read: bytes `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Content that has arrived and is not in the store yet. Its owner ends it with `keep` or `drop`. */
export interface Draft {
  /** SHA-256, 64 hexadecimal characters. */
  readonly hash: string
  readonly bytes: number
  /** A file of this machine with the content, for whoever must look at it; gone after `keep` and `drop`. */
  readonly path: string
  /**
   * Puts the content under its hash. When it resolves, the content is durable and whole; content that is there already is
   * not written again. Refuses STORE_FULL; rejects with BlobsUnavailable. Either way the draft is over.
   */
  keep(): Promise<void>
  /** Forgets the content. Never rejects; after `keep` it does nothing. */
  drop(): Promise<void>
}

/** More came than the limit allows. */
export class ContentTooLong extends Error {}

/**
 * Content by its SHA-256. What is under a hash is whole and never changes; nothing is visible before it is durable. No
 * name that a client has chosen reaches the store.
 */
export interface Blobs {
  /**
   * Takes content into a draft, hashing it on the way. Rejects with ContentTooLong as soon as there is more than
   * `maxBytes`, refuses STORE_FULL, and rejects with whatever the content does; then nothing is left of it.
   */
  receive(content: Content, limit: { readonly maxBytes: number }): Promise<Draft>
  has(hash: string): Promise<boolean>
  /** The content, or a part of it; undefined when there is none. The reader ends the stream or reads it to its end. */
  read(hash: string, range?: ByteRange): Promise<Readable | undefined>
  /** Again is the same. */
  delete(hash: string): Promise<void>
  /** Removes what crashed processes have left of drafts that nobody has written to for this long. Returns how many. */
  sweepDrafts(olderThanMs: number): Promise<number>
  /** Bounded; never rejects. */
  close(): Promise<void>
}

const HASH = /^[0-9a-f]{64}$/

/** Throws RangeError for what is no hash: the last guard before a path or an address is made of it. */
export function assertHash(hash: string): void {
  if (!HASH.test(hash)) throw new RangeError('not a SHA-256')
}
