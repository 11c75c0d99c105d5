import type { ConversationId, ReplyOf, RequestOf } from '@hongyan/protocol'
import type { Outcome } from '../core/failure.ts'
import type { Requests } from '../core/requests.ts'

/** One conversation's state; settled in the order of the frames, so that it can be judged against what came before. */
export function getConversation(
  requests: Requests,
  conversationId: ConversationId,
  settle: (outcome: Outcome<ReplyOf<'conversation.get'>>) => void,
): void {
  requests.ask('conversation.get', { conversationId }, settle)
}

export function pin(requests: Requests, body: RequestOf<'conversation.pin'>): Promise<unknown> {
  return requests.call('conversation.pin', body)
}

export function hide(
  requests: Requests,
  body: RequestOf<'conversation.hide'>,
  settle: (outcome: Outcome<unknown>) => void,
): void {
  requests.ask('conversation.hide', body, settle, { isOfEpoch: true })
}

export function clear(
  requests: Requests,
  body: RequestOf<'conversation.clear'>,
  settle: (outcome: Outcome<unknown>) => void,
): void {
  requests.ask('conversation.clear', body, settle, { isOfEpoch: true })
}
