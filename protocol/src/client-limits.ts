/** The limits that a client keeps by itself; the others never reach its bundle. */
export const CLIENT_LIMITS = {
  /** A client's frame, in bytes of UTF-8. Larger ones close the connection with 1009. */
  frameBytes: 64 * 1024,
  /** Members and array items in a client's frame, counted by their separators. */
  jsonItems: 4096,
  /** Members named in one request: invited, removed (TIM: 300). */
  membersPerRequest: 300,
  /** Members on one page (TIM: 100). */
  memberPage: 100,
  /** Members asked for by name (TIM: 50). */
  memberProfilesPerRequest: 50,
  /** Unread mentions kept for a conversation; of more only the newest. */
  mentionsKept: 50,
  /** Messages whose receipts are sent, or asked for, in one request (TIM: 30). */
  receiptsPerRequest: 100,
  /** Readers on one page (TIM: 100). */
  readersPage: 100,
  /** Kinds of reaction on one message, and users of one kind (TIM: 10, 100). */
  reactionKinds: 10,
  reactionUsers: 100,
  /** Key-value extensions of one message; key and value in bytes (TIM: 20 per request, 300 in all, 100 B, 1 KB). */
  extensionsPerRequest: 20,
  extensionsPerMessage: 300,
  extensionKeyBytes: 100,
  extensionValueBytes: 1024,
  /** Messages merged into one, and lines of its summary (TIM: 300, 5). */
  mergedMessages: 300,
  mergerAbstracts: 10,
  /** A merged list longer than this is stored aside, in bytes of its JSON (TIM: 11,264). */
  mergerInlineBytes: 11 * 1024,
  /** Files one message may show: its own, and those of a merged list. */
  filesPerMessage: 400,
  /** A file id: characters of `A-Za-z0-9_-`. */
  fileIdChars: 22,
  /** A file's name, in characters. */
  fileNameChars: 255,
  /** Pictures and voice, in bytes (TIM: 20 MB). */
  imageBytes: 20 * 1024 * 1024,
  audioBytes: 20 * 1024 * 1024,
  /** Videos and files, in bytes (TIM: 100 MB). */
  videoBytes: 100 * 1024 * 1024,
  fileBytes: 100 * 1024 * 1024,
  /** Messages in one page of history. */
  historyPage: 50,
  /** Conversations named in one request. */
  conversationsPerRequest: 100,
  /** Cursors in one sync.resume. */
  cursorsPerResume: 500,
  /** Profiles asked for by one request (TIM: 100). */
  profilesPerRequest: 100,
  /** Results on one page of a search. */
  searchPage: 50,
} as const
