/**
 * The version of the wire. A client names its version when it opens a session; the server serves every version from
 * MIN_PROTOCOL_VERSION to PROTOCOL_VERSION (rule [OPEN-3]).
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
