import type { ReplyOf, RequestOf } from '@hongyan/protocol'
import type { AskedCommand } from '../core/client-api.ts'
import type { Requests } from '../core/requests.ts'
import { replyIfDone } from './done-before.ts'

/** Commands that name messages by their numbers, or mean the end of a conversation as it is now. */
const OF_EPOCH = /^(message|receipt|reaction|extension)\.|\.(hide|clear|pinMessage)$/

/** Asks for what the store need not know of. */
export function ask<Name extends AskedCommand>(
  requests: Requests,
  command: Name,
  body: RequestOf<Name>,
): Promise<ReplyOf<Name>> {
  return requests.call(command, body, {
    isOfEpoch: OF_EPOCH.test(command),
    isOnce: isOnce(command, body),
    replyIfDone: (refusal) => replyIfDone(command, body, refusal),
  })
}

/** Whether doing it twice is another thing than doing it once; all others are idempotent. */
function isOnce(command: AskedCommand, body: object): boolean {
  return command === 'group.setCounters' && 'adds' in body && body.adds === true
}
