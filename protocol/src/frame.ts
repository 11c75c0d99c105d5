import type { CommandName, ReplyOf } from './commands/index.ts'
import type { Entry, VolatileEntry } from './entry.ts'
import type { ErrorName } from './errors.ts'
import type { Offset, TimelineId } from './ids.ts'

/** A request on its way to the server. `id` is unique among the connection's pending requests ([REQ-1]). */
export interface RequestFrame {
  readonly type: 'request'
  readonly id: number
  readonly command: string
  readonly body: unknown
}

export interface ReplyFrame<Name extends CommandName = CommandName> {
  readonly type: 'reply'
  readonly id: number
  readonly body: ReplyOf<Name>
}

export interface ErrorFrame {
  readonly type: 'error'
  readonly id: number
  readonly error: {
    readonly name: ErrorName
    readonly code: number
    readonly retryable: boolean
    readonly text: string
    /** Where it is known: after how long the same request is likely to succeed, in whole ms. */
    readonly retryAfterMs?: number
  }
}

/** An entry, in order ([PUSH-1]). */
export interface PushFrame {
  readonly type: 'push'
  readonly timeline: TimelineId
  readonly offset: Offset
  readonly entry: Entry
}

/** Something that is not stored and may be lost. */
export interface VolatileFrame {
  readonly type: 'volatile'
  readonly timeline: TimelineId
  readonly entry: VolatileEntry
}

/** Either side may ask; the other answers with pong. */
export interface PingFrame {
  readonly type: 'ping'
}
export interface PongFrame {
  readonly type: 'pong'
}

export type ClientFrame = RequestFrame | PingFrame | PongFrame
export type ServerFrame = ReplyFrame | ErrorFrame | PushFrame | VolatileFrame | PingFrame | PongFrame
