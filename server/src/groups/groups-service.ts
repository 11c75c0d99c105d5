import {
  groupConversationId,
  Refused,
  type Group,
  type GroupId,
  type Membership,
  type RequestOf,
} from '@hongyan/protocol'
import type { AccountsService } from '../accounts/accounts-service.ts'
import { groupOfRow, membershipOf } from '../conversations/group-row.ts'
import type { Db } from '../db/db.ts'
import type { Actor } from '../logins/actor.ts'
import type { GroupChanges } from './group-change.ts'
import type { GroupDisbander } from './group-disbander.ts'
import { whatChanges } from './group-fields.ts'
import { readGroupsById, readMembers } from './group-reader.ts'
import { assertCustomFields, assertFields, assertMay } from './group-rules.ts'
import { GROUP_TYPES } from './group-types.ts'
import { markDismissed, updateGroup, updateOwner } from './group-writer.ts'

export interface GroupsDeps {
  readonly db: Db
  readonly accounts: AccountsService
  readonly changes: GroupChanges
  readonly disbander: GroupDisbander
}

interface GroupAndSelf {
  readonly group: Group
  readonly self?: Membership
}

/** Shows groups, changes them, and ends them. */
export class GroupsService {
  readonly #deps: GroupsDeps

  constructor(deps: GroupsDeps) {
    this.#deps = deps
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
}
