import {
  groupConversationId,
  LIMITS,
  Refused,
  type GroupId,
  type Member,
  type ReplyOf,
  type RequestOf,
  type TimelineId,
  type Tip,
  type UserId,
} from '@hongyan/protocol'
import type { AccountsService } from '../accounts/accounts-service.ts'
import type { ConversationDirectory } from '../conversations/conversation-directory.ts'
import { membershipOf, type MemberRow } from '../conversations/group-row.ts'
import { roleNumber } from '../conversations/role-rules.ts'
import type { Db } from '../db/db.ts'
import type { Actor } from '../logins/actor.ts'
import type { Presence } from '../presence/presence.ts'
import type { Concerned, GroupChanges, GroupScene } from './group-change.ts'
import {
  memberOf,
  readGroup,
  readMemberIds,
  readMemberPage,
  readMembers,
  readMembersById,
  type MemberPlace,
} from './group-reader.ts'
import { assertCustomFields, assertMay, assertNameCard, assertOutranks } from './group-rules.ts'
import { GROUP_TYPES } from './group-types.ts'
import { updateMember, updateMute, updateRole, upsertRoomMute } from './group-writer.ts'
import { mergeFields } from './group-fields.ts'
import { peopleOf } from './people.ts'

export interface MembersDeps {
  readonly db: Db
  readonly accounts: AccountsService
  readonly directory: ConversationDirectory
  readonly presence: Presence
  readonly changes: GroupChanges
  /** Tells the visitors of a live room, which has no members to tell. */
  readonly tellRoom: (timeline: TimelineId, tip: Tip) => void
}

/** Members counted at most when it is asked who is online. */
const MAX_COUNTED = 20_000

/** The members of groups: their roles, their names there, whether they may speak; and who they are. */
export class MembersService {
  readonly #deps: MembersDeps

  constructor(deps: MembersDeps) {
    this.#deps = deps
  }

