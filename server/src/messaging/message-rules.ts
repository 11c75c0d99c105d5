import { Refused } from '@hongyan/protocol'
import { assertMay, assertOutranks } from '../groups/group-rules.ts'
import { SYSTEM_ACCOUNT_KEY } from '../accounts/account-rules.ts'
import type { SpeakerRow } from './group-facts.ts'

/** A message that somebody wants to take back or to change. */
export interface OwnedMessage {
  readonly senderKey: number
  readonly sentAtMs: number
}

/** Who acts on a message of a group: his own place, and that of its sender, if he is still there. */
export interface GroupScene {
  readonly self: SpeakerRow | undefined
  readonly sender: SpeakerRow | undefined
}

/**
 * May this user take back this message now? The sender within the window; in a group owner and admins at any time, of those
 * they outrank (tim-semantics §4.7). Refuses NOT_THE_SENDER, REVOKE_WINDOW_OVER, NOT_PERMITTED and NOT_REVOCABLE.
 */
export function assertMayRevoke(
  message: OwnedMessage,
  accountKey: number,
  scene: GroupScene | undefined,
  window: { readonly nowMs: number; readonly windowMs: number },
): void {
  if (message.senderKey === SYSTEM_ACCOUNT_KEY) throw new Refused('NOT_REVOCABLE')
  if (message.senderKey !== accountKey) return assertMayActOn('revoke', scene)
  const isLate = window.nowMs - message.sentAtMs > window.windowMs
  if (isLate && !isLeader(scene)) throw new Refused('REVOKE_WINDOW_OVER')
}

/** May this user change this message? One-to-one both may, in a group its sender, owner and admins. Refuses NOT_MODIFIABLE. */
export function assertMayModify(message: OwnedMessage, accountKey: number, scene: GroupScene | undefined): void {
  if (message.senderKey === SYSTEM_ACCOUNT_KEY) throw new Refused('NOT_MODIFIABLE')
  if (scene && message.senderKey !== accountKey) assertMayActOn('modify', scene)
}

function assertMayActOn(action: 'revoke' | 'modify', scene: GroupScene | undefined): void {
  if (!scene?.self) throw new Refused('NOT_THE_SENDER')
  assertMay(action, scene.self.type, scene.self.role)
  if (scene.sender) assertOutranks(scene.self, scene.sender)
}

function isLeader(scene: GroupScene | undefined): boolean {
  return scene?.self !== undefined && scene.self.role < 2
}
