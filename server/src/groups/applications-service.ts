import { LIMITS, Refused, type Group, type Person, type ReplyOf, type RequestOf } from '@hongyan/protocol'
import { groupOfRow } from '../conversations/group-row.ts'
import type { Db } from '../db/db.ts'
import type { Actor } from '../logins/actor.ts'
import { readApplication, readApplicationsFor, type ApplicationRow } from './application-reader.ts'
import type { Concerned, GroupChanges, GroupScene } from './group-change.ts'
import { readMembers } from './group-reader.ts'
import { assertMay } from './group-rules.ts'
import { deleteApplications } from './group-writer.ts'
import { addMembers } from './memberships.ts'

export interface ApplicationsDeps {
  readonly db: Db
  readonly changes: GroupChanges
}

/** Wishes to be in a group, and the answers to them. */
export class ApplicationsService {
  readonly #deps: ApplicationsDeps

  constructor(deps: ApplicationsDeps) {
    this.#deps = deps
  }

  /** What waits for this user's decision. */
  async list(actor: Actor): Promise<ReplyOf<'group.applications'>> {
    const rows = await readApplicationsFor(this.#deps.db, actor.accountKey, LIMITS.applicationsPerPage)
    return { applications: rows.map(applicationOf) }
  }

  /** Lets an applicant in, or not. Refuses ALREADY_DECIDED when somebody was faster. */
  async decide(actor: Actor, request: RequestOf<'group.decide'>): Promise<Group> {
    const key = Number(request.applicationId)
    if (!Number.isSafeInteger(key) || key < 1) throw new Refused('NO_SUCH_APPLICATION')
    const waiting = await readApplication(this.#deps.db, key)
    if (!waiting) throw new Refused('ALREADY_DECIDED')
    const applicant = applicantOf(waiting)
    const inviter = inviterOf(waiting)
    const concerned = inviter ? [applicant, inviter] : [applicant]
    return this.#deps.changes.run(actor, waiting.groupId, concerned, async (scene) => {
      assertMay('decide', scene.group.type, scene.mustBeMember().role)
      // Under the lock now: two leaders who decide at once decide one after the other.
      if (!(await readApplication(scene.tx, key))) throw new Refused('ALREADY_DECIDED')
      const isNew = request.agree && (await letIn(scene, applicant, inviter !== undefined))
      await deleteApplications(scene.tx, scene.group.timelineKey, [applicant.key])
      const text = request.text === undefined ? {} : { text: request.text }
      if (inviter) {
        scene.notify(inviter.id, { op: request.agree ? 'invitation-accepted' : 'invitation-refused', ...text })
      } else scene.notify(applicant.id, { op: request.agree ? 'accepted' : 'refused', ...text })
      return groupOfRow({ ...scene.group, memberCount: scene.group.memberCount + (isNew ? 1 : 0) })
    })
  }
}

/** False when he has become a member in another way. */
async function letIn(scene: GroupScene, applicant: Concerned, isInvited: boolean): Promise<boolean> {
  const { group } = scene
  const members = await readMembers(scene.tx, group.timelineKey, [applicant.key])
  if (members.length > 0) return false
  if (group.memberCount >= group.maxMembers) throw new Refused('GROUP_FULL')
  await addMembers(scene, [applicant], isInvited ? { invited: true, notice: { op: 'invited' } } : { invited: false })
  return true
}

function applicationOf(row: ApplicationRow): ReplyOf<'group.applications'>['applications'][number] {
  const inviter = inviterOf(row)
  return {
    applicationId: String(row.key),
    groupId: row.groupId,
    groupName: row.groupName,
    groupType: row.groupType,
    applicant: personOf(applicantOf(row)),
    ...(inviter ? { inviter: personOf(inviter) } : {}),
    text: row.text,
    atMs: row.atMs,
  }
}

function applicantOf(row: ApplicationRow): Concerned {
  return { key: row.applicantKey, id: row.applicantId, nick: row.applicantNick, avatar: row.applicantAvatar }
}

function inviterOf(row: ApplicationRow): Concerned | undefined {
  if (row.inviterKey === null || row.inviterId === null) return undefined
  return { key: row.inviterKey, id: row.inviterId, nick: row.inviterNick ?? '', avatar: row.inviterAvatar ?? '' }
}

function personOf({ id, nick, avatar }: Concerned): Person {
  return { userId: id, nick, avatar }
}
