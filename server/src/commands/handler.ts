import type { CommandName, ReplyOf, RequestOf, TimelineId, UserId } from '@hongyan/protocol'

/** A timeline to be followed from a cursor on. */
export interface FollowFrom {
  readonly timeline: TimelineId
  readonly after: number
  /** The log's last offset, where it has been read since the timeline was held: then it need not be read once more. */
  readonly head?: number
}

/** The follow state of the asking session, as far as commands may touch it. */
export interface Following {
  /** Resolves when everything committed from now on in these timelines is heard of. */
  hold(timelines: readonly TimelineId[]): Promise<void>
  /** Brings held timelines from their cursors to now and keeps them live. */
  release(cursors: readonly FollowFrom[]): Promise<void>
  /** Ends the following of these timelines. */
  drop(timelines: readonly TimelineId[]): void
}

/** Who asks. */
export interface Caller {
  readonly userId: UserId
  readonly accountKey: number
  readonly loginKey: number
  /** The state of the store the session has been told of; see noteEpoch. */
  readonly epoch?: string | undefined
  readonly nick: string
  readonly avatar: string
  readonly following: Following
  /** Says of which state of the store the session has been told; when the store gets another, the session must end (promise I12). */
  noteEpoch(epoch: string): void
  /** The caller has another nick or picture from now on. */
  noteProfile(profile: { readonly nick: string; readonly avatar: string }): void
  /** Lets what was asked for after this request begin before it is answered: it has taken its effect, and may take long. */
  stepAside(): void
  /** Runs once the reply to this request has been queued: for what must not overtake it. */
  afterReply(run: () => Promise<void>): void
  /** Runs when the session ends, however it does; what it gives back takes that back. */
  onEnd(run: () => void): () => void
}

export type Handler<Name extends CommandName> = (
  caller: Caller,
  body: RequestOf<Name>,
) => ReplyOf<Name> | Promise<ReplyOf<Name>>

/** Session commands are the gateway's own: they make and end the caller. */
export type HandledCommand = Exclude<CommandName, 'session.open' | 'session.close'>

export type Handlers = { readonly [Name in HandledCommand]: Handler<Name> }

/** The handlers of one family. */
export type FamilyHandlers<Prefix extends string> = {
  readonly [Name in Extract<HandledCommand, `${Prefix}.${string}`>]: Handler<Name>
}
