/**
 * The version of the wire. A client names its version when it opens a session; the server serves every version from
 * MIN_PROTOCOL_VERSION to PROTOCOL_VERSION (rule [OPEN-3]).
 *
 * History
 * 1  the first wire: sessions, sync, one-to-one messages, read marks, conversations
 */
export const PROTOCOL_VERSION = 1
export const MIN_PROTOCOL_VERSION = 1