  async setRole(actor: Actor, { groupId, userId, role }: RequestOf<'group.setRole'>): Promise<Member> {
    if (userId === actor.userId) throw new Refused('NOT_TO_ONESELF')
    return this.#changeOther(actor, groupId, userId, async (scene, self, target) => {
      const { group } = scene
      assertMay('set-role', group.type, self.role)
      if (role === 'owner' || (role === 'admin' && !GROUP_TYPES[group.type].hasAdmins)) throw new Refused('BAD_ROLE')
      assertOutranks(self, target)
      if (roleNumber(role) === target.role) return target
      await updateRole(scene.tx, group.timelineKey, target.accountKey, roleNumber(role))
      const op = role === 'admin' ? ('admin-set' as const) : ('admin-unset' as const)
      scene.tip({ op, by: scene.by, users: peopleOf([accountOf(target)]) })
      scene.notify(userId, { op })
      return { ...target, role: roleNumber(role) }
    })
  }

  async mute(actor: Actor, { groupId, userId, seconds }: RequestOf<'group.mute'>): Promise<Member> {
    if (userId === actor.userId) throw new Refused('NOT_TO_ONESELF')
    if (seconds > LIMITS.restrictionSeconds) throw new Refused('BAD_GROUP_FIELD', 'seconds')
    const [account] = await this.#deps.accounts.find([userId])
    if (!account) throw new Refused('NO_SUCH_MEMBER')
    return this.#deps.changes.run(actor, groupId, [], async (scene) => {
      const { group, tx, nowMs } = scene
      const self = scene.mustBeMember()
      assertMay('mute-member', group.type, self.role)
      const untilMs = seconds === 0 ? 0 : nowMs + seconds * 1000
      const tip = { op: 'members-muted', by: scene.by, users: peopleOf([account]), untilMs, seconds } as const
      if (!GROUP_TYPES[group.type].isStored) {
        await upsertRoomMute(tx, group.timelineKey, account.key, untilMs)
        scene.afterCommit(() => this.#deps.tellRoom(scene.timeline.id, tip))
        return visitorOf(account, untilMs)
      }
      const [target] = await readMembers(tx, group.timelineKey, [account.key])
      if (!target) throw new Refused('NO_SUCH_MEMBER')
      assertOutranks(self, target)
      if (untilMs === 0 && target.mutedUntilMs <= nowMs) return memberOf(target)
      await updateMute(tx, group.timelineKey, target.accountKey, untilMs)
      scene.tip(tip)
      return memberOf({ ...target, mutedUntilMs: untilMs })
    })
  }

  /** His own, by anybody; another's by those who may and outrank him. */
  async setMember(actor: Actor, request: RequestOf<'group.setMember'>): Promise<Member> {
    const { groupId, userId, nameCard, custom } = request
    if (nameCard !== undefined) assertNameCard(nameCard)
    return this.#changeOther(actor, groupId, userId, async (scene, self, target) => {
      const { group } = scene
      if (userId !== actor.userId) {
        assertMay('edit-member', group.type, self.role)
        assertOutranks(self, target)
      }
      const changed = {
        nameCard: nameCard ?? target.nameCard,
        custom: custom ? mergeFields(target.custom, custom) : target.custom,
      }
      if (custom) assertCustomFields(changed.custom)
      const after = { ...target, ...changed }
      if (JSON.stringify(memberOf(after)) === JSON.stringify(memberOf(target))) return target
      await updateMember(scene.tx, group.timelineKey, target.accountKey, changed)
      const conversationId = groupConversationId(groupId)
      scene.enterFor(userId, { kind: 'membership', conversationId, self: membershipOf(after) })
      return after
    })
  }

  async list(actor: Actor, request: RequestOf<'group.members'>): Promise<ReplyOf<'group.members'>> {
    const timelineKey = await this.#mustBeIn(actor, request.groupId)
    const rows = await readMemberPage(this.#deps.db, timelineKey, {
      after: placeAfter(request.after),
      role: request.role,
      limit: request.limit + 1,
    })
    const page = rows.slice(0, request.limit)
    const last = page.at(-1)
    return { members: page.map(memberOf), ...(rows.length > page.length && last ? { next: textOf(last) } : {}) }
  }

  async find(actor: Actor, groupId: GroupId, userIds: readonly UserId[]): Promise<Member[]> {
    const timelineKey = await this.#mustBeIn(actor, groupId)
    return (await readMembersById(this.#deps.db, timelineKey, userIds)).map(memberOf)
  }

  /** Members with a session now; a hint, like all presence. */
  async onlineCount(actor: Actor, groupId: GroupId): Promise<number> {
    const timelineKey = await this.#mustBeIn(actor, groupId)
    const ids = await readMemberIds(this.#deps.db, timelineKey, MAX_COUNTED)
    return (await this.#deps.presence.whereabouts(ids)).size
  }

  async #changeOther(
    actor: Actor,
    groupId: GroupId,
    userId: UserId,
    change: (scene: GroupScene, self: MemberRow, target: MemberRow) => Promise<MemberRow>,
  ): Promise<Member> {
    const [account] = await this.#deps.accounts.find([userId])
    const changed = await this.#deps.changes.run(actor, groupId, account ? [account] : [], async (scene) => {
      const self = scene.mustBeMember()
      const [target] = account ? await readMembers(scene.tx, scene.group.timelineKey, [account.key]) : []
      if (!target) throw new Refused('NO_SUCH_MEMBER')
      return change(scene, self, target)
    })
    return memberOf(changed)
  }

  /** The key of the group's timeline. Refuses NOT_A_MEMBER, also for a group that does not exist. */
  async #mustBeIn(actor: Actor, groupId: GroupId): Promise<number> {
    const place = await this.#deps.directory.find(groupConversationId(groupId))
    if (!place) throw new Refused('NOT_A_MEMBER')
    const [[self], group] = await Promise.all([
      readMembers(this.#deps.db, place.timelineKey, [actor.accountKey]),
      readGroup(this.#deps.db, place.timelineKey),
    ])
    if (!self || !group || group.dismissedAtMs !== null) throw new Refused('NOT_A_MEMBER')
    return place.timelineKey
  }
}

/** Of a live room's visitors nothing is kept but until when they may not speak. */
function visitorOf({ id, nick, avatar }: Concerned, mutedUntilMs: number): Member {
  return { userId: id, nick, avatar, role: 'member', nameCard: '', joinedAtMs: 0, mutedUntilMs, custom: [] }
}

function accountOf({ accountKey, userId, nick, avatar }: MemberRow): Concerned {
  return { key: accountKey, id: userId, nick, avatar }
}

function textOf({ role, joinedOffset, accountKey }: MemberRow): string {
  return `${role}.${joinedOffset}.${accountKey}`
}

function placeAfter(text: string | undefined): MemberPlace {
  if (text === undefined) return { role: -1, joinedOffset: 0, accountKey: 0 }
  const [role, joinedOffset, accountKey] = text.split('.').map(Number)
  const isPlace = [role, joinedOffset, accountKey].every((part) => Number.isSafeInteger(part))
  if (!isPlace || role === undefined || joinedOffset === undefined || accountKey === undefined) {
    throw new Refused('BAD_REQUEST')
  }
  return { role, joinedOffset, accountKey }
}
