import { parseConversationId, peerOf } from '@hongyan/protocol/constants'
import type { About, ConversationId, Message, Tip, UserId } from '@hongyan/protocol'

type GroupAbout = Extract<About, { type: 'group' }>

/** What a conversation is with as far as its id says; undefined when the id is not one of the user's conversations. */
export function aboutOf(id: ConversationId, me: UserId): About | undefined {
  const parts = parseConversationId(id)
  if (parts?.type === 'system') return parts.userId === me ? { type: 'system' } : undefined
  if (parts?.type === 'c2c') {
    const userId = peerOf(parts, me)
    return userId === undefined ? undefined : { type: 'c2c', peer: { userId, nick: '', avatar: '' } }
  }
  if (parts === undefined) return undefined
  return {
    type: 'group',
    group: {
      groupId: parts.groupId,
      type: 'work',
      name: '',
      avatar: '',
      introduction: '',
      notice: '',
      joinOption: 'free',
      inviteOption: 'free',
      isMuted: false,
      custom: [],
      ownerId: '',
      memberCount: 0,
      maxMembers: 1,
      createdAtMs: 0,
      changedAtMs: 0,
    },
    self: { role: 'member', nameCard: '', joinedAtMs: 0, mutedUntilMs: 0, custom: [] },
  }
}

/** The group after the tips in a message, the peer after he spoke; the very same when that tells nothing new. */
export function aboutAfter(about: About, message: Message, me: UserId): About {
  if (about.type === 'c2c') return afterWordOf(about, message)
  let next = about
  for (const element of message.elements) {
    if (element.type === 'tip' && next.type === 'group') next = afterTip(next, element.tip, message.sentAtMs, me)
  }
  return next
}

/**
 * What is known of a group, and what was fetched of it. A group's profile, and a member's role and mute, are told by
 * tips in the conversation's timeline: of two states the one with the greater offset is right (`isNewer`: the fetched
 * one). A member's card and custom fields are told in the user's own timeline: `isSelfNewer` says the same of that.
 */
export function mergeAbout(
  known: About,
  fetched: About,
  is: { readonly isNewer: boolean; readonly isSelfNewer: boolean },
): About {
  if (known.type !== 'group' || fetched.type !== 'group') return fetched
  const { role, mutedUntilMs } = is.isNewer ? fetched.self : known.self
  return {
    type: 'group',
    group: is.isNewer ? fetched.group : known.group,
    self: { ...(is.isSelfNewer ? fetched.self : known.self), role, mutedUntilMs },
  }
}

/** True when both are of the same group, and the user has left it and come back in between. */
export function isOtherMembership(a: About, b: About): boolean {
  return a.type === 'group' && b.type === 'group' && a.self.joinedAtMs !== b.self.joinedAtMs
}

/** Who speaks shows his name and picture as they are now. What the server put in his mouth may show none. */
function afterWordOf(about: Extract<About, { type: 'c2c' }>, message: Message): About {
  const { peer } = about
  const { senderId, senderNick = '', senderAvatar = '' } = message
  if (senderId !== peer.userId || (peer.nick === senderNick && peer.avatar === senderAvatar)) return about
  return { type: 'c2c', peer: { ...peer, nick: senderNick, avatar: senderAvatar } }
}

function afterTip({ group, self }: GroupAbout, tip: Tip, atMs: number, me: UserId): GroupAbout {
  const changedAtMs = Math.max(group.changedAtMs, atMs)
  return { type: 'group', group: { ...groupAfter(group, tip), changedAtMs }, self: selfAfter(self, tip, atMs, me) }
}

function groupAfter(group: GroupAbout['group'], tip: Tip): GroupAbout['group'] {
  if (tip.op === 'group-changed') return { ...group, ...tip.changed }
  if (!('memberCount' in tip)) return group
  const { memberCount } = tip
  // An owner who leaves (a work group's may) leaves it without one.
  return tip.op !== 'joined' && group.ownerId !== '' && names(tip, group.ownerId)
    ? { ...group, memberCount, ownerId: '' }
    : { ...group, memberCount }
}

function selfAfter(self: GroupAbout['self'], tip: Tip, atMs: number, me: UserId): GroupAbout['self'] {
  if (tip.op === 'group-changed') {
    const { ownerId } = tip.changed
    if (ownerId === undefined) return self
    // An owner may speak, whatever was before.
    if (ownerId === me) return { ...self, role: 'owner', mutedUntilMs: 0 }
    return self.role === 'owner' ? { ...self, role: 'member' } : self
  }
  if (!names(tip, me)) return self
  switch (tip.op) {
    case 'joined':
      return self.joinedAtMs === 0 ? { ...self, joinedAtMs: atMs } : self
    case 'admin-set':
      return { ...self, role: 'admin' }
    case 'admin-unset':
      return { ...self, role: 'member' }
    case 'members-muted':
      return { ...self, mutedUntilMs: tip.untilMs }
    default:
      return self
  }
}

function names(tip: Exclude<Tip, { op: 'group-changed' }>, userId: UserId): boolean {
  return tip.users.some((person) => person.userId === userId)
}
