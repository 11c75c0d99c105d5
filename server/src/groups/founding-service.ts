import {
  conversationTimeline,
  groupConversationId,
  Refused,
  systemConversationId,
  userTimeline,
  type Group,
  type GroupId,
  type Membership,
  type ReplyOf,
  type RequestOf,
} from '@hongyan/protocol'
import type { AccountsService } from '../accounts/accounts-service.ts'
import { joinedFromTheBeginning } from '../conversations/beginning.ts'
import { groupOfRow, membershipOf } from '../conversations/group-row.ts'
import { beginSystemConversations, systemTimeline } from '../conversations/notice-writer.ts'
import { StatementFailed, type Db, type Tx } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import type { Actor } from '../logins/actor.ts'
import { holdLogin } from '../logins/login-reader.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { appendAll } from '../timelines/log-writer.ts'
import { lockTimelines, type AppendedEntry } from '../timelines/timeline-writer.ts'
import { GroupScene, type Concerned } from './group-change.ts'
import { mergeFields } from './group-fields.ts'
import { readGroup, readGroupCounts, readGroupMadeBy, readGroupsById, readMembers } from './group-reader.ts'
import { assertCustomId, assertFields, makeGroupId } from './group-rules.ts'
import { GROUP_TYPES, type GroupSizes } from './group-types.ts'
import { insertGroup, insertGroupTimeline, insertMembers, type NewGroup } from './group-writer.ts'
import { addMembers } from './memberships.ts'

export interface FoundingDeps {
  readonly db: Db
  readonly accounts: AccountsService
  readonly announcer: Announcer
  readonly clock: Clock
  readonly random: Random
  readonly sizes: GroupSizes
  readonly countsTips: boolean
}

/** A group that was founded, and what has to be announced of it. */
interface Made {
  readonly group: Group
  readonly self: Membership
  readonly appended: readonly AppendedEntry[]
}

/** Founds groups. */
export class FoundingService {
  readonly #deps: FoundingDeps

  constructor(deps: FoundingDeps) {
    this.#deps = deps
  }

