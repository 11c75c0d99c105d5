import type { ConversationId } from '@hongyan/protocol'

// The records of a run: files of JSON, one line each, so that the checkers can be run again on the files alone. All times
// are those of the machine's own wall clock, in ms; devices whose clocks are wrong note the true time all the same.

/** What the senders were told, written before the application hears of it. `acks-<worker>.jsonl` */
export type AckLine =
  | SendAck
  /** A revocation was confirmed; the canary is what nobody may see any more. */
  | {
      readonly kind: 'recall'
      readonly device: string
      readonly conversation: ConversationId
      readonly seq: number
      readonly canaries: readonly string[]
      readonly epoch: string
      readonly atMs: number
    }
  | {
      readonly kind: 'edit'
      readonly device: string
      readonly conversation: ConversationId
      readonly seq: number
      readonly version: number
      readonly canary: string
      readonly epoch: string
      readonly atMs: number
    }
  /** The same clientMsgId with another content was asked for: what came of it. */
  | { readonly kind: 'twisted'; readonly device: string; readonly id: string; readonly outcome: string }
  /** Refused for good: nothing may be stored. */
  | { readonly kind: 'refused'; readonly device: string; readonly id: string; readonly failure: string }
  /** No definite answer however long it was asked for. */
  | { readonly kind: 'unanswered'; readonly device: string; readonly what: string; readonly failure: string }

export interface SendAck {
  readonly kind: 'sent'
  readonly device: string
  readonly conversation: ConversationId
  /** The device's messages of this conversation in the order in which the application asked for them. */
  readonly order: number
  /** How often the application had to ask; the SDK's own repetitions are not in it. */
  readonly attempts: number
  readonly id: string
  readonly seq: number
  readonly sentAtMs: number
  readonly epoch: string
  readonly askedAtMs: number
  readonly atMs: number
  readonly canary: string
}

/** What devices saw. `events-<worker>.jsonl` */
export type EventLine =
  /** Told of a message. `isBare`: it came without its content, because it had been revoked. */
  | {
      readonly kind: 'told'
      readonly device: string
      readonly conversation: ConversationId
      readonly seq: number
      readonly id: string
      readonly isBare: boolean
      readonly atMs: number
    }
  /** The same by TIM's MESSAGE_RECEIVED. */
  | { readonly kind: 'tim'; readonly device: string; readonly conversation: ConversationId; readonly seq: number }
  /** A fetched state says that a conversation stands there: what is before is not told. `isReset`: it was too far behind. */
  | {
      readonly kind: 'base'
      readonly device: string
      readonly conversation: ConversationId
      readonly seq: number
      readonly isReset: boolean
    }
  | {
      readonly kind: 'marks'
      readonly device: string
      readonly conversation: ConversationId
      readonly read: number
      readonly peerRead: number
      readonly cleared: number
    }
  /** The store behind the server is this one. */
  | { readonly kind: 'epoch'; readonly device: string; readonly epoch: string; readonly atMs: number }
  | { readonly kind: 'dialled'; readonly device: string; readonly atMs: number }
  | { readonly kind: 'opened'; readonly device: string; readonly atMs: number; readonly loginKey: number }
  | { readonly kind: 'closed'; readonly device: string; readonly atMs: number; readonly code: number }
  /** The login was ended by the server. */
  | { readonly kind: 'ended'; readonly device: string; readonly reason: string; readonly atMs: number }
  /** An answer held content: asked for then, with these canaries. */
  | {
      readonly kind: 'shown'
      readonly device: string
      readonly askedAtMs: number
      readonly canaries: readonly string[]
    }
  /** Pushed over the wire to somebody who comes and goes, whatever his SDK made of it. */
  | {
      readonly kind: 'pushed'
      readonly device: string
      readonly conversation: ConversationId
      readonly offset: number
    }
  /** The user deleted these for himself, here or elsewhere: those that have not come yet will not be told. */
  | {
      readonly kind: 'deleted'
      readonly device: string
      readonly conversation: ConversationId
      readonly seqs: readonly number[]
    }
  /** The user is no longer in it. */
  | { readonly kind: 'left'; readonly device: string; readonly conversation: ConversationId }
  /** What the device believes, at a moment when nothing moves. */
  | { readonly kind: 'view'; readonly device: string; readonly checkpoint: number; readonly digest: string }
  /** What history shows at the end of messages that were recalled. */
  | {
      readonly kind: 'tombstone'
      readonly device: string
      readonly conversation: ConversationId
      readonly seq: number
      readonly isEmpty: boolean
    }

