import {
  groupConversationId,
  Refused,
  systemConversationId,
  userTimeline,
  type Entry,
  type GroupId,
  type Notice,
  type Person,
  type Tip,
  type UserId,
} from '@hongyan/protocol'
import type { Account } from '../accounts/account-reader.ts'
import { joinedFromTheBeginning } from '../conversations/beginning.ts'
import type { ConversationDirectory, ConversationPlace } from '../conversations/conversation-directory.ts'
import type { GroupRow, MemberRow } from '../conversations/group-row.ts'
import { beginSystemConversations, systemTimeline } from '../conversations/notice-writer.ts'
import type { Db, Tx } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import type { Actor } from '../logins/actor.ts'
import { holdLogin } from '../logins/login-reader.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { appendAll, type Append } from '../timelines/log-writer.ts'
import { lockTimelines, type AppendedEntry, type LockedTimeline } from '../timelines/timeline-writer.ts'
import { readGroup, readMembers } from './group-reader.ts'

/** Somebody besides the actor whom a change concerns: who is told, or who comes or goes. */
export type Concerned = Pick<Account, 'key' | 'id' | 'nick' | 'avatar'>

/** A group under its lock, and what a change of it wants to say. Everything said is appended together, in this order. */
export class GroupScene {
  readonly tx: Tx
  readonly nowMs: number
  readonly group: GroupRow
  readonly timeline: LockedTimeline
  readonly actor: Actor
  /** The actor's own membership; undefined for somebody from outside. */
  readonly self: MemberRow | undefined
  readonly #locked: ReadonlyMap<string, LockedTimeline>
  readonly #countsTips: boolean
  readonly #appends: Append[] = []
  readonly #afterwards: (() => void)[] = []

  constructor(fields: {
    readonly tx: Tx
    readonly nowMs: number
    readonly group: GroupRow
    readonly timeline: LockedTimeline
    readonly actor: Actor
    readonly self: MemberRow | undefined
    readonly locked: ReadonlyMap<string, LockedTimeline>
    readonly countsTips: boolean
  }) {
    this.tx = fields.tx
    this.nowMs = fields.nowMs
    this.group = fields.group
    this.timeline = fields.timeline
    this.actor = fields.actor
    this.self = fields.self
    this.#locked = fields.locked
    this.#countsTips = fields.countsTips
  }

  get appends(): readonly Append[] {
    return this.#appends
  }

  /** The actor's membership. Refuses NOT_A_MEMBER. */
  mustBeMember(): MemberRow {
    if (!this.self) throw new Refused('NOT_A_MEMBER')
    return this.self
  }

  get by(): Person {
    const { userId, nick, avatar } = this.actor
    return { userId, nick, avatar }
  }

  /** Tells everybody in the group. */
  tip(tip: Tip): void {
    this.#appends.push({
      timeline: this.timeline,
      what: { saying: { element: { type: 'tip', tip }, counts: this.#countsTips } },
    })
  }

  /** An entry of the group's own timeline. */
  enter(entry: Entry): void {
    this.#appends.push({ timeline: this.timeline, what: { entry } })
  }

  /** Tells one user, in his conversation with the server. He must be among those concerned, like everybody below. */
  notify(userId: UserId, notice: Pick<Notice, 'op' | 'text' | 'applicationId'> & Partial<Pick<Notice, 'by'>>): void {
    const { groupId, name, type } = this.group
    const element = { type: 'notice' as const, groupId, groupName: name, groupType: type, by: this.by, ...notice }
    this.#appends.push({
      timeline: this.#mustLock(systemTimeline(userId)),
      what: { saying: { element, counts: true } },
    })
  }

  /** An entry of a user's own timeline. */
  enterFor(userId: UserId, entry: Entry): void {
    this.#appends.push({ timeline: this.#mustLock(userTimeline(userId)), what: { entry } })
  }

  /** Runs once it is certain that all this has happened. */
  afterCommit(run: () => void): void {
    this.#afterwards.push(run)
  }

  get afterwards(): readonly (() => void)[] {
    return this.#afterwards
  }

  #mustLock(id: string): LockedTimeline {
    const timeline = this.#locked.get(id)
    // A user whose account went away between being read and being locked: only a restored store does that.
    if (!timeline) throw new Refused('BUSY')
    return timeline
  }
}

