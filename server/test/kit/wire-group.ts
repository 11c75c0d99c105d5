import {
  groupConversationId,
  PROTOCOL_VERSION,
  type ConversationId,
  type Entry,
  type EntryOf,
  type GroupId,
  type GroupType,
  type VolatileEntry,
} from '@hongyan/protocol'
import { until } from './until.ts'
import { WireClient } from './wire-client.ts'
import type { World } from './world.ts'

let drafts = 0

/** A device that follows everything of its user. */
export async function follow(world: World, userId: string, fields: object = {}): Promise<WireClient> {
  const client = await WireClient.open(world.endpoint(), userId, { protocolVersion: PROTOCOL_VERSION, ...fields })
  await client.request('sync.snapshot', {})
  return client
}

/** Sends a text; its number. */
export async function say(
  client: WireClient,
  conversationId: ConversationId,
  text: string,
  fields: object = {},
): Promise<number> {
  const draft = { conversationId, clientMsgId: `d${++drafts}`, elements: [{ type: 'text', text }], ...fields }
  const { seq } = await client.request('message.send', draft)
  return seq
}

/** The entries of a kind that a client was pushed, in their order. */
export function entriesOf<Kind extends Entry['kind']>(client: WireClient, kind: Kind): readonly EntryOf<Kind>[] {
  return client.pushes.flatMap(({ entry }) => (entry.kind === kind ? [entry as EntryOf<Kind>] : []))
}

export function volatileOf<Kind extends VolatileEntry['kind']>(
  client: WireClient,
  kind: Kind,
): readonly Extract<VolatileEntry, { kind: Kind }>[] {
  return client.pushes.flatMap(({ entry }) =>
    entry.kind === kind ? [entry as Extract<VolatileEntry, { kind: Kind }>] : [],
  )
}

/** A group of users who are all connected; the first owns it. */
export interface WireGroup {
  readonly groupId: GroupId
  readonly conversationId: ConversationId
  readonly owner: WireClient
  readonly clients: readonly WireClient[]
}

/** Founds a group of these users through the wire and waits until they follow it. */
export async function foundGroup(world: World, type: GroupType, userIds: readonly string[]): Promise<WireGroup> {
  const clients: WireClient[] = []
  for (const userId of userIds) clients.push(await follow(world, userId))
  const [owner] = clients
  if (!owner) throw new Error('a group has an owner')
  const members = userIds.slice(1).map((userId) => ({ userId }))
  const { group } = await owner.request('group.create', {
    type,
    name: `${type} ${++drafts}`,
    requestId: `r${drafts}`,
    members,
  })
  const conversationId = groupConversationId(group.groupId)
  const seq = await say(owner, conversationId, 'welcome')
  for (const client of clients) {
    await until('everybody follows the group', () =>
      entriesOf(client, 'message').some(
        ({ message }) => message.conversationId === conversationId && message.seq === seq,
      ),
    )
  }
  return { groupId: group.groupId, conversationId, owner, clients }
}
