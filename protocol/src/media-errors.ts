import type { ErrorSpec } from './error-spec.ts'

/** Why a file is not taken or not given, and a profile not changed. */
export const MEDIA_ERRORS = {
  // 23xxx: files
  NO_SUCH_FILE: {
    code: 23000,
    http: 404,
    retryable: false,
    text: 'There is no such file, or the user may not open it.',
    remedy: 'Fetch the message again: it may have been revoked.',
  },
  FILE_TOO_LARGE: {
    code: 23001,
    http: 413,
    retryable: false,
    text: 'The file is larger than files of its kind may be.',
    remedy: 'Make it smaller.',
  },
  BAD_FILE_TYPE: {
    code: 23002,
    http: 415,
    retryable: false,
    text: 'The content is not of the kind that was said.',
    remedy: 'Send it as a file.',
  },
  QUOTA_EXCEEDED: {
    code: 23003,
    http: 429,
    retryable: false,
    text: 'The user has uploaded as much as he may in a day.',
    remedy: 'Try again tomorrow, or ask the administrator.',
  },
  TICKET_INVALID: {
    code: 23004,
    http: 403,
    retryable: false,
    text: 'The address for this upload is not valid, or no longer.',
    remedy: 'Ask for a new one.',
  },
  STORE_FULL: {
    code: 23005,
    http: 507,
    retryable: false,
    text: 'The server has no room for the file.',
    remedy: 'Tell the administrator.',
  },
  FILE_INCOMPLETE: {
    code: 23006,
    http: 400,
    retryable: true,
    text: 'Less arrived than was said, or more.',
    remedy: 'Upload it again.',
  },
  MEDIA_TOKEN_INVALID: {
    code: 23007,
    http: 403,
    retryable: false,
    text: 'The address of the file is not valid, or no longer.',
    remedy: 'Take the address from the message again.',
  },

  // 24xxx: profiles
  PROFILE_TOO_LONG: {
    code: 24000,
    http: 400,
    retryable: false,
    text: 'A field of the profile is too long.',
    remedy: 'Compare it with the limits.',
  },
} as const satisfies Record<string, ErrorSpec>
