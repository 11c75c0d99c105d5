import { groupConversationId } from '@hongyan/protocol/constants'
import type {
  ConversationId,
  Group,
  GroupId,
  Membership,
  Message,
  ReplyOf,
  UserId,
  VolatileMessage,
} from '@hongyan/protocol'
import { aboutAfter } from './about-rules.ts'
import type { Change } from './client-api.ts'
import { roomConversation, withAbout } from './conversation-rules.ts'
import type { Requests } from './requests.ts'
import type { Store } from './store.ts'

export interface LiveRoomsPorts {
  readonly requests: Requests
  readonly store: Store
  readonly tell: (changes: readonly Change[]) => void
}

/**
 * The live rooms this instance is in. Being in one belongs to the connection: after a loss the room is entered again, and
 * what was said meanwhile was not for us. In the store a room is a conversation that no resume asks for.
 */
export class LiveRooms {
  private readonly ports: LiveRoomsPorts
  private readonly rooms = new Map<ConversationId, GroupId>()

  constructor(ports: LiveRoomsPorts) {
    this.ports = ports
  }

  has(id: ConversationId): boolean {
    return this.rooms.has(id)
  }

  /** The server has let this session in. */
  enter({ group, self, offset = 0 }: ReplyOf<'group.join'>): void {
    if (group?.type !== 'live') return
    const id = groupConversationId(group.groupId)
    this.rooms.set(id, group.groupId)
    this.ports.store.put(roomConversation(id, group, self ?? this.selfIn(group), offset))
    this.tellOf(id)
  }

  /** The user is no longer in it. */
  leave(groupId: GroupId): void {
    const id = groupConversationId(groupId)
    const kept = this.ports.store.get(id)
    if (!this.rooms.delete(id) || kept === undefined) return
    this.ports.store.drop(id)
    this.ports.tell([
      { kind: 'left', conversation: kept.seen },
      { kind: 'groups', ids: [id] },
    ])
  }

  /** It is gone already. */
  forget(id: ConversationId): void {
    this.rooms.delete(id)
  }

  /** There is a new session: into every room again. One that does not let the user in is left. */
  enterAgain(): void {
    for (const groupId of this.rooms.values()) {
      this.ports.requests.ask('group.join', { groupId }, (outcome) => {
        if (outcome.ok) this.enter(outcome.body)
        else if (outcome.isFinal) this.leave(groupId)
      })
    }
  }

  /** A tip changes what is known of the room. */
  onVolatile({ conversationId, elements, sentAtMs }: VolatileMessage): void {
    const kept = this.rooms.has(conversationId) ? this.ports.store.get(conversationId) : undefined
    if (kept === undefined) return
    const about = aboutAfter(kept.seen.about, { elements, sentAtMs } as Message, this.ports.store.me)
    if (about === kept.seen.about) return
    this.ports.store.put(withAbout(kept, about))
    this.tellOf(conversationId)
  }

  /** The server tells the user that he may not be in a room any more. */
  onMessages(messages: readonly Message[]): void {
    for (const { elements } of messages) {
      for (const element of elements) {
        if (element.type === 'notice' && element.op === 'banned') this.leave(element.groupId)
      }
    }
  }

  private selfIn({ ownerId }: Group): Membership {
    const me: UserId = this.ports.store.me
    return {
      role: ownerId === me ? 'owner' : 'member',
      ...{ nameCard: '', joinedAtMs: 0, mutedUntilMs: 0, custom: [] },
    }
  }

  private tellOf(id: ConversationId): void {
    this.ports.tell([
      { kind: 'conversations', ids: [id], isSyncComplete: true },
      { kind: 'groups', ids: [id] },
    ])
  }
}
