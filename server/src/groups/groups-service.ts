import {
  conversationTimeline,
  groupConversationId,
  Refused,
  systemConversationId,
  userTimeline,
  type Group,
  type GroupChange,
  type GroupId,
  type GroupType,
  type Membership,
  type ReplyOf,
  type RequestOf,
} from '@hongyan/protocol'
import type { AccountsService } from '../accounts/accounts-service.ts'
import { groupOfRow, membershipOf, type GroupRow } from '../conversations/group-row.ts'
import { beginSystemConversations, systemTimeline } from '../conversations/notice-writer.ts'
import { StatementFailed, type Db, type Tx } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import type { Actor } from '../logins/actor.ts'
import { holdLogin } from '../logins/login-reader.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { appendAll } from '../timelines/log-writer.ts'
import { lockTimelines, type AppendedEntry } from '../timelines/timeline-writer.ts'
import { GroupScene, type Concerned, type GroupChanges } from './group-change.ts'
import type { GroupDisbander } from './group-disbander.ts'
import { readGroup, readGroupCounts, readGroupMadeBy, readGroupsById, readMembers } from './group-reader.ts'
import { assertCustomFields, assertCustomId, assertFields, assertMay, makeGroupId } from './group-rules.ts'
import { GROUP_TYPES } from './group-types.ts'
import {
  insertGroup,
  insertGroupTimeline,
  insertMembers,
  markDismissed,
  updateGroup,
  updateOwner,
  type NewGroup,
} from './group-writer.ts'
import { addMembers } from './memberships.ts'

/** How large groups may be, and how many a user may be in. */
export interface GroupSizes {
  readonly maxMembers: Readonly<Record<GroupType, number>>
  readonly maxGroupsPerUser: number
}

export interface GroupsDeps {
  readonly db: Db
  readonly accounts: AccountsService
  readonly changes: GroupChanges
  readonly disbander: GroupDisbander
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

interface GroupAndSelf {
  readonly group: Group
  readonly self?: Membership
}

/** Founds groups, shows them, changes them, and ends them. */
export class GroupsService {
  readonly #deps: GroupsDeps

  constructor(deps: GroupsDeps) {
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

  /** What anybody may see of these groups. */
  async find(actor: Actor, groupIds: readonly GroupId[]): Promise<Group[]> {
    const rows = await readGroupsById(this.#deps.db, groupIds, actor.accountKey)
    return rows.filter((row) => row.isMember || GROUP_TYPES[row.type].isFound).map(groupOfRow)
  }

  async update(actor: Actor, request: RequestOf<'group.update'>): Promise<GroupAndSelf> {
    const { groupId, ...wanted } = request
    return this.#deps.changes.run(actor, groupId, [], async (scene) => {
      const { group } = scene
      const self = scene.mustBeMember()
      const { isMuted, ...fields } = wanted
      if (Object.values(fields).some((value) => value !== undefined)) assertMay('edit', group.type, self.role)
      if (isMuted !== undefined) assertMay('mute-all', group.type, self.role)
      assertFields(group.type, fields)
      const changed = whatChanges(group, wanted)
      if (changed.custom) assertCustomFields(changed.custom)
      if (Object.keys(changed).length > 0) {
        await updateGroup(scene.tx, group.timelineKey, changed, scene.nowMs)
        scene.tip({ op: 'group-changed', by: scene.by, changed })
      }
      return { group: groupOfRow({ ...group, ...changed }), self: membershipOf(self) }
    })
  }

  /** Ends the group at once; its members are told bit by bit. */
  async dismiss(actor: Actor, groupId: GroupId): Promise<void> {
    await this.#deps.changes.runEver(actor, groupId, async (scene) => {
      // Asked again: it is done.
      if (scene.group.dismissedAtMs !== null && scene.group.ownerKey === actor.accountKey) return
      if (scene.group.dismissedAtMs !== null) throw new Refused('NO_SUCH_GROUP')
      assertMay('dismiss', scene.group.type, scene.mustBeMember().role)
      await markDismissed(scene.tx, scene.group.timelineKey, scene.nowMs)
      scene.enter({ kind: 'dismissed', by: scene.by })
    })
    await this.#deps.disbander.disband(groupConversationId(groupId))
  }

  async transfer(actor: Actor, groupId: GroupId, userId: Actor['userId']): Promise<GroupAndSelf> {
    if (userId === actor.userId) throw new Refused('NOT_TO_ONESELF')
    const [heir] = await this.#deps.accounts.find([userId])
    return this.#deps.changes.run(actor, groupId, heir ? [heir] : [], async (scene) => {
      const { group } = scene
      const self = scene.mustBeMember()
      // Asked again: it is done.
      if (group.ownerId === userId) return { group: groupOfRow(group), self: membershipOf(self) }
      assertMay('transfer', group.type, self.role)
      const [member] = heir ? await readMembers(scene.tx, group.timelineKey, [heir.key]) : []
      if (!member) throw new Refused('NO_SUCH_MEMBER')
      const owner = { from: actor.accountKey, to: member.accountKey }
      await updateOwner(scene.tx, group.timelineKey, owner, scene.nowMs)
      scene.tip({ op: 'group-changed', by: scene.by, changed: { ownerId: userId } })
      return { group: groupOfRow({ ...group, ownerId: userId }), self: membershipOf({ ...self, role: 2 }) }
    })
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
      const conversationId = systemConversationId(id)
      if (begun.has(systemTimeline(id))) scene.enterFor(id, { kind: 'joined', conversationId, ...BEGINNING })
    }
    const conversationId = groupConversationId(group.groupId)
    // Into a live room its founder comes like everybody: by joining it.
    if (isStored) scene.enterFor(founder.id, { kind: 'joined', conversationId, ...BEGINNING })
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
  async #madeBefore(actor: Actor, requestId: string): Promise<Required<GroupAndSelf> | undefined> {
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
const BEGINNING = { offset: 0, seq: 0, countable: 0 } as const

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

/** Only what has another value now; custom fields that are not named stay. */
export function whatChanges(group: GroupRow, wanted: Omit<RequestOf<'group.update'>, 'groupId'>): GroupChange {
  const { custom, ...plain } = wanted
  const changed = Object.entries(plain).filter(
    ([name, value]) => value !== undefined && value !== group[name as keyof typeof plain],
  )
  const merged = custom && mergeFields(group.custom, custom)
  const isCustomChanged = merged && JSON.stringify(merged) !== JSON.stringify(group.custom)
  return { ...Object.fromEntries(changed), ...(isCustomChanged ? { custom: merged } : {}) }
}

/** Fields by key: the later value counts, an empty one stays as empty. */
export function mergeFields(known: Group['custom'], named: Group['custom']): Group['custom'] {
  const fields = new Map([...known, ...named].map(({ key, value }) => [key, value]))
  return [...fields].map(([key, value]) => ({ key, value }))
}
