import {
  conversationOfTimeline,
  conversationTimeline,
  groupConversationId,
  Refused,
  SYSTEM_USER_ID,
  type Group,
  type GroupId,
  type Member,
  type Person,
  type ReplyOf,
  type Tip,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import type { ConversationDirectory } from '../conversations/conversation-directory.ts'
import { groupOfRow, type GroupRow } from '../conversations/group-row.ts'
import type { Db } from '../db/db.ts'
import { readGroup, readRestriction, readRoomMutes } from '../groups/group-reader.ts'
import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import { Loop } from '../kit/loop.ts'
import type { Random } from '../kit/random.ts'
import { RateLimiter } from '../kit/rate-limiter.ts'
import type { Actor } from '../logins/actor.ts'
import type { Announcer } from '../timelines/announcer.ts'
import type { LogReader } from '../timelines/log-reader.ts'
import type { Control } from '../timelines/payload.ts'
import { LiveRooms, type RoomSeat } from './live-rooms.ts'

export interface RoomsDeps {
  readonly db: Db
  readonly log: LogReader
  readonly directory: ConversationDirectory
  readonly announcer: Announcer
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly maxVisitors: number
}

/** The session that comes in: what of it the rooms may touch. */
export interface Guest extends Actor {
  readonly following: {
    hold(timelines: readonly TimelineId[]): Promise<void>
    release(cursors: readonly { readonly timeline: TimelineId; readonly after: number }[]): Promise<void>
    drop(timelines: readonly TimelineId[]): void
  }
  /** Runs when the session ends; what it gives back takes that back. */
  onEnd(run: () => void): () => void
}

/** Somebody's place in a live room, where nobody is a member. */
export interface RoomStanding {
  readonly timelineKey: number
  readonly isOwner: boolean
}

interface Room {
  readonly group: GroupRow
  readonly timeline: TimelineId
}

const COUNTS_EVERY_MS = 5_000
/** What has changed is told the other nodes after this, at most; thousands come at once. */
const TOLD_WITHIN_MS = 250
/** Of what is said in one room; what matters more may exceed it (priority `high`). */
const MESSAGES_PER_SECOND = 40
/** A message to more visitors counts as several, so that no room takes the whole node: 40,000 deliveries a second. */
const VISITORS_PER_MESSAGE = 1_000
/** Who comes and goes is told only so often: thousands come at once when a lesson begins. */
const TIPS_PER_SECOND = 3
const VISITORS_SHOWN = 30

/**
 * Live rooms: who is in them hears what is said, as it is said. Nothing is stored and nothing is repaired: there are no
 * numbers that could have a gap, no unread and no history; what is too much is dropped, so the cost has a bound.
 */
export class RoomsService {
  readonly #deps: RoomsDeps
  readonly #rooms: LiveRooms
  readonly #nodeId: string
  readonly #messages: RateLimiter
  readonly #tips: RateLimiter
  readonly #loop: Loop
  /** Rooms that have changed since the others were told. */
  readonly #changed = new Set<TimelineId>()

  constructor(deps: RoomsDeps) {
    this.#deps = deps
    this.#rooms = new LiveRooms(deps.clock)
    this.#nodeId = deps.random.id()
    this.#messages = new RateLimiter(MESSAGES_PER_SECOND, deps.clock)
    this.#tips = new RateLimiter(TIPS_PER_SECOND, deps.clock)
    this.#loop = new Loop({
      name: 'live rooms',
      everyMs: COUNTS_EVERY_MS,
      clock: deps.clock,
      log: deps.logger,
      turn: async () => this.#tellCounts(),
    })
  }

  start(): void {
    this.#loop.start()
  }

  stop(): Promise<void> {
    return this.#loop.stop()
  }

  /** Lets a session in, for as long as it lasts; undefined when this is no live room. Again is the same. */
  async join(guest: Guest, groupId: GroupId): Promise<ReplyOf<'group.join'> | undefined> {
    const room = await this.#find(groupId)
    if (!room) return undefined
    const { group, timeline } = room
    const seated = this.#rooms.seatOf(timeline, guest.userId, guest.following)
    await this.#mutedUntil(group, guest)
    if (!seated && this.#rooms.count(timeline) >= Math.min(group.maxMembers, this.#deps.maxVisitors))
      throw new Refused('GROUP_FULL')
    // Who asks again wants to know where he stands in the timeline: from there on he is pushed what comes.
    if (seated) guest.following.drop([timeline])
    await guest.following.hold([timeline])
    const [head] = await this.#deps.log.heads([timeline])
    const offset = head?.lastOffset ?? 0
    await guest.following.release([{ timeline, after: offset }])
    if (!this.#rooms.seatOf(timeline, guest.userId, guest.following)) this.#seat(guest, timeline)
    // Asked again: who was banned meanwhile had no seat yet to be put out of.
    const mutedUntilMs = await this.#mutedUntil(group, guest).catch((err: unknown) => {
      this.#rooms.seatOf(timeline, guest.userId, guest.following)?.leave()
      throw err
    })
    return {
      status: 'joined',
      offset,
      group: this.counted(groupOfRow(group)),
      self: {
        role: group.ownerKey === guest.accountKey ? 'owner' : 'member',
        nameCard: '',
        joinedAtMs: this.#deps.clock.now(),
        mutedUntilMs,
        custom: [],
      },
    }
  }

  /** Lets this session go, and no other of the user's: nobody would tell them. False when this is no live room. */
  async quit(guest: Guest, groupId: GroupId): Promise<boolean> {
    const room = await this.#find(groupId)
    if (!room) return false
    const seat = this.#rooms.seatOf(room.timeline, guest.userId, guest.following)
    if (!seat && room.group.ownerKey === guest.accountKey) throw new Refused('OWNER_CANNOT_LEAVE')
    seat?.leave()
    return true
  }

  /** The group with the number of those who are in it, where it is a live room. */
  counted(group: Group): Group {
    if (group.type !== 'live') return group
    return { ...group, memberCount: this.#rooms.count(conversationTimeline(groupConversationId(group.groupId))) }
  }

  /** How many are in it, on all nodes; undefined when it is no live room. */
  async count(groupId: GroupId): Promise<number | undefined> {
    const room = await this.#find(groupId)
    return room && this.#rooms.count(room.timeline)
  }

  /**
   * Those who came last, or those of them who are named; of other nodes only the latest are known. Undefined when it is no live room. Refuses
   * NOT_A_MEMBER: who is there is for those who are there, and for the owner.
   */
  async visitors(actor: Actor, groupId: GroupId, userIds?: readonly UserId[]): Promise<readonly Member[] | undefined> {
    const room = await this.#find(groupId)
    if (!room) return undefined
    const { group, timeline } = room
    if (group.ownerKey !== actor.accountKey && !this.#rooms.isIn(timeline, actor.userId)) {
      throw new Refused('NOT_A_MEMBER')
    }
    const visitors = userIds ? this.#rooms.named(timeline, userIds) : this.#rooms.latest(timeline, VISITORS_SHOWN)
    const mutes = await readRoomMutes(
      this.#deps.db,
      group.timelineKey,
      visitors.map(({ userId }) => userId),
    )
    return visitors.map(({ userId, nick, avatar, enteredAtMs }) => ({
      userId,
      nick,
      avatar,
      role: userId === group.ownerId ? 'owner' : 'member',
      nameCard: '',
      joinedAtMs: enteredAtMs,
      mutedUntilMs: mutes.get(userId) ?? 0,
      custom: [],
    }))
  }

  /** Refuses who is not in the room, may not speak there, or when too much is said at once. False when it is no live room. */
  async assertMaySpeak(
    actor: Actor,
    groupId: GroupId,
    priority: 'high' | 'low' | 'lowest' | undefined,
  ): Promise<boolean> {
    const room = await this.#find(groupId)
    if (!room) return false
    const { timeline, group } = room
    if (!this.#rooms.isIn(timeline, actor.userId)) throw new Refused('NOT_A_MEMBER')
    const isOwner = group.ownerKey === actor.accountKey
    if (!isOwner && group.isMuted) throw new Refused('MUTED')
    const { mutedUntilMs } = await readRestriction(this.#deps.db, group.timelineKey, actor.accountKey)
    if (!isOwner && mutedUntilMs > this.#deps.clock.now()) throw new Refused('MUTED')
    const isImportant = priority === 'high' || isOwner
    const cost = Math.min(MESSAGES_PER_SECOND, Math.max(1, this.#rooms.count(timeline) / VISITORS_PER_MESSAGE))
    if (!this.#messages.take(timeline, cost) && !isImportant) throw new Refused('TOO_MANY_MESSAGES')
    return true
  }

  /** As what somebody stands in a live room that he is in, or that is his; undefined for everybody else. */
  async standingOf(actor: Actor, groupId: GroupId): Promise<RoomStanding | undefined> {
    const room = await this.#find(groupId)
    if (!room) return undefined
    const isOwner = room.group.ownerKey === actor.accountKey
    if (!isOwner && !this.#rooms.isIn(room.timeline, actor.userId)) return undefined
    return { timelineKey: room.group.timelineKey, isOwner }
  }

  /** Puts a user out of the room, wherever he is. */
  expel(timeline: TimelineId, userId: UserId): void {
    this.#deps.announcer.announceControl(timeline, { kind: 'room-left', userId })
  }

  /** Tells everybody in the room; not stored, and not told when there is too much to tell. */
  tell(timeline: TimelineId, tip: Tip): void {
    this.#tip(timeline, tip)
  }

  /** What other nodes say about rooms. */
  obey(timeline: TimelineId, control: Control): void {
    if (control.kind === 'room-left') return this.#rooms.expel(timeline, control.userId)
    if ((control.kind !== 'room-count' && control.kind !== 'room-asked') || control.nodeId === this.#nodeId) return
    if (control.kind === 'room-count') this.#rooms.hear(timeline, control.nodeId, control)
    else if (this.#rooms.countHere(timeline) > 0) this.#tellCount(timeline)
  }

  /** Until when the guest may not speak; 0 when he may. Refuses BANNED_FROM_GROUP. */
  async #mutedUntil(group: GroupRow, guest: Guest): Promise<number> {
    const { bannedUntilMs, mutedUntilMs } = await readRestriction(this.#deps.db, group.timelineKey, guest.accountKey)
    const nowMs = this.#deps.clock.now()
    if (bannedUntilMs > nowMs) throw new Refused('BANNED_FROM_GROUP')
    return mutedUntilMs > nowMs ? mutedUntilMs : 0
  }

  #seat(guest: Guest, timeline: TimelineId): void {
    // A session that is over already ends right where it is asked to tell.
    let forget = (): void => {}
    const leave = (): void => {
      forget()
      this.#leave(guest, timeline, seat)
    }
    const seat: RoomSeat = { session: guest.following, leave }
    const { userId, nick, avatar } = guest
    const isNew = this.#rooms.enter(timeline, { userId, nick, avatar, enteredAtMs: this.#deps.clock.now() }, seat)
    if (isNew && this.#rooms.countHere(timeline) === 1) {
      this.#deps.announcer.announceControl(timeline, { kind: 'room-asked', nodeId: this.#nodeId })
    }
    forget = guest.onEnd(leave)
    if (!isNew) return
    this.#noteChange(timeline)
    this.#tip(timeline, { op: 'joined', invited: false, ...peopleOf(guest), memberCount: this.#rooms.count(timeline) })
  }

  #leave(guest: Guest, timeline: TimelineId, seat: RoomSeat): void {
    const memberCount = this.#rooms.count(timeline) - 1
    const isGone = this.#rooms.leave(timeline, guest.userId, seat)
    guest.following.drop([timeline])
    if (!isGone) return
    // Of a room that nobody here is in nothing is kept, so this is the last that others hear of this node.
    if (this.#rooms.countHere(timeline) === 0) this.#tellCount(timeline)
    else this.#noteChange(timeline)
    this.#tip(timeline, { op: 'quit', ...peopleOf(guest), memberCount })
  }

  #tip(timeline: TimelineId, tip: Tip): void {
    const conversationId = conversationOfTimeline(timeline)
    if (conversationId === undefined || !this.#tips.take(timeline)) return
    this.#deps.announcer.announceVolatile(timeline, {
      kind: 'volatile-message',
      message: {
        id: `1-${this.#deps.random.id()}`,
        conversationId,
        senderId: SYSTEM_USER_ID,
        sentAtMs: this.#deps.clock.now(),
        elements: [{ type: 'tip', tip }],
        uncounted: true,
      },
    })
  }

  #tellCounts(): void {
    this.#messages.forgetFull()
    this.#tips.forgetFull()
    for (const timeline of this.#rooms.own()) this.#tellCount(timeline)
  }

  #noteChange(timeline: TimelineId): void {
    if (this.#changed.size === 0) this.#deps.clock.after(TOLD_WITHIN_MS, () => this.#tellChanged())
    this.#changed.add(timeline)
  }

  #tellChanged(): void {
    const changed = [...this.#changed]
    this.#changed.clear()
    for (const timeline of changed) this.#tellCount(timeline)
  }

  #tellCount(timeline: TimelineId): void {
    const [count, latest] = [this.#rooms.countHere(timeline), this.#rooms.latestHere(timeline, VISITORS_SHOWN)]
    this.#deps.announcer.announceControl(timeline, { kind: 'room-count', nodeId: this.#nodeId, count, latest })
  }

  async #find(groupId: GroupId): Promise<Room | undefined> {
    const place = await this.#deps.directory.find(groupConversationId(groupId))
    const group = place && (await readGroup(this.#deps.db, place.timelineKey))
    if (!group || group.type !== 'live' || group.dismissedAtMs !== null) return undefined
    return { group, timeline: conversationTimeline(groupConversationId(groupId)) }
  }
}

/** The people of a tip about somebody who comes or goes by himself. */
function peopleOf({ userId, nick, avatar }: Guest): { readonly by: Person; readonly users: Person[] } {
  const person = { userId, nick, avatar }
  return { by: person, users: [person] }
}
