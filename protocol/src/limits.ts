/**
 * Every length, count and rate the wire promises. A limit that an operator may change has its default here and its
 * option in the server's configuration.
 */
export const LIMITS = {
  /** A client's frame, in bytes of UTF-8. Larger ones close the connection with 1009. */
  frameBytes: 64 * 1024,
  /** Nesting of objects and arrays in a client's frame. */
  jsonDepth: 32,
  /** Members and array items in a client's frame, counted by their separators. */
  jsonItems: 4096,
  /** A user id, in bytes of UTF-8 (TIM: UserID ≤ 32 bytes). */
  userIdBytes: 32,
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
  /** Messages in one page of history. */
  historyPage: 50,
  /** Messages deleted by one request (TIM: 30). */
  deletePerRequest: 30,
  /** Conversations named in one request. */
  conversationsPerRequest: 100,
  /** Conversations in one page of a snapshot. */
  snapshotPage: 100,
  /** Cursors in one sync.resume. */
  cursorsPerResume: 500,
  /** Entries in one page of a pull or of a catch-up. */
  entriesPerPage: 100,
  /** A timeline that is further behind than this many entries is reset instead of being caught up. */
  catchUpEntries: 1000,
  /** Profiles asked for by one request (TIM: 100). */
  profilesPerRequest: 100,
  /** Requests of one session that wait for their answer; the socket is paused beyond it. */
  pendingRequests: 256,
  /** Time a new connection has for its session.open, in milliseconds. */
  openTimeoutMs: 10_000,
  /** The server pings a silent connection this often, in milliseconds. */
  pingEveryMs: 25_000,
  /** A connection that has been silent for this long is dead, in milliseconds. */
  silenceMs: 60_000,
  /** Bytes queued for one connection; beyond it the connection is closed SLOW_CONSUMER. */
  outboundBytes: 1024 * 1024,
} as const
