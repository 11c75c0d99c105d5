import type { TimelineId, UserId } from '@hongyan/protocol'
import type { Clock } from '../kit/clock.ts'

/** Somebody in a live room. */
export interface Visitor {
  readonly userId: UserId
  readonly nick: string
  readonly avatar: string
  readonly enteredAtMs: number
}

/** A session in a room: put out of it, it hears nothing more. */
export interface RoomSeat {
  /** Whose seat it is: one session has one. */
  readonly session: object
  leave(): void
}

interface Presence {
  readonly visitor: Visitor
  readonly seats: Map<object, RoomSeat>
}

interface Room {
  readonly visitors: Map<UserId, Presence>
  /** What other nodes have said last, and when. */
  readonly elsewhere: Map<string, { readonly count: number; readonly atMs: number }>
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
  enter(timeline: TimelineId, visitor: Visitor, seat: RoomSeat): boolean {
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

  /** Those who came last on this node, so many of them or those who are named; the latest first. */
  latest(timeline: TimelineId, which: number | readonly UserId[]): readonly Visitor[] {
    const visitors = [...(this.#rooms.get(timeline)?.visitors.values() ?? [])].map(({ visitor }) => visitor).reverse()
    return typeof which === 'number'
      ? visitors.slice(0, which)
      : visitors.filter(({ userId }) => which.includes(userId))
  }

  /** How many are in the room, on all nodes; of the others a moment ago. */
  count(timeline: TimelineId): number {
    const room = this.#rooms.get(timeline)
    return room ? room.visitors.size + this.#countElsewhere(room) : 0
  }

  /** What this node has to tell the others: its rooms, and how many are in each. */
  own(): readonly { readonly timeline: TimelineId; readonly count: number }[] {
    return [...this.#rooms].map(([timeline, { visitors }]) => ({ timeline, count: visitors.size }))
  }

  /** Another node tells how many are there. Of rooms that nobody here is in nothing is kept. */
  hear(timeline: TimelineId, nodeId: string, count: number): void {
    this.#rooms.get(timeline)?.elsewhere.set(nodeId, { count, atMs: this.#clock.monotonicMs() })
  }

  #countElsewhere({ elsewhere }: Room): number {
    const sinceMs = this.#clock.monotonicMs() - HEARD_FOR_MS
    let count = 0
    for (const [nodeId, heard] of elsewhere) {
      if (heard.atMs < sinceMs) elsewhere.delete(nodeId)
      else count += heard.count
    }
    return count
  }
}
