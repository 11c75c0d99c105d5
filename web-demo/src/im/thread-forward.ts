import type { Message } from '@hongyan/client-sdk'
import { chat, TYPES } from './chat.ts'
import { addressOf } from './open-chat.ts'

/** What the card of merged messages says. */
export interface MergerHeading {
  readonly title: string
  readonly abstractList: string[]
  readonly compatibleText: string
}

/** How a message leaves: the open conversation shows its own. */
export type Deliver = (message: Message) => Promise<void>

/** Copies of these, in their order, to each of the conversations. The number of those that could not be sent. */
export async function forwardEach(messages: readonly Message[], conversationIDs: readonly string[], deliver: Deliver) {
  let failed = 0
  for (const conversationID of conversationIDs) {
    for (const payload of messages) {
      failed += await sent(() => chat.createForwardMessage({ ...addressOf(conversationID), payload }), deliver)
    }
  }
  return failed
}

/** All of them as one message to each of the conversations. The number of those that could not be sent. */
export async function forwardMerged(
  messages: readonly Message[],
  {
    conversationIDs,
    heading,
    deliver,
  }: { conversationIDs: readonly string[]; heading: MergerHeading; deliver: Deliver },
): Promise<number> {
  let failed = 0
  for (const conversationID of conversationIDs) {
    const payload = { messageList: [...messages], ...heading }
    failed += await sent(() => chat.createMergerMessage({ ...addressOf(conversationID), payload }), deliver)
  }
  return failed
}

/** Tips, notices and what was never sent stay where they are. */
export function isForwardable({ type, status, isRevoked }: Message): boolean {
  return status === 'success' && !isRevoked && type !== TYPES.MSG_GRP_TIP && type !== TYPES.MSG_GRP_SYS_NOTICE
}

/** `create…` gives a rejected promise where TIM does not hand something on. */
async function sent(create: () => Message | Promise<Message>, deliver: Deliver): Promise<0 | 1> {
  try {
    await deliver(await create())
    return 0
  } catch {
    return 1
  }
}
