import type { ReplyOf, RequestOf } from '@hongyan/protocol'
import type { Draft, HistoryPage } from '../core/client-api.ts'
import type { Outcome } from '../core/failure.ts'
import type { Requests } from '../core/requests.ts'

/** Stores a message; sent again with the same clientMsgId until there is an answer or the time is up. */
export function send(
  requests: Requests,
  draft: Draft,
  timeoutMs: number,
  settle: (outcome: Outcome<ReplyOf<'message.send'>>) => void,
): void {
  requests.ask('message.send', travelling(draft), settle, { timeoutMs })
}

/** Delivers to whoever is there now. */
export function sendVolatile(requests: Requests, draft: Draft): Promise<ReplyOf<'message.sendVolatile'>> {
  return requests.call('message.sendVolatile', travelling(draft))
}

export function history(requests: Requests, query: RequestOf<'message.history'>): Promise<HistoryPage> {
  return requests.call('message.history', query, { isOfEpoch: true })
}

export function revoke(requests: Requests, body: RequestOf<'message.revoke'>): Promise<unknown> {
  return requests.call('message.revoke', body, { isOfEpoch: true })
}

export function modify(requests: Requests, body: RequestOf<'message.modify'>): Promise<ReplyOf<'message.modify'>> {
  return requests.call('message.modify', body, { isOfEpoch: true })
}

export function deleteMessages(requests: Requests, body: RequestOf<'message.delete'>): Promise<unknown> {
  return requests.call('message.delete', body, { isOfEpoch: true })
}

/** The draft as it travels. */
export function travelling(draft: Draft): RequestOf<'message.send'> {
  const { elements, mentions, receiverIds, ...rest } = draft
  return {
    ...rest,
    elements: [...elements],
    ...(mentions === undefined ? {} : { mentions: { ...mentions, userIds: [...mentions.userIds] } }),
    ...(receiverIds === undefined ? {} : { receiverIds: [...receiverIds] }),
  }
}
