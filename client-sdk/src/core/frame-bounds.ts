import { LIMITS, utf8Length } from '@hongyan/protocol/constants'

const MAX_BYTES_PER_UNIT = 3
/** Type, id and command, around the body. */
const ENVELOPE_BYTES = 128

/**
 * Whether a request with this body, as JSON, may be sent at all: the server ends the connection over a longer frame, and a
 * request that waits for the next one would end that, too.
 */
export function fitsFrame(body: string): boolean {
  return !isTooLong(body) && !hasTooManyItems(body)
}

/** Counts only what could be too long at all. */
function isTooLong(body: string): boolean {
  const most = LIMITS.frameBytes - ENVELOPE_BYTES
  return body.length * MAX_BYTES_PER_UNIT > most && utf8Length(body) > most
}

/** Commas between values; those in texts are looked at only when there are so many in all. */
function hasTooManyItems(body: string): boolean {
  const most = LIMITS.jsonItems - 8
  if (body.length <= most || body.split(',').length <= most) return false
  return body.replace(/"(?:[^"\\]|\\.)*"/g, '').split(',').length > most
}
