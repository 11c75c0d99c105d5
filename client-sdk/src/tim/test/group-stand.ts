import type {
  ConversationId,
  Element,
  Group,
  GroupId,
  Member,
  Membership,
  Message,
  Tip,
  UserId,
} from '@hongyan/protocol'
import { SYSTEM_USER_ID } from '@hongyan/protocol'
import type { Conversation } from '../../core/client-api.ts'
import type { Message as TimMessage } from '../mapping/message.ts'
import { TYPES } from '../types.ts'
import { readyStand, type Stand } from './stand.ts'

/** The class of the teacher, who is logged in and owns it. */
export const CLASS = 'group:class1' as ConversationId
export const SYSTEM = 'system:teacher' as ConversationId
export const CLASS_ID = 'class1' as GroupId
export const TO_CLASS = { to: 'class1', conversationType: TYPES.CONV_GROUP }

export const GROUP: Group = {
  groupId: CLASS_ID,
  type: 'public',
  name: '三年级二班',
  avatar: 'https://school.example/class.png',
  introduction: '介绍',
  notice: '公告',
  joinOption: 'approval',
  inviteOption: 'closed',
  isMuted: false,
  custom: [{ key: 'grade', value: '3' }],
  ownerId: 'teacher' as UserId,
  memberCount: 61,
  maxMembers: 2000,
  createdAtMs: 1_600_000_000_000,
  changedAtMs: 1_650_000_000_500,
}

export const SELF: Membership = {
  role: 'owner',
  nameCard: '班主任',
  joinedAtMs: 1_600_000_000_000,
  mutedUntilMs: 0,
  custom: [],
}

export const person = (userId: string, nick = `nick of ${userId}`) => ({
  userId: userId as UserId,
  nick,
  avatar: `https://school.example/${userId}.png`,
})

export const member = (userId: string, change: Partial<Member> = {}): Member => ({
  ...person(userId),
  ...{ role: 'member', nameCard: '', joinedAtMs: 1_650_000_000_000, mutedUntilMs: 0, custom: [] },
  ...change,
})

/** Makes the teacher a member of a class, or changes it, and tells of it as the core does. */
export function putGroup(
  { client }: Stand,
  change: { group?: Partial<Group>; self?: Partial<Membership>; state?: Partial<Conversation> } = {},
): void {
  const about = { type: 'group', group: { ...GROUP, ...change.group }, self: { ...SELF, ...change.self } } as const
  const id = `group:${about.group.groupId}` as ConversationId
  client.put(id, { about, ...change.state })
  client.tell({ kind: 'groups', ids: [id] })
  client.tell({ kind: 'conversations', ids: [id], isSyncComplete: client.isSyncComplete })
}

/** The teacher is logged in and in his class. */
export async function classStand(change: Parameters<typeof putGroup>[1] = {}, options = {}): Promise<Stand> {
  const stand = await readyStand(options)
  putGroup(stand, change)
  return stand
}

type Said = Omit<Parameters<Stand['client']['store']>[2], 'elements'>

/** Stores what somebody says in the class and tells of it. */
export function says({ client }: Stand, senderId: string, text: string, more: Said = {}): Message {
  return hear(client, CLASS, senderId, { type: 'text', text }, more)
}

/** The system says what happened in the class. */
export function tips({ client }: Stand, tip: Tip): Message {
  return hear(client, CLASS, SYSTEM_USER_ID, { type: 'tip', tip })
}

/** The system tells the teacher something. */
export function notifies({ client }: Stand, notice: Extract<Element, { type: 'notice' }>): Message {
  return hear(client, SYSTEM, SYSTEM_USER_ID, notice)
}

function hear(
  client: Stand['client'],
  id: ConversationId,
  senderId: string,
  element: Element,
  more: Said = {},
): Message {
  const message = client.store(id, senderId, { ...more, elements: [element] })
  client.tell({ kind: 'messages', conversationId: id, messages: [message] })
  client.tell({ kind: 'conversations', ids: [id], isSyncComplete: true })
  return message
}

/** What MESSAGE_RECEIVED told last. */
export function received({ seen }: Stand): TimMessage {
  const list = seen('onMessageReceived').at(-1)
  const message = Array.isArray(list) ? (list.at(-1) as TimMessage | undefined) : undefined
  if (!message) throw new Error('nothing was received')
  return message
}

/** What was asked of the server last. */
export function lastAsked({ client }: Stand) {
  return client.asked.at(-1)
}
