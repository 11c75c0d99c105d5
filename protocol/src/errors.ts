import type { ErrorSpec } from './error-spec.ts'
import { GROUP_ERRORS } from './group-errors.ts'
import { MEDIA_ERRORS } from './media-errors.ts'
import { MESSAGE_ERRORS } from './message-errors.ts'
import { REQUEST_ERRORS } from './request-errors.ts'

export type { ErrorSpec }

/** Every error a request can be refused with: complete, ordered by range. */
export const ERRORS = {
  ...REQUEST_ERRORS,
  ...MESSAGE_ERRORS,
  ...GROUP_ERRORS,
  ...MEDIA_ERRORS,
} as const satisfies Record<string, ErrorSpec>

export type ErrorName = keyof typeof ERRORS

/** A refusal: an expected answer that is not the one hoped for. The dispatcher turns it into an error frame. */
export class Refused extends Error {
  readonly code: ErrorName
  /** After how long the same request is likely to succeed, in ms, where that is known. */
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorName, detail?: string, hint: { readonly retryAfterMs?: number } = {}) {
    super(detail ?? ERRORS[code].text)
    this.name = 'Refused'
    this.code = code
    this.retryAfterMs = hint.retryAfterMs
  }
}
