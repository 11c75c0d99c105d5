import type { ConversationId, Entry, ErrorName, Message, ReplyOf, Seq, TimelineId, UserId } from '@hongyan/protocol'

export interface Marks {
  base: { seq: Seq; countable: number; own: number }
  readSeq: Seq
  readAtMs: number
  clearedSeq: Seq
  hiddenSeq: Seq
  pinnedAtMs: number | undefined
  deleted: Set<Seq>
}

export interface Room {
  readonly id: ConversationId
  readonly messages: Message[]
  readonly members: Map<UserId, Marks>
}

/** Everything a restore brings back. */
export interface Data {
  timelines: Map<TimelineId, Entry[]>
  rooms: Map<ConversationId, Room>
  sent: Map<string, { print: string; reply: ReplyOf<'message.send'> }>
}

export class Refusal extends Error {
  readonly code: ErrorName
  constructor(code: ErrorName) {
    super(code)
    this.code = code
  }
}

/** A member's marks; refused for a stranger. */
export function marksOf(room: Room, me: UserId): Marks {
  const marks = room.members.get(me)
  if (marks === undefined) throw new Refusal('NOT_A_MEMBER')
  return marks
}

export function newMarks(): Marks {
  const base = { seq: 0, countable: 0, own: 0 }
  return { base, readSeq: 0, readAtMs: 0, clearedSeq: 0, hiddenSeq: 0, pinnedAtMs: undefined, deleted: new Set() }
}
