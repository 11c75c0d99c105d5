import { groupConversationId, type ConversationId, type GroupId, type GroupType, type UserId } from '@hongyan/protocol'
import type { Client } from '../../../client-sdk/src/core/client-api.ts'
import type { SimApp } from './sim-app.ts'

/** What may be done to groups and in them, beside saying something. */
export type GroupOperationKind =
  | 'found'
  | 'invite'
  | 'kick'
  | 'join'
  | 'quit'
  | 'mute'
  | 'muteAll'
  | 'rename'
  | 'setRole'
  | 'transfer'
  | 'card'
  | 'dismiss'
  | 'swap'

/** Ways to be in a group without asking anybody, with history for who comes later and without. */
const TYPES: readonly GroupType[] = ['work', 'public', 'meeting', 'community']
const MAX_GROUPS = 6
/** Longer than any clock of the world is wrong. */
const MUTE_SECONDS = 30 * 86_400

/** The groups of a world, and what people do to them. Whoever may not is refused: that is a part of it. */
export class GroupOperations {
  readonly #users: readonly UserId[]
  readonly #ids: GroupId[] = []

  constructor(users: readonly UserId[]) {
    this.#users = users
  }

  get hasAny(): boolean {
    return this.#ids.length > 0
  }

  conversation(n: number): ConversationId {
    return groupConversationId(this.#idAt(n))
  }

  act(kind: GroupOperationKind, app: SimApp, to: number, n: number): void {
    const { client } = app
    if (kind === 'found') return this.#found(client, app.userId, n)
    if (!this.hasAny) return
    const groupId = this.#idAt(to)
    const userId = this.#userAt(n)
    switch (kind) {
      case 'invite':
        return ignore(client.ask('group.invite', { groupId, userIds: n % 4 === 0 ? [...this.#users] : [userId] }))
      case 'kick':
        return ignore(client.ask('group.kick', { groupId, userIds: [userId] }))
      case 'join':
        return ignore(client.ask('group.join', { groupId }))
      case 'quit':
        return ignore(client.ask('group.quit', { groupId }))
      case 'mute':
        return ignore(client.ask('group.mute', { groupId, userId, seconds: n % 3 === 0 ? 0 : MUTE_SECONDS }))
      case 'muteAll':
        return ignore(client.ask('group.update', { groupId, isMuted: n % 2 === 0 }))
      case 'rename':
        return ignore(client.ask('group.update', { groupId, name: `name ${n}` }))
      case 'setRole':
        return ignore(client.ask('group.setRole', { groupId, userId, role: n % 3 === 0 ? 'member' : 'admin' }))
      case 'transfer':
        return ignore(client.ask('group.transfer', { groupId, userId }))
      case 'card':
        return ignore(client.ask('group.setMember', { groupId, userId: app.userId, nameCard: `card ${n}` }))
      case 'dismiss':
        // Seldom: it is the end of all that can happen there.
        if (n % 3 > 0) return
        return ignore(client.ask('group.dismiss', { groupId }))
      case 'swap':
        return this.#swap(client, groupId, userId)
    }
  }

  #found(client: Client, userId: UserId, n: number): void {
    if (this.#ids.length >= MAX_GROUPS || client.self === undefined) return
    const groupId = `g${this.#ids.length + 1}` as GroupId
    this.#ids.push(groupId)
    const type = TYPES[n % TYPES.length] ?? 'work'
    const others = this.#users.filter((other, index) => other !== userId && (n >> index) % 3 !== 0)
    ignore(
      client.ask('group.create', {
        requestId: client.newClientMsgId(),
        groupId,
        type,
        name: `group ${n}`,
        ...(type === 'public' || type === 'community' ? { joinOption: 'free' } : {}),
        ...(type === 'work' ? {} : { inviteOption: 'free' }),
        members: others.map((other) => ({ userId: other })),
      }),
    )
  }

  /** Out and in again at once: whoever is away meanwhile finds himself a member as before, and is another one. */
  #swap(client: Client, groupId: GroupId, userId: UserId): void {
    ignore(client.ask('group.kick', { groupId, userIds: [userId] }))
    ignore(client.ask('group.update', { groupId, notice: 'meanwhile' }))
    ignore(client.ask('group.invite', { groupId, userIds: [userId] }))
  }

  #idAt(n: number): GroupId {
    return this.#ids[n % this.#ids.length] ?? ('g0' as GroupId)
  }

  #userAt(n: number): UserId {
    return this.#users[n % this.#users.length] ?? ('' as UserId)
  }
}

function ignore(promise: Promise<unknown>): void {
  promise.catch(() => {})
}
