/**
 * The version of the wire. A client names the oldest that it can do with when it opens a session; the server serves every
 * version from MIN_PROTOCOL_VERSION to PROTOCOL_VERSION (rule [OPEN-3]).
 *
 * History
 * 1  the first wire: sessions, sync, one-to-one messages, read marks, conversations
 * 2  groups, notices, receipts, changes of messages, reactions, extensions, media, profiles; a conversation's state says in
 *    `about` what it is with. A client of 1 would take a group's conversation for nobody's, so it is no longer served.
 * 3  searching: messages, users, groups and members (`search.*`)
 * 4  the reply of `session.open` names the store's `epoch`; clients of 2 and 3 do not look at it
 */
export const PROTOCOL_VERSION = 4
export const MIN_PROTOCOL_VERSION = 2
/**
 * The oldest wire with which the SDK does everything, and what it names. A page that came from a new node may meet an old
 * one, while an upgrade goes from node to node: what later wires brought, the SDK knows how to do without.
 */
export const CLIENT_PROTOCOL_VERSION = 3
