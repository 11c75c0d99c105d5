import type { CommandName, GroupType } from '@hongyan/protocol'
import { may } from '../../src/groups/group-rules.ts'
import type { GroupAction } from '../../src/groups/group-types.ts'

/** Who asks, as the group he asks about sees him. */
export const ROLES = ['stranger', 'removed', 'left', 'muted', 'member', 'admin', 'owner'] as const
export type Role = (typeof ROLES)[number]

/** Groups whose members are rows; live rooms have a story of their own. */
export const TYPES = ['work', 'public', 'meeting', 'community'] as const satisfies readonly GroupType[]
export type StoredType = (typeof TYPES)[number]

/** A group with everybody in it, and what was said there. */
export interface Scene {
  readonly type: StoredType
  readonly groupId: string
  readonly conversationId: string
  /** Ids of users by their role; `pupil` and `pupils` are ordinary members to whom something is done. */
  readonly userIds: Readonly<Record<Role, string>>
  readonly pupil: string
  /** A message of the pupil's that wants receipts and takes extensions. */
  readonly pupilSeq: number
  readonly ownerSeq: number
  /** A message of each member's own. */
  readonly ownSeqs: ReadonlyMap<Role, number>
  /** An application that waits. */
  readonly applicationId: string | undefined
  /** A new name, never the same. */
  readonly fresh: () => string
}

/** `ok`, or the name of the refusal. */
export type Expected = string

export interface Row {
  readonly command: CommandName
  /** What is special about this row, where a command has several. */
  readonly of?: string
  readonly body: (scene: Scene, role: Role) => object
  readonly expected: (role: Role, type: StoredType) => Expected
}

const OUTSIDE: readonly Role[] = ['stranger', 'removed', 'left']

export function isInside(role: Role): boolean {
  return !OUTSIDE.includes(role)
}

/** What the group's own table calls this role; in groups without admins an admin is a member. */
export function rankOf(role: Role, type: StoredType): 'owner' | 'admin' | 'member' {
  if (role === 'owner') return 'owner'
  return role === 'admin' && type !== 'work' ? 'admin' : 'member'
}

/** Every member may; others are told that they are none. */
function members(outside: Expected = 'NOT_A_MEMBER'): Row['expected'] {
  return (role) => (isInside(role) ? 'ok' : outside)
}

/** Those may whom the table of permissions names. */
function permitted(action: GroupAction, otherwise: Expected = 'NOT_PERMITTED'): Row['expected'] {
  return (role, type) => {
    if (!isInside(role)) return 'NOT_A_MEMBER'
    return may(action, type, rankOf(role, type)) ? 'ok' : otherwise
  }
}

function anybody(): Row['expected'] {
  return () => 'ok'
}

/** In a work group nobody is muted (tim-semantics §4.9). */
function speakers(): Row['expected'] {
  return (role, type) => {
    if (!isInside(role)) return 'NOT_A_MEMBER'
    return role === 'muted' && type !== 'work' ? 'MUTED' : 'ok'
  }
}

const text = (words: string) => [{ type: 'text', text: words }]
const inGroup = ({ groupId }: Scene) => ({ groupId })
const inConversation = ({ conversationId }: Scene) => ({ conversationId })
const sought = { keywords: ['pupil'], match: 'any', limit: 1 }
const onPupils = (scene: Scene) => ({ ...inConversation(scene), seq: scene.pupilSeq })

/** Commands that make and end the one who asks: nobody has a role in them (gateway tests). */
export const WITHOUT_ROLES: readonly CommandName[] = ['session.open', 'session.close']

