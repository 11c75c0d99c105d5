import { CLIENT_LIMITS } from './client-limits.ts'

/**
 * Every length, count and rate the wire promises. A limit that an operator may change has its default here and its
 * option in the server's configuration.
 */
export const LIMITS = {
  ...CLIENT_LIMITS,
  /** Nesting of objects and arrays in a client's frame. */
  jsonDepth: 32,
  /** A user id, in bytes of UTF-8 (TIM: UserID ≤ 32 bytes). */
  userIdBytes: 32,
  /** A group id, in characters of printable ASCII (TIM: 48 bytes). */
  groupIdBytes: 48,
  /** A group's name, in bytes of UTF-8. TIM's own 30 bytes are ten Chinese characters: too few for a school's names. */
  groupNameBytes: 100,
  /** A group's introduction, in bytes (TIM: 240). */
  groupIntroductionBytes: 400,
  /** A group's notice, in bytes (TIM: 300). */
  groupNoticeBytes: 1_200,
  /** An address of a picture: a group's or a user's, in bytes (TIM: 100 and 500). */
  avatarBytes: 500,
  /** A user's nick, in bytes (TIM: 500). */
  nickBytes: 500,
  /** A member's name in a group, in bytes (TIM: 50). */
  nameCardBytes: 100,
  /** Custom fields of a group, a member or a user; TIM: 10, 5 and 20. */
  customFields: 20,
  /** Key of a custom field, in characters (TIM: 16). */
  customKeyChars: 32,
  /** Value of a custom field, in characters (TIM: 512 bytes). */
  customValueChars: 512,
  /** Members named when a group is created (TIM: 500). */
  initialMembers: 500,
  /** People whose names a tip carries; of further ones only the ids. */
  tipNames: 30,
  /** Groups asked for in one request. */
  groupsPerRequest: 50,
  /** Text that goes with an application, an answer, or a removal, in characters (TIM: 300 bytes). */
  wordingChars: 300,
  /** Applications that wait, in one answer. */
  applicationsPerPage: 100,
  /** Attributes of one group; key and value in bytes, all together in bytes (TIM: 16, 32, 4 KB, 16 KB). */
  groupAttributes: 16,
  groupAttributeKeyBytes: 32,
  groupAttributeValueBytes: 4 * 1024,
  groupAttributesBytes: 16 * 1024,
  /** Counters of one group (TIM: 20). */
  groupCounters: 20,
  /** Pinned messages of one group (TIM: 10). */
  pinnedMessages: 10,
  /** Members a message may be for alone (TIM: 50). */
  receiversPerMessage: 50,
  /** Members a message may mention by name (TIM: 30). */
  mentionsPerMessage: 30,
  /** A reaction's id, in characters. */
  reactionIdChars: 64,
  /** Users of one reaction who travel with it. */
  reactionUsersShown: 10,
  /** A merged list that is stored aside, in bytes. */
  mergerBytes: 8 * 1024 * 1024,
  /** Width times height of a picture that is decoded. */
  imagePixels: 100_000_000,
  /** A client's own message id, in characters of `A-Za-z0-9_-`. */
  clientMsgIdChars: 64,
  /** An instance id, in characters of `A-Za-z0-9_-`. */
  instanceIdChars: 64,
  /** A userSig, in characters, before anything is decoded. */
  userSigChars: 8192,
  /** A message's elements and custom data as JSON, in bytes of UTF-8 (TIM: 12 KB, code 80002). */
  messageBytes: 12 * 1024,
  /** Elements in one message. */
  elementsPerMessage: 10,
  /** Reason of a revocation, in characters. */
  revokeReasonChars: 256,
  /** Messages deleted by one request (TIM: 30). */
  deletePerRequest: 30,
  /** Conversations in one page of a snapshot. */
  snapshotPage: 500,
  /** JSON of the entries in one page, in bytes of UTF-8; a page has one at least. */
  pageBytes: 256 * 1024,
  /** JSON of the states in one page of a snapshot, in bytes: some hundred conversations, half of what may be queued. */
  snapshotBytes: 512 * 1024,
  /** Entries in one page of a pull or of a catch-up. */
  entriesPerPage: 100,
  /** A timeline that is further behind than this many entries is reset instead of being caught up. */
  catchUpEntries: 1000,
  /** Keywords and senders of one search (TIM: 5 and 5), and a keyword's length in characters. */
  searchKeywords: 5,
  searchSenders: 5,
  searchKeywordChars: 100,
  /** What says where a search goes on, in characters. */
  searchCursorChars: 200,
  /** Messages, users, groups or members that one request looks through; what is beyond is for the next page. */
  searchedMessages: 20_000,
  searchedUsers: 20_000,
  searchedGroups: 20_000,
  searchedMembers: 20_000,
  /** A user knows who is in his groups, the smallest first, until there are so many people in them. */
  searchedAcquaintances: 100_000,
  /** Conversations of a user's that are searched together: those in which something was said last. */
  searchedConversations: 5_000,
  /** Searches of one user: a second on average, and at once (TIM: 20 in 5 s). */
  searchesPerSecond: 4,
  searchesAtOnce: 20,
  /** Requests of one session that wait for their answer; the socket is paused beyond it. */
  pendingRequests: 256,
  /**
   * Connections that wait until the server accepts them; the kernel may allow fewer (net.core.somaxconn). With too few, a
   * crowd that lost its gateway is dropped on the way in, and its kernels try again only after 1, 3, 7, … 31 s.
   */
  listenBacklog: 65_535,
  /** Time a new connection has for its session.open, in milliseconds. */
  openTimeoutMs: 10_000,
  /** The server pings a silent connection this often, in milliseconds. */
  pingEveryMs: 25_000,
  /** A connection that has been silent for this long is dead, in milliseconds. */
  silenceMs: 60_000,
  /** Seconds for which somebody may be muted in a group or kept out of it: what TIM takes for ever. */
  restrictionSeconds: 2 ** 32 - 1,
  /** Bytes queued for one connection; beyond it the connection is closed SLOW_CONSUMER. */
  outboundBytes: 1024 * 1024,
  /** Bytes queued for one connection beyond which it is sent no volatile push, so that what is numbered has the rest. */
  outboundVolatileBytes: 768 * 1024,
  /** Entries of one followed timeline that a node keeps while it brings somebody to now or has a gap itself. */
  recentEntries: 64,
  /** Characters of them. */
  recentChars: 64 * 1024,
} as const
