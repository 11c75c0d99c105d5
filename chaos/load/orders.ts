import type { ConversationId } from '@hongyan/protocol'
import type { Scale } from '../rig/population.ts'
import type { Counts } from './tally.ts'

/** What a worker is told when it is started. */
export interface WorkerPlan {
  readonly index: number
  readonly workers: number
  readonly folder: string
  readonly seed: number
  readonly scale: Scale
}

/** What the rig tells a worker. Each with a number is answered by `done` with that number. */
export type Order =
  | { readonly kind: 'plan'; readonly number: number; readonly plan: WorkerPlan; readonly ports: readonly number[] }
  /** Where a load balancer would lead new connections now. */
  | { readonly kind: 'ports'; readonly ports: readonly number[] }
  | { readonly kind: 'login'; readonly number: number }
  | { readonly kind: 'open'; readonly rate: number }
  /** Done when nobody has anything under way. */
  | { readonly kind: 'shut'; readonly number: number }
  /** Done when every device has all up to these heads, with what each took. */
  | {
      readonly kind: 'catch-up'
      readonly number: number
      readonly heads: readonly Head[]
      readonly deadlineMs: number
    }
  /** What every device shows, by user. */
  | { readonly kind: 'digests'; readonly number: number }
  | { readonly kind: 'view'; readonly number: number; readonly checkpoint: number }
  /** What history shows of messages that were recalled. */
  | {
      readonly kind: 'tombstones'
      readonly number: number
      readonly of: readonly { readonly conversation: ConversationId; readonly seq: number }[]
    }
  /** So many of the devices lie in the background for so long, or hear that their network changed. */
  | { readonly kind: 'doze'; readonly number: number; readonly share: number; readonly forMs: number }
  | { readonly kind: 'flap'; readonly share: number }
  /** The sockets of this share of the devices end. */
  | { readonly kind: 'interrupt'; readonly share: number }
  /** This share of the devices dials this port from now on; 0 for the balancer again. */
  | { readonly kind: 'narrow'; readonly share: number; readonly port: number }
  | { readonly kind: 'stop'; readonly number: number }

/** Where a conversation stands, and who is in it. */
export interface Head {
  readonly conversation: ConversationId
  readonly offset: number
  readonly members: readonly string[]
}

/** What a worker tells the rig. */
export type Report =
  | { readonly kind: 'up' }
  | { readonly kind: 'done'; readonly number: number; readonly result?: unknown }
  | { readonly kind: 'failed'; readonly number: number; readonly why: string }
  | { readonly kind: 'counts'; readonly counts: Counts }

/** The result of `catch-up`. */
export interface CaughtUp {
  readonly tookMs: readonly number[]
  readonly behind: readonly string[]
}
