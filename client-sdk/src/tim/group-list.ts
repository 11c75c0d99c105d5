import { parseGroupId, groupConversationId } from '@hongyan/protocol/constants'
import type { About, ConversationId, Group as OurGroup, GroupId, Membership, UserId } from '@hongyan/protocol'
import type { Client, Conversation as OurConversation } from '../core/client-api.ts'
import { Group, updateFromConversation, updateGroup, updateSelfInfo } from './mapping/group.ts'
import type { UrlOf } from './mapping/element.ts'
import { lastMessageOf } from './mapping/last-message.ts'

type GroupConversation = OurConversation & { readonly about: Extract<About, { type: 'group' }> }

/** The application's group objects, kept in step with the client's. */
export class GroupList {
  private readonly client: Client
  private readonly objects = new Map<ConversationId, Group>()
  /** Also those whose conversation the user has removed from his list: he is a member all the same. */
  private readonly known = new Set<ConversationId>()

  constructor(client: Client) {
    this.client = client
  }

  /** The client has told of these conversations. */
  note(ids: readonly ConversationId[]): void {
    for (const id of ids) if (this.client.conversation(id)?.about.type === 'group') this.known.add(id)
  }

  /** All of the user's groups but live rooms, which TIM does not list. */
  all(): Group[] {
    this.note(this.client.conversations().map(({ conversationId }) => conversationId))
    const groups: Group[] = []
    for (const id of this.known) {
      const ours = this.client.conversation(id)
      if (ours && isGroup(ours) && ours.about.group.type !== 'live') groups.push(this.objectOf(ours))
    }
    return groups
  }

  /** The live rooms the user is in. */
  liveRooms(): OurGroup[] {
    return [...this.known].flatMap((id) => {
      const about = this.client.conversation(id)?.about
      return about?.type === 'group' && about.group.type === 'live' ? [about.group] : []
    })
  }

  /** Whether this is a live room that the user is in. */
  isLiveRoom(id: ConversationId): boolean {
    const about = this.client.conversation(id)?.about
    return about?.type === 'group' && about.group.type === 'live'
  }

  /** The group, if the user is in it. */
  get(groupId: GroupId): Group | undefined {
    const ours = this.client.conversation(groupConversationId(groupId))
    return ours && isGroup(ours) ? this.objectOf(ours) : undefined
  }

  /** The group, or one of which nothing is known but its id. */
  getOrEmpty(groupId: GroupId): Group {
    return this.get(groupId) ?? this.make(groupId)
  }

  /** What the client knows of a group the user is in. */
  ours(groupID: string): OurGroup | undefined {
    const groupId = parseGroupId(groupID)
    const about = groupId && this.client.conversation(groupConversationId(groupId))?.about
    return about?.type === 'group' ? about.group : undefined
  }

  /** What the server has just said of a group: on the object the application holds, or on a new one. */
  adopt(ours: OurGroup, self?: Membership): Group {
    const id = groupConversationId(ours.groupId)
    const group = this.get(ours.groupId) ?? this.objects.get(id) ?? this.make(ours.groupId)
    updateGroup(group, ours)
    if (self) {
      // The entry that makes the user a member is on its way: it shall find this object.
      this.objects.set(id, group)
      updateSelfInfo(group, self)
    }
    return group
  }

  /** The object for a conversation with a group, up to date. */
  objectOfConversation(ours: OurConversation): Group | undefined {
    return isGroup(ours) ? this.objectOf(ours) : undefined
  }

  /** The user is no longer in it. Its conversation may still be shown, so the object stays. */
  remove(id: ConversationId): void {
    this.known.delete(id)
  }

  clear(): void {
    this.objects.clear()
    this.known.clear()
  }

  private objectOf(ours: GroupConversation): Group {
    const { conversationId, about } = ours
    const group = this.objects.get(conversationId) ?? this.make(about.group.groupId)
    this.objects.set(conversationId, group)
    // Until its state is fetched the client knows no more than the id; the reply to a call may have told more.
    if (about.group.createdAtMs > 0) {
      updateGroup(group, about.group)
      updateSelfInfo(group, about.self)
    }
    const urlOf: UrlOf = (...file) => this.client.mediaUrl(...file)
    updateFromConversation(group, ours, lastMessageOf(ours, this.me(), urlOf))
    return group
  }

  private make(groupId: GroupId): Group {
    return new Group(groupId, this.me())
  }

  private me(): UserId | '' {
    return this.client.self?.userId ?? ''
  }
}

function isGroup(ours: OurConversation): ours is GroupConversation {
  return ours.about.type === 'group'
}
