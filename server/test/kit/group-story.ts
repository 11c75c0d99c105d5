import type { Entry, GroupId, GroupType, Offset, ReplyOf, TimelineId } from '@hongyan/protocol'
import { conversationTimeline, groupConversationId } from '@hongyan/protocol'
import { until } from './until.ts'
import { WireClient } from './wire-client.ts'
import type { World } from './world.ts'

let requests = 0

/** A name for a request that must be told from others. */
export function nextId(): string {
  return `r${++requests}-${Date.now()}`
}

/** A user on one device, who has taken his snapshot and hears everything. */
export class Listener {
  readonly userId: string
  readonly wire: WireClient
  readonly snapshot: ReplyOf<'sync.snapshot'>

  private constructor(userId: string, wire: WireClient, snapshot: ReplyOf<'sync.snapshot'>) {
    this.userId = userId
    this.wire = wire
    this.snapshot = snapshot
  }

  static async open(world: World, userId: string, node = 0, fields: object = {}): Promise<Listener> {
    const wire = await WireClient.open(world.endpoint(node), userId, fields)
    return new Listener(userId, wire, await wire.request('sync.snapshot', {}))
  }

  /** What was pushed of this timeline, in the order in which it came. */
  pushed(timeline: TimelineId): readonly { readonly offset: Offset; readonly entry: Entry }[] {
    return this.wire.frames.flatMap((frame) =>
      frame.type === 'push' && frame.timeline === timeline ? [{ offset: frame.offset, entry: frame.entry }] : [],
    )
  }

  /** What the group's own timeline said, in short. */
  heard(groupId: string): readonly string[] {
    return this.pushed(timelineOf(groupId)).map(({ entry }) => shortOf(entry))
  }

  async hears(groupId: string, ...last: string[]): Promise<void> {
    const tail = (): readonly string[] => this.heard(groupId).slice(-last.length)
    await until(`${this.userId} hears ${last.join(', ')}; has ${this.heard(groupId).join(', ')}`, () =>
      last.every((short, index) => tail()[index] === short),
    )
  }

  say(groupId: string, text: string, more: object = {}): Promise<ReplyOf<'message.send'>> {
    return this.wire.request('message.send', {
      conversationId: groupConversationId(groupId as GroupId),
      clientMsgId: nextId(),
      elements: [{ type: 'text', text }],
      ...more,
    })
  }

  /** The group as the user sees it. */
  async state(groupId: string): Promise<ReplyOf<'conversation.get'>['conversation']> {
    const conversationId = groupConversationId(groupId as GroupId)
    return (await this.wire.request('conversation.get', { conversationId })).conversation
  }

  close(): void {
    this.wire.close()
  }
}

/** Founds a group with these members. */
export function found(
  owner: Listener,
  groupId: string,
  type: GroupType,
  members: readonly string[],
  more: object = {},
): Promise<ReplyOf<'group.create'>> {
  return owner.wire.request('group.create', {
    requestId: nextId(),
    groupId,
    type,
    name: groupId,
    members: members.map((userId) => ({ userId })),
    ...more,
  })
}

export function timelineOf(groupId: string): TimelineId {
  return conversationTimeline(groupConversationId(groupId as GroupId))
}

/** An entry in a word or two. */
export function shortOf(entry: Entry): string {
  if (entry.kind !== 'message') return entry.kind
  const [element] = entry.message.elements
  if (element?.type === 'text') return element.text
  if (element?.type === 'tip') return `tip:${element.tip.op}`
  return element?.type === 'notice' ? `notice:${element.op}` : (element?.type ?? 'revoked')
}
