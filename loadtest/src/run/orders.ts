import type { Books } from '../ledger/books.ts'
import type { Measures } from '../measure/meter.ts'
import type { Scenario } from '../plan/scenario.ts'

/** What all processes of a run must know. */
export interface Orders {
  readonly scenario: Scenario
  readonly seed: number
  /** The name of the run; part of all its ids. */
  readonly run: string
  readonly processes: number
  /** WebSocket addresses without path and query: `ws://host:port`, with a path before ours if there is one. */
  readonly endpoints: readonly string[]
  readonly localAddresses: readonly string[]
  readonly sdkAppId: number
  /** Signs for everybody, or everybody's signature is given. */
  readonly secret: string | undefined
  readonly users: readonly { readonly userId: string; readonly userSig: string }[] | undefined
}

/** A message that stands in a conversation whose members are in several processes. */
export interface Told {
  readonly conversation: number
  /** 0 in a live room. */
  readonly offset: number
  readonly identity: number
}

/** From the conductor to a player. */
export type ToPlayer =
  | { readonly kind: 'prepare'; readonly orders: Orders; readonly part: number }
  /** Come, one after the other; the first at this moment. */
  | { readonly kind: 'gather'; readonly startMs: number }
  | { readonly kind: 'play'; readonly startMs: number }
  | { readonly kind: 'told'; readonly told: readonly Told[] }
  /** Begin nothing more, and say when everything is answered. */
  | { readonly kind: 'finish'; readonly untilMs: number }
  /** Everybody knows of everything now: wait until it has arrived, then balance the books. */
  | { readonly kind: 'balance'; readonly untilMs: number }
  | { readonly kind: 'leave' }

/** From a player to the conductor. */
export type FromPlayer =
  | { readonly kind: 'prepared' }
  | { readonly kind: 'gathered' }
  | { readonly kind: 'second'; readonly second: Second }
  | { readonly kind: 'told'; readonly told: readonly Told[] }
  | { readonly kind: 'finished' }
  | { readonly kind: 'balanced'; readonly result: Result }
  | { readonly kind: 'failed'; readonly reason: string }

/** What a process knows of itself, once a second. */
export interface Second {
  readonly ready: number
  readonly clients: number
  readonly recent: Measures
  readonly books: Books
  readonly rssBytes: number
  /** Share of a core. */
  readonly cpu: number
}

/** What a process knows in the end. */
export interface Result {
  readonly measures: Measures
  readonly books: Books
  /** For each message that asked for receipts: how many were sent, and how many its author was told of. */
  readonly receipts: readonly { readonly conversation: number; readonly seq: number; readonly sent: number }[]
  readonly counted: readonly { readonly conversation: number; readonly seq: number; readonly read: number }[]
  readonly clients: number
  /** Clients that were sent away for good. */
  readonly over: number
  readonly unsettled: { readonly away: number; readonly openErrands: number; readonly behind: number }
  /** Memory of the process before there was any client, when all were there and idle, and the most of it. */
  readonly memory: { readonly beforeBytes: number; readonly idleBytes: number; readonly mostBytes: number }
}
