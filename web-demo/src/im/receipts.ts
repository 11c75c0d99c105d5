import type { Message } from '@hongyan/client-sdk'
import { onScopeDispose, watch } from 'vue'
import { chat } from './chat.ts'
import type { Thread } from './thread.ts'
import { isStored } from './thread-window.ts'

/** What was seen within so long goes in one request. */
const GATHER_MS = 400
/** As many as one request may name. */
const AT_ONCE = 30

/** Everything that is there has been read. Cheap where nothing is unread. */
export async function markRead(conversationID: string): Promise<void> {
  await chat.setMessageRead({ conversationID })
}

/** Tells the senders what the user has really had before the eyes. */
export function useReceipts(original: (ID: string) => Message | undefined): {
  /** To be called with what is in sight while the window has the focus. */
  saw(messages: readonly Message[]): void
} {
  const waiting = new Map<string, Message>()
  const told = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function saw(messages: readonly Message[]): void {
    for (const { ID, flow, needReadReceipt, isRevoked } of messages.filter(isStored)) {
      const message = original(ID)
      if (flow === 'in' && needReadReceipt && !isRevoked && !told.has(ID) && message) waiting.set(ID, message)
    }
    if (waiting.size > 0) timer ??= setTimeout(() => void flush(), GATHER_MS)
  }

  async function flush(): Promise<void> {
    timer = undefined
    const messages = [...waiting.values()].slice(0, AT_ONCE)
    waiting.clear()
    for (const { ID } of messages) told.add(ID)
    // What is still in sight is asked for again when the list next moves.
    await chat.sendMessageReadReceipt(messages).catch(() => messages.forEach(({ ID }) => told.delete(ID)))
  }

  onScopeDispose(() => clearTimeout(timer))
  return { saw }
}

/** Asks once how many have read the user's own messages of a group; the SDK tells of what changes later. */
export function useReadCounts(
  thread: Readonly<Thread>,
  open: { original(ID: string): Message | undefined; renew(messages: readonly Message[]): void },
): void {
  const asked = new Set<string>()

  async function load(messages: readonly Message[]): Promise<void> {
    const own = messages.filter((one) => isStored(one) && one.flow === 'out' && one.needReadReceipt && !one.isRevoked)
    const fresh = own.filter(({ ID }) => !asked.has(ID)).flatMap(({ ID }) => open.original(ID) ?? [])
    if (fresh.length === 0) return
    for (const { ID } of fresh) asked.add(ID)
    await chat.getMessageReadReceiptList(fresh)
    open.renew(fresh)
  }

  watch(
    () => thread.messages,
    // Without the numbers the messages stand there all the same.
    (messages) => void load(messages).catch(() => undefined),
    { immediate: true },
  )
}

/** One page of those who have read a message of the user's, or have not. Rejects with TIM's code. */
export async function fetchReaders(
  message: Message,
  options: { readonly hasRead: boolean; readonly cursor: string },
): Promise<{ readonly userIDs: readonly string[]; readonly cursor: string; readonly isLast: boolean }> {
  const { hasRead, cursor } = options
  const { data } = await chat.getGroupMessageReadMemberList({ message, filter: hasRead ? 0 : 1, cursor, count: 50 })
  const userIDs = hasRead ? data.readUserIDList : data.unreadUserIDList
  return { userIDs, cursor: data.cursor, isLast: data.isCompleted }
}
