import { Refused } from '@hongyan/protocol'

/** May this user take back this message now? Refuses NOT_THE_SENDER and REVOKE_WINDOW_OVER. */
export function assertMayRevoke(
  message: { readonly senderKey: number; readonly sentAtMs: number },
  accountKey: number,
  nowMs: number,
  windowMs: number,
): void {
  if (message.senderKey !== accountKey) throw new Refused('NOT_THE_SENDER')
  if (nowMs - message.sentAtMs > windowMs) throw new Refused('REVOKE_WINDOW_OVER')
}