/** What the database says. `store.jsonl` */
export type StoreLine =
  | { readonly kind: 'store'; readonly epoch: string }
  | {
      readonly kind: 'timeline'
      readonly conversation: ConversationId
      readonly lastSeq: number
      readonly lastOffset: number
    }
  | {
      readonly kind: 'message'
      readonly conversation: ConversationId
      readonly seq: number
      readonly offset: number
      readonly sender: string
      readonly id: string
      readonly sentAtMs: number
      readonly canary: string | null
      readonly isRevoked: boolean
      readonly version: number
    }
  | { readonly kind: 'member'; readonly conversation: ConversationId; readonly user: string }
  /** A time somebody was in a group. `beforeOffset`: that of what says that he is gone. */
  | {
      readonly kind: 'stay'
      readonly conversation: ConversationId
      readonly user: string
      readonly fromSeq: number
      readonly fromOffset: number
      readonly beforeSeq: number | null
      readonly beforeOffset: number | null
    }
  /** A canary somewhere in the log beside the messages. */
  | { readonly kind: 'trace'; readonly place: string; readonly canaries: readonly string[] }
  /** A number kept beside the rows that a recount finds wrong. */
  | { readonly kind: 'wrong'; readonly what: string }
  /** What a user should see, by a naive query, in the form of the SDK's digest. */
  | { readonly kind: 'truth'; readonly user: string; readonly checkpoint: number; readonly digest: string }

/** What the rig did and saw. `faults.jsonl` */
export type FaultLine =
  | {
      readonly kind: 'fault'
      readonly number: number
      readonly id: string
      readonly what: string
      readonly fromMs: number
      readonly healedMs: number
      /** Operations that felt it: refused, lost, or slower than a second. */
      readonly effect: number
      readonly skipped?: string
      readonly notes: readonly string[]
      readonly violations: readonly string[]
      readonly goals: readonly Goal[]
      readonly latency: Latency
    }
  /** After healing: how long each device took to have everything; who had not within the limit. */
  | {
      readonly kind: 'caught-up'
      readonly after: string
      readonly p50Ms: number
      readonly p99Ms: number
      readonly maxMs: number
      readonly behind: readonly string[]
    }
  /** A store was put back to an earlier state; acknowledgements of the old epoch after `backupAtMs` are void. */
  | { readonly kind: 'rewind'; readonly from: string; readonly to: string; readonly backupAtMs: number }
  /** A process ended that nobody had ended, or said something that no process may say. */
  | { readonly kind: 'incident'; readonly what: string; readonly atMs: number }
  | { readonly kind: 'checkpoint'; readonly number: number; readonly problems: readonly string[] }

/** A time or a number that the matrix sets: it depends on the machine, so it is told and not failed for. */
export interface Goal {
  readonly what: string
  readonly goal: number
  readonly got: number
}

export interface Latency {
  readonly acked: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** From the server's time of a message to its being told, p99. */
  readonly deliveryP99Ms: number
}

/** `run.json` */
export interface RunFacts {
  readonly seed: number
  readonly command: string
  readonly startedAt: string
  readonly devices: readonly { readonly name: string; readonly user: string }[]
  readonly wanderers: readonly { readonly user: string; readonly conversation: ConversationId }[]
}
