import { timError } from '../errors.ts'
import type { TimListener } from '../event-data.ts'

/**
 * What TIM has and Hongyan has not yet. Each is there and rejects 3122, so that an application finds out in an orderly
 * way; docs/TIM-COMPAT.md lists them.
 */
export const ABSENT_METHODS = [
  'translateText',
  'convertVoiceToText',
  'setAllReceiveMessageOpt',
  'getAllReceiveMessageOpt',
  'setConversationCustomData',
  'markConversation',
  'createConversationGroup',
  'addConversationsToGroup',
  'deleteConversationsFromGroup',
  'deleteConversationGroup',
  'renameConversationGroup',
  'getConversationGroupList',
  'addToBlacklist',
  'removeFromBlacklist',
  'setSelfStatus',
  'getUserStatus',
  'subscribeUserStatus',
  'unsubscribeUserStatus',
  'addFriend',
  'deleteFriend',
  'checkFriend',
  'getFriendProfile',
  'updateFriend',
  'acceptFriendApplication',
  'refuseFriendApplication',
  'deleteFriendApplication',
  'setFriendApplicationRead',
  'createFriendGroup',
  'deleteFriendGroup',
  'renameFriendGroup',
  'addToFriendGroup',
  'removeFromFriendGroup',
  'followUser',
  'unfollowUser',
  'getMyFollowingList',
  'getMyFollowersList',
  'getMutualFollowersList',
  'getUserFollowInfo',
  'checkFollowType',
  'markGroupMemberList',
  'getJoinedCommunityList',
  'createTopicInCommunity',
  'deleteTopicFromCommunity',
  'updateTopicProfile',
  'getTopicList',
  'invite',
  'inviteInGroup',
  'inviteSync',
  'inviteInGroupSync',
  'accept',
  'reject',
  'cancel',
  'modifyInvitation',
] as const

type AbsentMethods = { [Name in (typeof ABSENT_METHODS)[number]]: (...parameters: unknown[]) => Promise<never> }

export function absentMethods(): AbsentMethods {
  const methods = ABSENT_METHODS.map((name) => [name, () => Promise.reject(timError(3122, name))] as const)
  return Object.fromEntries(methods) as AbsentMethods
}

/**
 * Lists that every kit asks for right after the login, without a catch (ui-kits §2): there are no friends and
 * no blocked users yet, so they are empty.
 */
export function emptyLists() {
  const empty =
    <Data>(make: () => Data) =>
    (_options?: unknown): Promise<{ code: 0; data: Data }> =>
      Promise.resolve({ code: 0, data: make() })
  return {
    getBlacklist: empty((): string[] => []),
    getFriendList: empty((): object[] => []),
    getFriendGroupList: empty((): object[] => []),
    getFriendApplicationList: empty(() => ({ friendApplicationList: [] as object[], unreadCount: 0 })),
    /** No signalling: every custom message is a plain one. */
    getSignalingInfo: (_message: object): null => null,
    addSignalingListener: (_name: string, _handler: TimListener, _context?: unknown): void => undefined,
    removeSignalingListener: (_name: string, _handler: TimListener, _context?: unknown): void => undefined,
  }
}
