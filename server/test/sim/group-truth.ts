import type { ConversationId, Entry, GroupType, TimelineId, Tip, UserId } from '@hongyan/protocol'
import { GROUP_TYPES } from '../../src/groups/group-types.ts'
import type { Oracle } from './oracle.ts'

/** What a group was like when it was founded. Everything since is in the log. */
export interface Founding {
  readonly type: GroupType
  readonly name: string
  readonly founderId: UserId
}

/** From where to where in a group's timeline somebody was a member: the entries between the two are his. */
export interface Stay {
  readonly from: number
  /** The entry that ends it, and is not his any more; infinite while he is there. */
  readonly before: number
}

/** What is true of groups, found by walking through the log. */
export class GroupTruth {
  readonly #oracle: Oracle
  readonly #foundings = new Map<ConversationId, Founding>()

  constructor(oracle: Oracle) {
    this.#oracle = oracle
  }

  note(id: ConversationId, founding: Founding): void {
    this.#foundings.set(id, founding)
  }

  isOne(id: ConversationId): boolean {
    return id.startsWith('group:')
  }

  showsHistory(id: ConversationId): boolean {
    const founding = this.#foundings.get(id)
    return founding === undefined || GROUP_TYPES[founding.type].showsHistory
  }

  isDismissed(id: ConversationId): boolean {
    return this.#said(id).some(({ entry }) => entry.kind === 'dismissed')
  }

  /** Every stay of a user in a group, the first one first. */
  stays(id: ConversationId, userId: UserId): readonly Stay[] {
    const ends = this.#said(id).flatMap(({ entry, offset }) => {
      if (entry.kind === 'dismissed') return [offset + 1]
      const tip = tipOf(entry)
      const isOut = (tip?.op === 'quit' || tip?.op === 'kicked') && tip.users.some((one) => one.userId === userId)
      return isOut ? [offset] : []
    })
    const begins = this.#oracle
      .of(`u:${userId}` as TimelineId)
      .flatMap(({ entry }) => (entry.kind === 'joined' && entry.conversationId === id ? [entry.offset] : []))
    return begins.map((from) => ({ from, before: ends.find((end) => end > from) ?? Infinity }))
  }

  /** Whether the entry at this place of a group's timeline was this user's. */
  wasIn(id: ConversationId, userId: UserId, offset: number): boolean {
    return this.stays(id, userId).some(({ from, before }) => offset > from && offset < before)
  }

  /** Whether he may read it now: it was his, or it is from before he came to a group that shows its history. */
  mayRead(id: ConversationId, userId: UserId, offset: number): boolean {
    const isBeforeHim = ({ from }: Stay): boolean => this.showsHistory(id) && offset <= from
    return this.wasIn(id, userId, offset) || this.stays(id, userId).some(isBeforeHim)
  }

  /** The stay that has not ended. */
  stayNow(id: ConversationId, userId: UserId): Stay | undefined {
    return this.stays(id, userId).find(({ before }) => before === Infinity)
  }

  /** Who is in it, of all there are. */
  membersOf(id: ConversationId, users: Iterable<UserId>): readonly UserId[] {
    return [...users].filter((userId) => this.#oracle.conversationsOf(userId).includes(id))
  }

  roleOf(id: ConversationId, userId: UserId): string {
    const stay = this.stayNow(id, userId)
    let role = this.#foundings.get(id)?.founderId === userId && stay?.from === 0 ? 'owner' : 'member'
    for (const tip of this.#tipsOf(id, stay?.from ?? 0)) {
      const isNamed = 'users' in tip && tip.users.some((one) => one.userId === userId)
      if (tip.op === 'joined' && isNamed) role = 'member'
      if (tip.op === 'admin-set' && isNamed) role = 'admin'
      if (tip.op === 'admin-unset' && isNamed) role = 'member'
      if (tip.op !== 'group-changed' || tip.changed.ownerId === undefined) continue
      if (tip.changed.ownerId === userId) role = 'owner'
      else if (role === 'owner') role = 'member'
    }
    return role
  }

  /** Who leaves and comes back may not speak before either; an owner always may. */
  mutedUntilMs(id: ConversationId, userId: UserId): number {
    let untilMs = 0
    for (const { entry } of this.#said(id)) {
      const tip = tipOf(entry)
      if (tip?.op === 'group-changed' && tip.changed.ownerId === userId) untilMs = 0
      if (tip === undefined || !('users' in tip) || !tip.users.some((one) => one.userId === userId)) continue
      if (tip.op === 'members-muted') untilMs = tip.untilMs
      if (tip.op === 'joined' && entry.kind === 'message' && untilMs <= entry.message.sentAtMs) untilMs = 0
    }
    return untilMs
  }

  /** Only owner and admins may speak. */
  isMuted(id: ConversationId): boolean {
    let isMuted = false
    for (const tip of this.#tipsOf(id, 0)) if (tip.op === 'group-changed') isMuted = tip.changed.isMuted ?? isMuted
    return isMuted
  }

  /** The last part of a digest's row. */
  digest(id: ConversationId, userId: UserId): readonly unknown[] {
    let name = this.#foundings.get(id)?.name ?? ''
    for (const tip of this.#tipsOf(id, 0)) if (tip.op === 'group-changed') name = tip.changed.name ?? name
    const everybody = this.membersOf(id, this.#users())
    return [name, everybody.length, this.roleOf(id, userId), this.mutedUntilMs(id, userId)]
  }

  #users(): Iterable<UserId> {
    return this.#oracle.users()
  }

  #tipsOf(id: ConversationId, after: number): readonly Tip[] {
    return this.#said(id).flatMap(({ entry, offset }) => (offset > after ? (tipOf(entry) ?? []) : []))
  }

  #said(id: ConversationId): ReturnType<Oracle['of']> {
    return this.#oracle.of(`c:${id}` as TimelineId)
  }
}

function tipOf(entry: Entry): Tip | undefined {
  if (entry.kind !== 'message') return undefined
  const [element] = entry.message.elements
  return element?.type === 'tip' ? element.tip : undefined
}
