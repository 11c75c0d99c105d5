import type { TimelineId, UserId } from '@hongyan/protocol'
import type { Clock } from '../kit/clock.ts'
import type { RoomVisitor } from '../timelines/payload.ts'

/** A session in a room: put out of it, it hears nothing more. */
export interface RoomSeat {
  /** Whose seat it is: one session has one. */
  readonly session: object
  leave(): void
}

interface Presence {
  readonly visitor: RoomVisitor
  readonly seats: Map<object, RoomSeat>
}

interface Room {
  readonly visitors: Map<UserId, Presence>
  /** What other nodes have said last, and when. */
  readonly elsewhere: Map<string, Heard>
}

interface Heard {
  readonly count: number
  readonly latest: readonly RoomVisitor[]
  readonly atMs: number
}

/** What another node said longer ago than this is of a node that is gone, or of a room that is empty there. */
const HEARD_FOR_MS = 30_000

/**
 * Who is in the live rooms of this node, and how many are in them elsewhere. Kept in memory alone: a live room stores
 * nothing per visitor, and whoever comes back after a lost connection comes in again.
 */
export class LiveRooms {
  readonly #rooms = new Map<TimelineId, Room>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** True when the user was not in the room on this node. */
  enter(timeline: TimelineId, visitor: RoomVisitor, seat: RoomSeat): boolean {
    const room: Room = this.#rooms.get(timeline) ?? { visitors: new Map(), elsewhere: new Map() }
    this.#rooms.set(timeline, room)
    const present = room.visitors.get(visitor.userId)
    const seats = present?.seats ?? new Map<object, RoomSeat>()
    room.visitors.set(visitor.userId, { visitor, seats: seats.set(seat.session, seat) })
    return present === undefined
  }

  /** This session's seat; undefined when it is not in the room. */
  seatOf(timeline: TimelineId, userId: UserId, session: object): RoomSeat | undefined {
    return this.#rooms.get(timeline)?.visitors.get(userId)?.seats.get(session)
  }

  /** True when the user is not in the room any more on this node. */
  leave(timeline: TimelineId, userId: UserId, seat: RoomSeat): boolean {
    const room = this.#rooms.get(timeline)
    const present = room?.visitors.get(userId)
    if (!room || !present?.seats.delete(seat.session) || present.seats.size > 0) return false
    room.visitors.delete(userId)
    if (room.visitors.size === 0) this.#rooms.delete(timeline)
    return true
  }

  /** Puts every session of the user on this node out of the room. */
  expel(timeline: TimelineId, userId: UserId): void {
    const present = this.#rooms.get(timeline)?.visitors.get(userId)
    for (const seat of [...(present?.seats.values() ?? [])]) seat.leave()
  }

  /** How many are in the room on this node. */
  countHere(timeline: TimelineId): number {
    return this.#rooms.get(timeline)?.visitors.size ?? 0
  }

  isIn(timeline: TimelineId, userId: UserId): boolean {
    return this.#rooms.get(timeline)?.visitors.has(userId) ?? false
  }

  /** Those who came last on this node, the latest first. */
  latestHere(timeline: TimelineId, count: number): readonly RoomVisitor[] {
    const visitors = [...(this.#rooms.get(timeline)?.visitors.values() ?? [])]
    return visitors
      .slice(-count)
      .map(({ visitor }) => visitor)
      .reverse()
  }

  /** Those who came last on any node, of the others as far as they have told; the latest first. */
  latest(timeline: TimelineId, count: number): readonly RoomVisitor[] {
    return this.#all(timeline, this.latestHere(timeline, count)).slice(0, count)
  }

  /** Those of these users who are there. */
  named(timeline: TimelineId, userIds: readonly UserId[]): readonly RoomVisitor[] {
    const visitors = this.#rooms.get(timeline)?.visitors
    const here = userIds.flatMap((userId) => visitors?.get(userId)?.visitor ?? [])
    return this.#all(timeline, here).filter(({ userId }) => userIds.includes(userId))
  }

  /** How many are in the room, on all nodes; of the others a moment ago. */
  count(timeline: TimelineId): number {
    const room = this.#rooms.get(timeline)
    return room ? room.visitors.size + this.#countElsewhere(room) : 0
  }

  /** The rooms that this node has to tell the others of. */
  own(): readonly TimelineId[] {
    return [...this.#rooms.keys()]
  }

  /** Another node tells who is there. Of rooms that nobody here is in nothing is kept. */
  hear(timeline: TimelineId, nodeId: string, { count, latest }: Pick<Heard, 'count' | 'latest'>): void {
    this.#rooms.get(timeline)?.elsewhere.set(nodeId, { count, latest, atMs: this.#clock.monotonicMs() })
  }

  /** With what other nodes have told, each user once; the latest first. */
  #all(timeline: TimelineId, here: readonly RoomVisitor[]): readonly RoomVisitor[] {
    const room = this.#rooms.get(timeline)
    const visitors = [...here, ...(room ? this.#heard(room) : []).flatMap(({ latest }) => latest)]
    const once = new Map(visitors.map((visitor) => [visitor.userId, visitor]))
    return [...once.values()].sort((a, b) => b.enteredAtMs - a.enteredAtMs)
  }

  #countElsewhere(room: Room): number {
    return this.#heard(room).reduce((sum, { count }) => sum + count, 0)
  }

  #heard({ elsewhere }: Room): readonly Heard[] {
    const sinceMs = this.#clock.monotonicMs() - HEARD_FOR_MS
    for (const [nodeId, { atMs }] of elsewhere) if (atMs < sinceMs) elsewhere.delete(nodeId)
    return [...elsewhere.values()]
  }
}
