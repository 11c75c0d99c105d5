import type { ErrorSpec } from './error-spec.ts'

/** Trouble with the server, with the request itself, with the session, and with who or what is named. */
export const REQUEST_ERRORS = {
  // 10xxx: the server or what it stands on
  INTERNAL: {
    code: 10000,
    http: 500,
    retryable: true,
    text: 'Something failed on the server.',
    remedy: 'Send the same request again; a message with the same clientMsgId.',
  },
  BUSY: {
    code: 10001,
    http: 503,
    retryable: true,
    text: 'The server cannot take the request now.',
    remedy: 'Send the same request again after a moment; a message with the same clientMsgId.',
  },
  DRAINING: {
    code: 10002,
    http: 503,
    retryable: true,
    text: 'The server is going down.',
    remedy: 'Connect again; another node or the next start will answer.',
  },
  TOO_MANY_REQUESTS: {
    code: 10003,
    http: 429,
    retryable: true,
    text: 'Too many requests in too short a time.',
    remedy: 'Wait as long as `retryAfterMs` says, then go on more slowly.',
  },

  // 11xxx: the request itself
  BAD_REQUEST: {
    code: 11000,
    http: 400,
    retryable: false,
    text: 'The request does not have the form its command demands.',
    remedy: 'Compare the body with the schema of the command.',
  },
  UNKNOWN_COMMAND: {
    code: 11001,
    http: 404,
    retryable: false,
    text: 'There is no such command.',
    remedy: 'Check the name; an older server may not know a newer command.',
  },
  BAD_TEXT: {
    code: 11002,
    http: 400,
    retryable: false,
    text: 'A text holds NUL or half of a surrogate pair.',
    remedy: 'Send well-formed Unicode without NUL.',
  },
  DUPLICATE_REQUEST_ID: {
    code: 11003,
    http: 400,
    retryable: false,
    text: 'A request with this id is still waiting for its answer.',
    remedy: 'Use a fresh id for every request of a connection.',
  },
  BAD_USER_ID: {
    code: 11004,
    http: 400,
    retryable: false,
    text: 'A user id is 1 to 32 bytes of UTF-8 without spaces and control characters.',
    remedy: 'Choose another user id.',
  },

  // 12xxx: sessions and signatures
  ALREADY_OPEN: {
    code: 12000,
    http: 409,
    retryable: false,
    text: 'This connection has a session already.',
    remedy: 'Open another connection for another session.',
  },
  VERSION_NOT_SUPPORTED: {
    code: 12001,
    http: 400,
    retryable: false,
    text: 'The server does not speak this version of the protocol.',
    remedy: 'Update the client or the server.',
  },
  WRONG_APP: {
    code: 12002,
    http: 401,
    retryable: false,
    text: 'The SDKAppID is not the one of this server.',
    remedy: 'Use the SDKAppID the server was started with.',
  },
  SIGNATURE_EMPTY: {
    code: 12010,
    http: 401,
    retryable: false,
    text: 'The userSig is empty.',
    remedy: 'Fetch a userSig from your back end.',
  },
  SIGNATURE_UNREADABLE: {
    code: 12011,
    http: 401,
    retryable: false,
    text: 'The userSig cannot be read.',
    remedy: 'Check that it was not cut short on the way.',
  },
  SIGNATURE_INVALID: {
    code: 12012,
    http: 401,
    retryable: false,
    text: 'The userSig was not signed with the key of this application.',
    remedy: 'Sign it with the server’s SECRETKEY.',
  },
  SIGNATURE_EXPIRED: {
    code: 12013,
    http: 401,
    retryable: false,
    text: 'The userSig has expired.',
    remedy: 'Fetch a new userSig and log in again.',
  },
  SIGNATURE_OF_OTHER_USER: {
    code: 12014,
    http: 401,
    retryable: false,
    text: 'The userSig belongs to another user.',
    remedy: 'Log in as the user the userSig was made for.',
  },
  SIGNATURE_OF_OTHER_APP: {
    code: 12015,
    http: 401,
    retryable: false,
    text: 'The userSig belongs to another application.',
    remedy: 'Sign it for this SDKAppID.',
  },
  DISPLACED: {
    code: 12020,
    http: 401,
    retryable: false,
    text: 'A newer login has taken the place of this one.',
    remedy: 'Log in again if the user asks for it.',
  },
  ACCOUNT_DISABLED: {
    code: 12021,
    http: 403,
    retryable: false,
    text: 'The account is disabled.',
    remedy: 'Ask the administrator.',
  },
  EPOCH_CHANGED: {
    code: 12030,
    http: 409,
    retryable: false,
    text: 'The store was restored to an earlier state since these cursors were made.',
    remedy: 'Drop all cursors and take a snapshot.',
  },
  TOO_FAR_BEHIND: {
    code: 12031,
    http: 409,
    retryable: false,
    text: 'The cursor is too far behind to be caught up entry by entry.',
    remedy: 'Drop the timeline and take its snapshot.',
  },

  // 20xxx: users and conversations
  NO_SUCH_USER: {
    code: 20000,
    http: 404,
    retryable: false,
    text: 'There is no such user.',
    remedy: 'Check the user id; with AUTO_REGISTER off users must be imported first.',
  },
  NOT_A_MEMBER: {
    code: 20001,
    http: 403,
    retryable: false,
    text: 'The user is not a member of the conversation.',
    remedy: 'Check the conversation id.',
  },
  NO_SUCH_CONVERSATION: {
    code: 20002,
    http: 404,
    retryable: false,
    text: 'There is no such conversation.',
    remedy: 'Check the conversation id; a conversation begins with its first message.',
  },
} as const satisfies Record<string, ErrorSpec>
