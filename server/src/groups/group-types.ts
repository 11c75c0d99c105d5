import type { Access, GroupType, Role } from '@hongyan/protocol'

/** What a group of a type is like from its beginning (tim-semantics §4.9). */
export interface GroupTypeRules {
  readonly joinOption: Access
  readonly inviteOption: Access
  /** Its join option can be chosen. */
  readonly choosesJoining: boolean
  readonly hasAdmins: boolean
  /** Who comes later sees what was said before. */
  readonly showsHistory: boolean
  /** Members are rows, messages are stored. */
  readonly isStored: boolean
  /** Who does not belong to it may find it by its id. */
  readonly isFound: boolean
}

/** How large groups may be, and how many a user may be in. */
export interface GroupSizes {
  readonly maxMembers: Readonly<Record<GroupType, number>>
  readonly maxGroupsPerUser: number
}

export const GROUP_TYPES: Readonly<Record<GroupType, GroupTypeRules>> = {
  work: {
    joinOption: 'closed',
    inviteOption: 'free',
    choosesJoining: false,
    hasAdmins: false,
    showsHistory: false,
    isStored: true,
    isFound: false,
  },
  public: {
    joinOption: 'approval',
    inviteOption: 'closed',
    choosesJoining: true,
    hasAdmins: true,
    showsHistory: false,
    isStored: true,
    isFound: true,
  },
  meeting: {
    joinOption: 'free',
    inviteOption: 'closed',
    choosesJoining: false,
    hasAdmins: true,
    showsHistory: true,
    isStored: true,
    isFound: true,
  },
  community: {
    joinOption: 'free',
    inviteOption: 'free',
    choosesJoining: true,
    hasAdmins: true,
    showsHistory: true,
    isStored: true,
    isFound: true,
  },
  live: {
    joinOption: 'free',
    inviteOption: 'closed',
    choosesJoining: false,
    hasAdmins: false,
    showsHistory: false,
    isStored: false,
    isFound: true,
  },
}

/** What can be done to a group, or to somebody in it. */
export type GroupAction =
  | 'edit'
  | 'mute-all'
  | 'dismiss'
  | 'transfer'
  | 'set-role'
  | 'kick'
  | 'mute-member'
  | 'edit-member'
  | 'invite'
  | 'decide'
  | 'pin-message'
  | 'revoke'
  | 'modify'
  | 'quit'

const OWNER: readonly Role[] = ['owner']
const LEADERS: readonly Role[] = ['owner', 'admin']
const EVERYBODY: readonly Role[] = ['owner', 'admin', 'member']
const NOBODY: readonly Role[] = []

/**
 * Who may do what, by type and role. `invite`: without asking anybody, whatever the group's invite option says. The one
 * table that the server decides by and the authorisation tests are generated from.
 */
export const PERMISSIONS: Readonly<Record<GroupAction, Readonly<Record<GroupType, readonly Role[]>>>> = {
  edit: { work: EVERYBODY, public: LEADERS, meeting: LEADERS, community: LEADERS, live: OWNER },
  'mute-all': { work: NOBODY, public: LEADERS, meeting: LEADERS, community: LEADERS, live: OWNER },
  dismiss: { work: NOBODY, public: OWNER, meeting: OWNER, community: OWNER, live: OWNER },
  transfer: { work: OWNER, public: OWNER, meeting: OWNER, community: OWNER, live: NOBODY },
  'set-role': { work: NOBODY, public: OWNER, meeting: OWNER, community: OWNER, live: NOBODY },
  kick: { work: OWNER, public: LEADERS, meeting: LEADERS, community: LEADERS, live: OWNER },
  'mute-member': { work: NOBODY, public: LEADERS, meeting: LEADERS, community: LEADERS, live: OWNER },
  'edit-member': { work: OWNER, public: LEADERS, meeting: LEADERS, community: LEADERS, live: NOBODY },
  invite: { work: LEADERS, public: LEADERS, meeting: LEADERS, community: LEADERS, live: NOBODY },
  decide: { work: LEADERS, public: LEADERS, meeting: LEADERS, community: LEADERS, live: NOBODY },
  'pin-message': { work: EVERYBODY, public: LEADERS, meeting: LEADERS, community: LEADERS, live: OWNER },
  revoke: { work: OWNER, public: LEADERS, meeting: LEADERS, community: LEADERS, live: NOBODY },
  modify: { work: OWNER, public: LEADERS, meeting: LEADERS, community: LEADERS, live: NOBODY },
  quit: {
    work: EVERYBODY,
    public: ['admin', 'member'],
    meeting: ['admin', 'member'],
    community: ['admin', 'member'],
    live: ['member'],
  },
}
