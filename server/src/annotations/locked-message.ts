import { conversationTimeline, Refused, type ConversationId, type Seq, type UserId } from '@hongyan/protocol'
import type { Tx } from '../db/db.ts'
import type { Actor } from '../logins/actor.ts'
import { holdLogin } from '../logins/login-reader.ts'
import { lockTimelines, type LockedTimeline } from '../timelines/timeline-writer.ts'
import { readAccess, readAnnotated, type Access, type AnnotatedMessage } from './access-reader.ts'

/** A conversation whose timeline is locked until the transaction ends, and its member who acts. */
export interface LockedConversation {
  readonly timeline: LockedTimeline
  readonly access: Access
}

/** Locks the conversation's timeline for its member. Refuses NOT_A_MEMBER; rights are what is true under the lock. */
export async function lockAsMember(tx: Tx, actor: Actor, conversationId: ConversationId): Promise<LockedConversation> {
  const id = conversationTimeline(conversationId)
  // One after the other on one connection: what the last one sees is true under the lock.
  const [, locked, access] = await Promise.all([
    holdLogin(tx, actor),
    lockTimelines(tx, [id]),
    readAccess(tx, conversationId, actor.accountKey),
  ])
  const timeline = locked.get(id)
  if (!timeline || !access) throw new Refused('NOT_A_MEMBER')
  return { timeline, access }
}

/**
 * As `lockAsMember`, for something that is put on a message. Refuses NO_SUCH_MESSAGE also when it is not for this member
 * to see, and MESSAGE_REVOKED.
 */
export async function lockMessage(
  tx: Tx,
  actor: Actor,
  conversationId: ConversationId,
  seq: Seq,
): Promise<LockedConversation & { readonly message: AnnotatedMessage }> {
  const locked = await lockAsMember(tx, actor, conversationId)
  const message = await readAnnotated(tx, locked.access, actor.accountKey, seq)
  if (!message) throw new Refused('NO_SUCH_MESSAGE')
  if (message.isRevoked) throw new Refused('MESSAGE_REVOKED')
  return { ...locked, message }
}

/** The fields by which an entry names the message it is about, and who may see it where not everybody may. */
export function aboutMessage(message: AnnotatedMessage): {
  readonly seq: Seq
  readonly messageId: string
  readonly receiverIds?: UserId[]
} {
  const { seq, senderKey, senderId, clientMsgId, receiverIds } = message
  return {
    seq,
    messageId: `${senderKey}-${clientMsgId}`,
    ...(receiverIds === null ? {} : { receiverIds: [...new Set([senderId, ...receiverIds])] }),
  }
}