/** Who may do what: one row a command at least, one cell for every role and type. */
export const MATRIX: readonly Row[] = [
  { command: 'sync.snapshot', body: () => ({}), expected: anybody() },
  {
    command: 'sync.snapshot',
    of: 'one conversation',
    body: (scene) => ({ conversationIds: [scene.conversationId] }),
    expected: anybody(),
  },
  {
    command: 'sync.resume',
    body: (scene) => ({ epoch: 'of another store', cursors: [{ timeline: `c:${scene.conversationId}`, offset: 0 }] }),
    expected: () => 'EPOCH_CHANGED',
  },
  {
    command: 'sync.pull',
    body: (scene) => ({ timeline: `c:${scene.conversationId}`, after: 30 }),
    expected: members(),
  },
  {
    command: 'sync.pull',
    of: 'somebody else’s own timeline',
    body: (scene) => ({ timeline: `u:${scene.pupil}`, after: 0 }),
    expected: () => 'NOT_A_MEMBER',
  },
  {
    command: 'message.send',
    body: (scene) => ({ ...inConversation(scene), clientMsgId: scene.fresh(), elements: text('x') }),
    expected: speakers(),
  },
  {
    command: 'message.send',
    of: 'somebody else’s conversation with the server',
    body: (scene) => ({ conversationId: `system:${scene.pupil}`, clientMsgId: scene.fresh(), elements: text('x') }),
    expected: () => 'NOT_A_MEMBER',
  },
  {
    command: 'message.send',
    of: 'a conversation of two others',
    body: (scene) => ({
      conversationId: `c2c:${[scene.pupil, 'zz'].join(':')}`,
      clientMsgId: scene.fresh(),
      elements: text('x'),
    }),
    expected: () => 'NOT_A_MEMBER',
  },
  {
    command: 'message.send',
    of: 'a file of somebody else’s',
    body: (scene) => ({
      ...inConversation(scene),
      clientMsgId: scene.fresh(),
      elements: [{ type: 'file', fileId: 'A'.repeat(22), name: 'x', bytes: 1 }],
    }),
    expected: (role, type) => {
      const spoken = speakers()(role, type)
      return spoken === 'ok' ? 'NO_SUCH_FILE' : spoken
    },
  },
  {
    command: 'message.sendVolatile',
    body: (scene) => ({ ...inConversation(scene), clientMsgId: scene.fresh(), elements: text('x') }),
    expected: speakers(),
  },
  {
    command: 'message.history',
    body: (scene) => ({ ...inConversation(scene), direction: 'older', limit: 5 }),
    expected: members(),
  },
  {
    command: 'message.revoke',
    of: 'one’s own',
    body: (scene, role) => ({ ...inConversation(scene), seq: scene.ownSeqs.get(role) ?? scene.pupilSeq }),
    expected: members(),
  },
  { command: 'message.revoke', of: 'a member’s', body: onPupils, expected: permitted('revoke') },
  {
    command: 'message.revoke',
    of: 'the owner’s',
    body: (scene) => ({ ...inConversation(scene), seq: scene.ownerSeq }),
    expected: (role) => (isInside(role) ? (role === 'owner' ? 'ok' : 'NOT_PERMITTED') : 'NOT_A_MEMBER'),
  },
  {
    command: 'message.modify',
    of: 'one’s own',
    body: (scene, role) => ({
      ...inConversation(scene),
      seq: scene.ownSeqs.get(role) ?? scene.pupilSeq,
      version: 0,
      elements: text('changed'),
    }),
    expected: members(),
  },
  {
    command: 'message.modify',
    of: 'a member’s, in a version that is gone',
    body: (scene) => ({ ...onPupils(scene), version: 7, elements: text('changed') }),
    expected: (role, type) => {
      const is = permitted('modify')(role, type)
      return is === 'ok' ? 'MODIFY_CONFLICT' : is
    },
  },
  {
    command: 'message.delete',
    body: (scene) => ({ ...inConversation(scene), seqs: [scene.pupilSeq] }),
    expected: members(),
  },
  { command: 'receipt.read', body: (scene) => ({ ...inConversation(scene), seq: 2 }), expected: members() },
  {
    command: 'receipt.send',
    body: (scene) => ({ ...inConversation(scene), seqs: [scene.pupilSeq] }),
    expected: (role, type) => (isInside(role) ? (type === 'community' ? 'NO_RECEIPTS_HERE' : 'ok') : 'NOT_A_MEMBER'),
  },
  {
    command: 'receipt.counts',
    body: (scene) => ({ ...inConversation(scene), seqs: [scene.pupilSeq] }),
    expected: (role, type) => (isInside(role) ? (type === 'community' ? 'NO_RECEIPTS_HERE' : 'ok') : 'NOT_A_MEMBER'),
  },
  {
    command: 'receipt.readers',
    of: 'of somebody else’s message',
    body: (scene) => ({ ...onPupils(scene), filter: 'read', limit: 10 }),
    expected: (role, type) =>
      isInside(role) ? (type === 'community' ? 'NO_RECEIPTS_HERE' : 'NOT_THE_SENDER') : 'NOT_A_MEMBER',
  },
  { command: 'conversation.get', body: inConversation, expected: members() },
  {
    command: 'conversation.get',
    of: 'two others',
    body: (scene) => ({ conversationId: `c2c:${[scene.pupil, 'zz'].join(':')}` }),
    expected: () => 'NOT_A_MEMBER',
  },
  { command: 'conversation.pin', body: (scene) => ({ ...inConversation(scene), pinned: true }), expected: members() },
  {
    command: 'conversation.hide',
    body: (scene) => ({ conversationIds: [scene.conversationId], clears: false }),
    // What is not his is passed over, like what is not there.
    expected: anybody(),
  },
  { command: 'conversation.clear', body: inConversation, expected: anybody() },
  {
    command: 'conversation.remind',
    body: (scene) => ({ conversationIds: [scene.conversationId], remind: 'silent' }),
    expected: anybody(),
  },
  { command: 'profile.get', body: (scene) => ({ userIds: [scene.pupil] }), expected: anybody() },
  { command: 'profile.update', body: (scene) => ({ nick: scene.fresh() }), expected: anybody() },
  {
    command: 'group.create',
    body: (scene) => ({ requestId: scene.fresh(), type: 'work', name: 'another' }),
    expected: anybody(),
  },
  {
    command: 'group.create',
    of: 'under an id that is taken',
    body: (scene) => ({ requestId: scene.fresh(), groupId: scene.groupId, type: 'work', name: 'another' }),
    expected: (role) => (role === 'owner' ? 'GROUP_ID_TAKEN_BY_YOU' : 'GROUP_ID_TAKEN'),
  },
  { command: 'group.find', body: (scene) => ({ groupIds: [scene.groupId] }), expected: anybody() },
  {
    command: 'group.update',
    body: (scene) => ({ ...inGroup(scene), name: scene.fresh() }),
    expected: permitted('edit'),
  },
  {
    command: 'group.update',
    of: 'muting all',
    body: (scene, role) => ({ ...inGroup(scene), isMuted: role === 'admin' }),
    expected: permitted('mute-all'),
  },
  { command: 'group.dismiss', body: inGroup, expected: permitted('dismiss') },
  {
    command: 'group.transfer',
    body: (scene) => ({ ...inGroup(scene), userId: scene.pupil }),
    expected: permitted('transfer'),
  },
  {
    command: 'group.join',
    body: inGroup,
    expected: (role, type) => (isInside(role) || type !== 'work' ? 'ok' : 'JOINING_CLOSED'),
  },
  {
    command: 'group.quit',
    body: inGroup,
    expected: (role, type) => (role === 'owner' && type !== 'work' ? 'OWNER_CANNOT_LEAVE' : 'ok'),
  },
  {
    command: 'group.invite',
    body: (scene) => ({ ...inGroup(scene), userIds: [scene.fresh()] }),
    expected: (role, type) => {
      if (!isInside(role)) return 'NOT_A_MEMBER'
      const isOpen = type === 'work' || type === 'community'
      return isOpen || may('invite', type, rankOf(role, type)) ? 'ok' : 'NOT_PERMITTED'
    },
  },
  {
    command: 'group.kick',
    body: (scene) => ({ ...inGroup(scene), userIds: [scene.pupil] }),
    expected: permitted('kick'),
  },
  {
    command: 'group.kick',
    of: 'the owner',
    body: (scene) => ({ ...inGroup(scene), userIds: [scene.userIds.owner] }),
    expected: (role) => (isInside(role) ? (role === 'owner' ? 'NOT_TO_ONESELF' : 'NOT_PERMITTED') : 'NOT_A_MEMBER'),
  },
  {
    command: 'group.kick',
    of: 'an admin',
    body: (scene) => ({ ...inGroup(scene), userIds: [scene.userIds.admin] }),
    expected: (role) => {
      if (role === 'admin') return 'NOT_TO_ONESELF'
      return isInside(role) ? (role === 'owner' ? 'ok' : 'NOT_PERMITTED') : 'NOT_A_MEMBER'
    },
  },
  {
    command: 'group.setRole',
    body: (scene) => ({ ...inGroup(scene), userId: scene.pupil, role: 'admin' }),
    expected: permitted('set-role'),
  },
  {
    command: 'group.mute',
    body: (scene) => ({ ...inGroup(scene), userId: scene.pupil, seconds: 60 }),
    expected: permitted('mute-member'),
  },
  {
    command: 'group.setMember',
    of: 'oneself',
    body: (scene, role) => ({ ...inGroup(scene), userId: scene.userIds[role], nameCard: scene.fresh() }),
    expected: members(),
  },
  {
    command: 'group.setMember',
    of: 'a member',
    body: (scene) => ({ ...inGroup(scene), userId: scene.pupil, nameCard: scene.fresh() }),
    expected: permitted('edit-member'),
  },
  { command: 'group.members', body: (scene) => ({ ...inGroup(scene), limit: 5 }), expected: members() },
  {
    command: 'group.findMembers',
    body: (scene) => ({ ...inGroup(scene), userIds: [scene.pupil] }),
    expected: members(),
  },
  { command: 'group.onlineCount', body: inGroup, expected: members() },
  { command: 'group.applications', body: () => ({}), expected: anybody() },
  {
    command: 'group.decide',
    body: ({ applicationId }) => ({ applicationId: applicationId ?? '9007199254740991', agree: false }),
    // The admin decides first, and the owner finds it done.
    expected: (role, type) =>
      type === 'public' && role !== 'owner' ? permitted('decide')(role, type) : 'ALREADY_DECIDED',
  },
  {
    command: 'group.setAttributes',
    body: (scene) => ({ ...inGroup(scene), attributes: { a: scene.fresh() }, replaces: true }),
    expected: members(),
  },
  {
    command: 'group.deleteAttributes',
    body: (scene) => ({ ...inGroup(scene), keys: ['not there'] }),
    expected: (role) => (isInside(role) ? 'NO_SUCH_ATTRIBUTE' : 'NOT_A_MEMBER'),
  },
  { command: 'group.attributes', body: inGroup, expected: members() },
  {
    command: 'group.setCounters',
    body: (scene) => ({ ...inGroup(scene), counters: { a: 1 }, adds: true }),
    expected: members(),
  },
  { command: 'group.counters', body: inGroup, expected: members() },
  {
    command: 'group.pinMessage',
    body: (scene, role) => ({ ...onPupils(scene), seq: scene.ownSeqs.get(role) ?? scene.pupilSeq, pinned: true }),
    expected: permitted('pin-message'),
  },
  { command: 'group.pinnedMessages', body: inGroup, expected: members() },
  {
    command: 'reaction.add',
    body: (scene) => ({ ...onPupils(scene), reactionId: 'up' }),
    expected: members(),
  },
  {
    command: 'reaction.remove',
    body: (scene) => ({ ...onPupils(scene), reactionId: 'none' }),
    expected: (role) => (isInside(role) ? 'NO_SUCH_REACTION' : 'NOT_A_MEMBER'),
  },
  {
    command: 'reaction.list',
    body: (scene) => ({ ...inConversation(scene), seqs: [scene.pupilSeq], usersPerReaction: 1 }),
    expected: members(),
  },
  {
    command: 'reaction.users',
    body: (scene) => ({ ...onPupils(scene), reactionId: 'up', limit: 1 }),
    expected: members(),
  },
  {
    command: 'extension.set',
    body: (scene) => ({ ...onPupils(scene), extensions: [{ key: 'k', value: scene.fresh() }] }),
    expected: members(),
  },
  { command: 'extension.list', body: onPupils, expected: members() },
  {
    command: 'extension.delete',
    body: (scene) => ({ ...onPupils(scene), keys: ['none'] }),
    expected: (role) => (isInside(role) ? 'NO_SUCH_EXTENSION' : 'NOT_A_MEMBER'),
  },
  {
    command: 'media.ticket',
    body: (scene) => ({ ...inConversation(scene), kind: 'file', name: 'x', bytes: 1 }),
    expected: members(),
  },
  {
    command: 'search.messages',
    of: 'in the conversation',
    body: (scene) => ({ ...inConversation(scene), ...sought }),
    expected: members(),
  },
  {
    command: 'search.messages',
    of: 'in a conversation of two others',
    body: (scene) => ({ conversationId: `c2c:${[scene.pupil, 'zz'].join(':')}`, ...sought }),
    expected: () => 'NOT_A_MEMBER',
  },
  // What is not his is passed over, like what is not there.
  { command: 'search.messages', of: 'everywhere', body: () => sought, expected: anybody() },
  { command: 'search.users', body: () => sought, expected: anybody() },
  { command: 'search.groups', body: () => sought, expected: anybody() },
  { command: 'search.members', body: (scene) => ({ groupIds: [scene.groupId], ...sought }), expected: anybody() },
  { command: 'media.info', body: () => ({ fileId: 'A'.repeat(22) }), expected: () => 'NO_SUCH_FILE' },
  { command: 'media.token', body: () => ({}), expected: anybody() },
]
