import type { Message } from '@hongyan/client-sdk'

/** So many messages of a conversation the page holds, however long it is; what is further away is fetched again. */
const KEPT_MESSAGES = 400
/** Dropped at once, so that a busy group does not move the window with every message. */
const SLACK = 60

/** Has a place in its conversation's order; others are on their way, failed, or are not kept at all. */
export function isStored({ status, sequence, _onlineOnlyFlag }: Message): boolean {
  return status === 'success' && sequence > 0 && !_onlineOnlyFlag
}

/** Both lists in one, each message once, in the server's order; what has no place there stands by its time. */
export function joined(first: readonly Message[], second: readonly Message[]): readonly Message[] {
  const byID = new Map([...first, ...second].map((message) => [message.ID, message]))
  const all = [...byID.values()]
  const stored = all.filter(isStored).sort((a, b) => a.sequence - b.sequence)
  return all.filter((message) => !isStored(message)).reduce(withByTime, stored)
}

/** After the last one that is not younger. */
function withByTime(list: readonly Message[], message: Message): readonly Message[] {
  const index = list.findLastIndex(({ time }) => time <= message.time) + 1
  return [...list.slice(0, index), message, ...list.slice(index)]
}

/** Without the newest ones that are too many. */
export function keepOldest(messages: readonly Message[], kept = KEPT_MESSAGES): readonly Message[] {
  return messages.length > kept + SLACK ? messages.slice(0, kept) : messages
}

/** Without the oldest ones that are too many. */
export function keepNewest(messages: readonly Message[], kept = KEPT_MESSAGES): readonly Message[] {
  return messages.length > kept + SLACK ? messages.slice(-kept) : messages
}

export function oldestStored(messages: readonly Message[]): Message | undefined {
  return messages.find(isStored)
}

export function newestStored(messages: readonly Message[]): Message | undefined {
  return messages.findLast(isStored)
}