  async create(actor: Actor, request: RequestOf<'group.create'>): Promise<ReplyOf<'group.create'>> {
    assertFields(request.type, request)
    if (request.groupId !== undefined) assertCustomId(request.type, request.groupId)
    const maxMembers = this.#sizeOf(request)
    const { invited, overLimit } = await this.#invited(actor, request, maxMembers)
    const founder: Concerned = { key: actor.accountKey, id: actor.userId, nick: actor.nick, avatar: actor.avatar }
    const before = await this.#madeBefore(actor, request.requestId)
    if (before) return { ...before, overLimit: [...overLimit] }
    for (let tries = 0; ; tries++) {
      const groupId = request.groupId ?? (makeGroupId(request.type, (limit) => this.#below(limit)) as GroupId)
      const group = newGroup(actor, groupId, request, maxMembers, this.#deps.clock.now())
      const made = await this.#deps.db
        .transaction((tx) => this.#create(tx, actor, founder, group, invited), { retry: true })
        .catch((err: unknown) => this.#madeMeanwhile(actor, request.requestId, err))
      if (made) {
        this.#deps.announcer.announceAll(made.appended)
        return { group: made.group, self: made.self, overLimit: [...overLimit] }
      }
      if (request.groupId !== undefined || tries > MAX_TRIES) throw await this.#taken(actor, groupId)
    }
  }

  #sizeOf({ type, maxMembers }: RequestOf<'group.create'>): number {
    const most = this.#deps.sizes.maxMembers[type]
    if (maxMembers !== undefined && maxMembers > most) throw new Refused('TOO_MANY_MEMBERS')
    return maxMembers ?? most
  }

  /** Who is in from the beginning: as many as there is room for, and who may be in one more group. */
  async #invited(
    actor: Actor,
    { type, members = [] }: RequestOf<'group.create'>,
    maxMembers: number,
  ): Promise<{
    readonly invited: readonly (Concerned & { readonly role: number; readonly custom: unknown })[]
    readonly overLimit: readonly Actor['userId'][]
  }> {
    const { maxGroupsPerUser } = this.#deps.sizes
    const named = new Map(members.filter(({ userId }) => userId !== actor.userId).map((one) => [one.userId, one]))
    // In a live room nobody is from the beginning: one joins to hear (tim-semantics §4.10).
    const accounts = GROUP_TYPES[type].isStored ? await this.#deps.accounts.find([...named.keys()]) : []
    const counts = await readGroupCounts(this.#deps.db, [actor.accountKey, ...accounts.map(({ key }) => key)])
    if ((counts.get(actor.accountKey) ?? 0) >= maxGroupsPerUser) throw new Refused('TOO_MANY_GROUPS')
    const byId = new Map(accounts.map((account) => [account.id, account]))
    const willing = [...named.values()].flatMap(({ userId, role, custom = [] }) => {
      const account = byId.get(userId)
      if (!account || (counts.get(account.key) ?? 0) >= maxGroupsPerUser) return []
      return [
        { ...account, role: role === 'admin' && GROUP_TYPES[type].hasAdmins ? 1 : 2, custom: mergeFields([], custom) },
      ]
    })
    const invited = willing.slice(0, maxMembers - 1)
    return { invited, overLimit: willing.slice(maxMembers - 1).map(({ id }) => id) }
  }

  /** Undefined when the id is taken. */
  async #create(
    tx: Tx,
    actor: Actor,
    founder: Concerned,
    group: NewGroup,
    invited: readonly (Concerned & { readonly role: number; readonly custom: unknown })[],
  ): Promise<Made | undefined> {
    const { clock, countsTips } = this.#deps
    const concerned = [founder, ...invited]
    const timeline = conversationTimeline(groupConversationId(group.groupId))
    const key = await insertGroupTimeline(tx, timeline)
    if (key === undefined) return undefined
    const begun = await beginSystemConversations(tx, concerned)
    const [, locked] = await Promise.all([
      holdLogin(tx, actor),
      lockTimelines(tx, [timeline, ...concerned.flatMap(({ id }) => [userTimeline(id), systemTimeline(id)])]),
      insertGroup(tx, key, group),
    ])
    const [row, own] = [await readGroup(tx, key), locked.get(timeline)]
    if (!row || !own) throw new Error('the group that was just written is not there')
    const scene = new GroupScene({
      tx,
      nowMs: clock.now(),
      group: { ...row, memberCount: 1 },
      timeline: own,
      actor,
      self: undefined,
      locked,
      countsTips,
    })
    const { isStored } = GROUP_TYPES[group.type]
    if (isStored) {
      await insertMembers(tx, own, [{ accountKey: founder.key, role: 0, custom: [] }], {
        showsHistory: true,
        nowMs: scene.nowMs,
      })
    }
    for (const { id } of concerned) {
      if (begun.has(systemTimeline(id))) scene.enterFor(id, joinedFromTheBeginning(systemConversationId(id)))
    }
    // Into a live room its founder comes like everybody: by joining it.
    if (isStored) scene.enterFor(founder.id, joinedFromTheBeginning(groupConversationId(group.groupId)))
    scene.notify(founder.id, { op: 'created' })
    if (invited.length > 0) await addMembers(scene, invited, { invited: true, notice: { op: 'invited' } })
    const appended = await appendAll(tx, scene.appends, scene.nowMs)
    const memberCount = isStored ? 1 + invited.length : 0
    return {
      group: groupOfRow({ ...row, memberCount }),
      self: founderOf(scene.nowMs),
      appended,
    }
  }

  /** A request that is sent again after a lost connection gets the group that it has made already. */
  async #madeBefore(actor: Actor, requestId: string): Promise<Omit<Made, 'appended'> | undefined> {
    const row = await readGroupMadeBy(this.#deps.db, actor.accountKey, requestId)
    if (!row) return undefined
    const [self] = await readMembers(this.#deps.db, row.timelineKey, [actor.accountKey])
    // In a live room nobody is a member, and he may have left another one since: he has founded it all the same.
    return { group: groupOfRow(row), self: self ? membershipOf(self) : founderOf(row.createdAtMs) }
  }

  /** The same request was quicker on another connection. */
  async #madeMeanwhile(actor: Actor, requestId: string, err: unknown): Promise<Made> {
    if (!(err instanceof StatementFailed) || err.constraint !== 'group_founded_once') throw err
    const before = await this.#madeBefore(actor, requestId)
    if (!before) throw err
    return { ...before, appended: [] }
  }

  async #taken(actor: Actor, groupId: GroupId): Promise<Refused> {
    const [row] = await readGroupsById(this.#deps.db, [groupId], actor.accountKey)
    return new Refused(row?.ownerKey === actor.accountKey ? 'GROUP_ID_TAKEN_BY_YOU' : 'GROUP_ID_TAKEN')
  }

  #below(limit: number): number {
    return Math.floor(this.#deps.random.fraction() * limit)
  }
}

/** Two ids that the server made are the same by a chance of 1 : 10^18; more than twice it is no chance. */
const MAX_TRIES = 2

function founderOf(joinedAtMs: number): Membership {
  return membershipOf({ role: 0, nameCard: '', joinedAtMs, mutedUntilMs: 0, custom: [] })
}

function newGroup(
  actor: Actor,
  groupId: GroupId,
  request: RequestOf<'group.create'>,
  maxMembers: number,
  atMs: number,
): NewGroup {
  const rules = GROUP_TYPES[request.type]
  return {
    groupId,
    type: request.type,
    name: request.name,
    avatar: request.avatar ?? '',
    introduction: request.introduction ?? '',
    notice: request.notice ?? '',
    ownerKey: actor.accountKey,
    maxMembers,
    joinOption: request.joinOption ?? rules.joinOption,
    inviteOption: request.inviteOption ?? rules.inviteOption,
    custom: mergeFields([], request.custom ?? []),
    requestId: request.requestId,
    atMs,
  }
}
