/** What is counted wrong. Each of these is 0 in a run that went well. */
export interface Faults {
  /** Acknowledged, and not with a client who was entitled to it: message × client. */
  lost: number
  /** The same entry came twice over one connection, or one message stands in a conversation twice. */
  doubled: number
  /** Came after a later one, or stands after a later one of the same sender. */
  reordered: number
  /** Two clients were given different entries under one number, or a sender was told of a place that another's message has. */
  diverged: number
  /** Stepped over by a connection that went on; the client had to ask for them. */
  gaps: number
}

/** What else the books say. */
export interface Totals {
  /** Messages that were answered as stored. */
  acknowledged: number
  /** Message × client: told by a push or by catching up, the sender's own among them. */
  delivered: number
  /** Messages without an answer until the end: stored or not. */
  unknown: number
  /** Could not be compared any more: the books have a bound. */
  unchecked: number
  /** Entries that a client stepped over because the server gave it a new state in their place. */
  skippedByReset: number
  /** In live rooms: said, heard, and what somebody there did not hear. */
  said: number
  heard: number
  missed: number
}

export type Books = Faults & Totals

export function emptyBooks(): Books {
  return {
    lost: 0,
    doubled: 0,
    reordered: 0,
    diverged: 0,
    gaps: 0,
    acknowledged: 0,
    delivered: 0,
    unknown: 0,
    unchecked: 0,
    skippedByReset: 0,
    said: 0,
    heard: 0,
    missed: 0,
  }
}

/** The books of several processes as one. */
export function sumBooks(parts: readonly Books[]): Books {
  const sum = emptyBooks()
  for (const part of parts) for (const name of Object.keys(sum) as (keyof Books)[]) sum[name] += part[name]
  return sum
}