export interface GroupChangeDeps {
  readonly db: Db
  readonly directory: ConversationDirectory
  readonly announcer: Announcer
  readonly clock: Clock
  /** Tips raise the members' unread numbers, as TIM's do. */
  readonly countsTips: boolean
}

/** Changes groups: one transaction under the lock of the group's timeline, then the announcements. */
export class GroupChanges {
  readonly #deps: GroupChangeDeps

  constructor(deps: GroupChangeDeps) {
    this.#deps = deps
  }

  /** Refuses NO_SUCH_GROUP, also for one that was dismissed; everything else the change decides. */
  async run<Result>(
    actor: Actor,
    groupId: GroupId,
    concerned: readonly Concerned[],
    change: (scene: GroupScene) => Promise<Result>,
  ): Promise<Result> {
    return this.#run(actor, groupId, concerned, async (scene) => {
      if (scene.group.dismissedAtMs !== null) throw new Refused('NO_SUCH_GROUP')
      return change(scene)
    })
  }

  /** As `run`, for a group that was dismissed, too. */
  runEver<Result>(actor: Actor, groupId: GroupId, change: (scene: GroupScene) => Promise<Result>): Promise<Result> {
    return this.#run(actor, groupId, [], change)
  }

  async #run<Result>(
    actor: Actor,
    groupId: GroupId,
    concerned: readonly Concerned[],
    change: (scene: GroupScene) => Promise<Result>,
  ): Promise<Result> {
    const place = await this.#deps.directory.find(groupConversationId(groupId))
    if (!place) throw new Refused('NO_SUCH_GROUP')
    const { result, appended, afterwards } = await this.#deps.db.transaction(
      (tx) => this.#change(tx, actor, place, concerned, change),
      { retry: true },
    )
    this.#deps.announcer.announceAll(appended)
    for (const run of afterwards) run()
    return result
  }

  async #change<Result>(
    tx: Tx,
    actor: Actor,
    place: ConversationPlace,
    named: readonly Concerned[],
    change: (scene: GroupScene) => Promise<Result>,
  ): Promise<{
    readonly result: Result
    readonly appended: readonly AppendedEntry[]
    readonly afterwards: readonly (() => void)[]
  }> {
    const concerned = distinct(named)
    const begun = concerned.length === 0 ? new Set() : await beginSystemConversations(tx, concerned)
    const [, locked, group, members] = await Promise.all([
      holdLogin(tx, actor),
      lockTimelines(tx, [place.timeline, ...concerned.flatMap(({ id }) => [userTimeline(id), systemTimeline(id)])]),
      readGroup(tx, place.timelineKey),
      readMembers(tx, place.timelineKey, [actor.accountKey]),
    ])
    const timeline = locked.get(place.timeline)
    if (!timeline || !group) throw new Refused('NO_SUCH_GROUP')
    const scene = new GroupScene({
      tx,
      nowMs: this.#deps.clock.now(),
      group,
      timeline,
      actor,
      self: members[0] ?? ownerOfRoom(group, actor),
      locked,
      countsTips: this.#deps.countsTips,
    })
    const result = await change(scene)
    for (const { id } of concerned) {
      if (!begun.has(systemTimeline(id))) continue
      scene.enterFor(id, joinedFromTheBeginning(systemConversationId(id)))
    }
    const appended = await appendAll(tx, scene.appends, scene.nowMs)
    return { result, appended, afterwards: scene.afterwards }
  }
}

/** In a live room nobody is a member; its owner still decides. */
function ownerOfRoom(group: GroupRow, actor: Actor): MemberRow | undefined {
  if (group.type !== 'live' || group.ownerKey !== actor.accountKey) return undefined
  const { accountKey, userId, nick, avatar } = actor
  const nothing = { nameCard: '', joinedOffset: 0, joinedAtMs: group.createdAtMs, mutedUntilMs: 0, custom: [] }
  return { accountKey, userId, nick, avatar, role: 0, ...nothing }
}

/** Each account once, however often it was named. */
function distinct(accounts: readonly Concerned[]): readonly Concerned[] {
  return [...new Map(accounts.map((account) => [account.key, account])).values()]
}
