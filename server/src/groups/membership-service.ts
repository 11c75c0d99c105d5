import {
  LIMITS,
  Refused,
  type GroupId,
  type ReplyOf,
  type RequestOf,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import type { AccountsService } from '../accounts/accounts-service.ts'
import { groupOfRow, membershipOf, type MemberRow } from '../conversations/group-row.ts'
import type { Db } from '../db/db.ts'
import type { Actor } from '../logins/actor.ts'
import type { Concerned, GroupChanges, GroupScene } from './group-change.ts'
import { readGroupCounts, readLeaders, readMembers, readRestriction } from './group-reader.ts'
import { assertMay, assertOutranks, invitingBy, may } from './group-rules.ts'
import { GROUP_TYPES, type GroupSizes } from './group-types.ts'
import { insertBans, updateOwner, upsertApplications } from './group-writer.ts'
import { addMembers, removeMembers } from './memberships.ts'
import { readPlaceOfGroup } from './group-place.ts'

export interface MembershipDeps {
  readonly db: Db
  readonly accounts: AccountsService
  readonly changes: GroupChanges
  readonly sizes: GroupSizes
  /** Puts a user out of a live room, on whichever node he is. */
  readonly expelFromRoom: (timeline: TimelineId, userId: UserId) => void
}

/** Coming and going: joining, inviting, leaving, removing. */
export class MembershipService {
  readonly #deps: MembershipDeps

  constructor(deps: MembershipDeps) {
    this.#deps = deps
  }

  /** Joins, or asks to, as the group wishes. Live rooms are not joined like this. */
  async join(actor: Actor, { groupId, text = '' }: RequestOf<'group.join'>): Promise<ReplyOf<'group.join'>> {
    const self = selfOf(actor)
    const leaders = await this.#leadersOf(groupId)
    return this.#deps.changes.run(actor, groupId, [self, ...others(leaders, actor)], async (scene) => {
      const { group } = scene
      if (scene.self) {
        return { status: 'member-already', group: groupOfRow(group), self: membershipOf(scene.self) }
      }
      if (!GROUP_TYPES[group.type].isStored) throw new Refused('NOT_FOR_THIS_GROUP')
      if (group.joinOption === 'closed') throw new Refused('JOINING_CLOSED')
      await this.#assertRoom(scene, self.key)
      if (group.joinOption === 'approval') {
        await apply(scene, [self], { inviter: undefined, text, leaders })
        return { status: 'waiting' }
      }
      await addMembers(scene, [self], { invited: false })
      const [member] = await readMembers(scene.tx, group.timelineKey, [self.key])
      if (!member) throw new Error('the member who was just written is not there')
      return {
        status: 'joined',
        group: groupOfRow({ ...group, memberCount: group.memberCount + 1 }),
        self: membershipOf(member),
      }
    })
  }

  /** Again is the same. Refuses OWNER_CANNOT_LEAVE. */
  async quit(actor: Actor, groupId: GroupId): Promise<void> {
    await this.#deps.changes.run(actor, groupId, [selfOf(actor)], async (scene) => {
      const { group, self } = scene
      if (!self) return
      if (!may('quit', group.type, membershipOf(self).role)) throw new Refused('OWNER_CANNOT_LEAVE')
      if (group.ownerKey === actor.accountKey) {
        await updateOwner(scene.tx, group.timelineKey, { from: actor.accountKey, to: null }, scene.nowMs)
      }
      await removeMembers(scene, [selfOf(actor)], { op: 'quit', reason: undefined })
    })
  }

  async invite(actor: Actor, request: RequestOf<'group.invite'>): Promise<ReplyOf<'group.invite'>> {
    const { groupId, text = '' } = request
    const userIds = [...new Set(request.userIds)]
    const accounts = await this.#deps.accounts.find(userIds)
    const known = new Set(accounts.map(({ id }) => id))
    const leaders = await this.#leadersOf(groupId)
    const invited = await this.#deps.changes.run(actor, groupId, [...accounts, ...leaders], async (scene) => {
      const { group } = scene
      const access = invitingBy(scene.mustBeMember().role, group)
      if (access === 'closed' || !GROUP_TYPES[group.type].isStored) throw new Refused('NOT_PERMITTED')
      const members = await readMembers(
        scene.tx,
        group.timelineKey,
        accounts.map(({ key }) => key),
      )
      const already = new Set(members.map(({ accountKey }) => accountKey))
      const coming = accounts.filter(({ key }) => !already.has(key))
      const { welcome, overLimit } = await this.#thereIsRoomFor(scene, coming)
      if (welcome.length > 0 && access === 'free') {
        await addMembers(scene, welcome, { invited: true, notice: { op: 'invited' } })
      } else if (welcome.length > 0) await apply(scene, welcome, { inviter: actor, text, leaders })
      const ids = welcome.map(({ id }) => id)
      return {
        joined: access === 'free' ? ids : [],
        waiting: access === 'free' ? [] : ids,
        already: accounts.filter(({ key }) => already.has(key)).map(({ id }) => id),
        overLimit: overLimit.map(({ id }) => id),
      }
    })
    return { ...invited, unknown: userIds.filter((userId) => !known.has(userId)) }
  }

  /** Removes members; all of them or none. Again is the same. */
  async kick(actor: Actor, request: RequestOf<'group.kick'>): Promise<ReplyOf<'group.kick'>> {
    const { groupId, reason, banSeconds = 0 } = request
    const userIds = [...new Set(request.userIds)]
    if (userIds.includes(actor.userId)) throw new Refused('NOT_TO_ONESELF')
    if (banSeconds > LIMITS.restrictionSeconds) throw new Refused('BAD_GROUP_FIELD', 'banSeconds')
    const accounts = await this.#deps.accounts.find(userIds)
    return this.#deps.changes.run(actor, groupId, accounts, async (scene) => {
      const { group } = scene
      const self = scene.mustBeMember()
      assertMay('kick', group.type, self.role)
      if (!GROUP_TYPES[group.type].isStored) return this.#expel(scene, accounts, { reason, banSeconds })
      const members = await readMembers(
        scene.tx,
        group.timelineKey,
        accounts.map(({ key }) => key),
      )
      for (const member of members) assertOutranks(self, member)
      const keys = members.map(({ accountKey }) => accountKey)
      if (keys.length > 0) await removeMembers(scene, accountsOf(members), { op: 'kicked', reason })
      if (banSeconds > 0 && keys.length > 0) {
        await insertBans(scene.tx, group.timelineKey, keys, scene.nowMs + banSeconds * 1000)
      }
      return { removed: accounts.map(({ id }) => id) }
    })
  }

  /** Out of a live room, where nobody is a member: he may not come back, or he would be back at once. */
  async #expel(
    scene: GroupScene,
    accounts: readonly Concerned[],
    how: { readonly reason: string | undefined; readonly banSeconds: number },
  ): Promise<ReplyOf<'group.kick'>> {
    if (how.banSeconds === 0) throw new Refused('BAD_GROUP_FIELD', 'banSeconds')
    const keys = accounts.map(({ key }) => key)
    await insertBans(scene.tx, scene.group.timelineKey, keys, scene.nowMs + how.banSeconds * 1000)
    for (const { id } of accounts) {
      scene.notify(id, { op: 'banned', ...(how.reason === undefined ? {} : { text: how.reason }) })
      scene.afterCommit(() => this.#deps.expelFromRoom(scene.timeline.id, id))
    }
    return { removed: accounts.map(({ id }) => id) }
  }

  /** Refuses when the group is full, the account is banned, or is in as many groups as it may be. */
  async #assertRoom(scene: GroupScene, accountKey: number): Promise<void> {
    const { group, nowMs, tx } = scene
    const [{ bannedUntilMs }, counts] = await Promise.all([
      readRestriction(tx, group.timelineKey, accountKey),
      readGroupCounts(tx, [accountKey]),
    ])
    if (bannedUntilMs > nowMs) throw new Refused('BANNED_FROM_GROUP')
    if (group.memberCount >= group.maxMembers) throw new Refused('GROUP_FULL')
    if ((counts.get(accountKey) ?? 0) >= this.#deps.sizes.maxGroupsPerUser) throw new Refused('TOO_MANY_GROUPS')
  }

  async #thereIsRoomFor(
    scene: GroupScene,
    coming: readonly Concerned[],
  ): Promise<{ readonly welcome: readonly Concerned[]; readonly overLimit: readonly Concerned[] }> {
    const counts = await readGroupCounts(
      scene.tx,
      coming.map(({ key }) => key),
    )
    const free = Math.max(0, scene.group.maxMembers - scene.group.memberCount)
    const willing = coming.filter(({ key }) => (counts.get(key) ?? 0) < this.#deps.sizes.maxGroupsPerUser)
    const welcome = willing.slice(0, free)
    return { welcome, overLimit: coming.filter((account) => !welcome.includes(account)) }
  }

  /** Read before the lock, to know whose timelines to lock; one who becomes a leader meanwhile finds it in his list. */
  async #leadersOf(groupId: GroupId): Promise<readonly Concerned[]> {
    const timelineKey = await readPlaceOfGroup(this.#deps.db, groupId)
    return timelineKey === undefined ? [] : accountsOf(await readLeaders(this.#deps.db, timelineKey))
  }
}

/** Writes wishes to be in the group, and tells those who decide. */
async function apply(
  scene: GroupScene,
  applicants: readonly Concerned[],
  how: { readonly inviter: Actor | undefined; readonly text: string; readonly leaders: readonly Concerned[] },
): Promise<void> {
  const keys = await upsertApplications(scene.tx, scene.group.timelineKey, {
    applicantKeys: applicants.map(({ key }) => key),
    inviterKey: how.inviter?.accountKey ?? null,
    text: how.text,
    atMs: scene.nowMs,
  })
  for (const applicant of applicants) {
    const applicationId = String(keys.get(applicant.key))
    const by = { userId: applicant.id, nick: applicant.nick, avatar: applicant.avatar }
    for (const leader of how.leaders) {
      scene.notify(leader.id, { op: 'applied', text: how.text, applicationId, by })
    }
  }
}

function selfOf({ accountKey, userId, nick, avatar }: Actor): Concerned {
  return { key: accountKey, id: userId, nick, avatar }
}

function others(accounts: readonly Concerned[], actor: Actor): readonly Concerned[] {
  return accounts.filter(({ key }) => key !== actor.accountKey)
}

function accountsOf(members: readonly MemberRow[]): readonly Concerned[] {
  return members.map(({ accountKey, userId, nick, avatar }) => ({ key: accountKey, id: userId, nick, avatar }))
}
