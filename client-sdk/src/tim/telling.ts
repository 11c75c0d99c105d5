import type { ConversationId, Seq } from '@hongyan/protocol'
import type { Client } from '../core/client-api.ts'
import type { TimEmitter } from './emitter.ts'
import type { GroupAttributes } from './group-attributes.ts'
import type { UrlOf } from './mapping/element.ts'
import type { Message } from './mapping/message.ts'
import type { MessageCache } from './message-cache.ts'

/** What it takes to tell an application of something. */
export interface Telling {
  readonly client: Client
  readonly emitter: TimEmitter
  readonly messages: MessageCache
  readonly attributes: GroupAttributes
  /** Files have addresses of the client's making. */
  readonly urlOf: UrlOf
  /** Revocations are told on the instance that revoked, too. */
  readonly tellsOwnRevokes: boolean
  /** A message by its place, fetched where it is not kept; undefined where the user does not see it. */
  messageAt(conversationId: ConversationId, seq: Seq): Promise<Message | undefined>
  /** Does what nobody waits for. */
  inBackground(work: Promise<unknown>): void
}
