import { computed, onScopeDispose, type ComputedRef } from 'vue'
import { chat, TYPES } from './chat.ts'
import { peersTyping } from './peers-typing.ts'

/** As Tencent's UI kits write it, so that theirs understand ours. */
const TYPING = { businessID: 'user_typing_status', version: 1, userAction: 14, actionParam: 'EIMAMSG_InputStatus_Ing' }
const TELL_AGAIN_MS = 4_000

/** Tells the peer that the user is typing, at most every four seconds and once when it ends, and shows that the peer is. */
export function useTyping(open: { readonly type: string; readonly to: string; readonly conversationID: string }): {
  tellTyping(isTyping: boolean): void
  readonly isPeerTyping: ComputedRef<boolean>
} {
  let toldAtMs = -Infinity

  function tellTyping(isTyping: boolean): void {
    const isDue = isTyping ? performance.now() - toldAtMs >= TELL_AGAIN_MS : toldAtMs !== -Infinity
    if (!isDue || open.type !== 'C2C') return
    toldAtMs = isTyping ? performance.now() : -Infinity
    // Who is not there now need not know: such a message is not kept, and nothing depends on its arrival.
    void tell(open.to, isTyping).catch(() => undefined)
  }

  onScopeDispose(() => tellTyping(false))
  return { tellTyping, isPeerTyping: computed(() => peersTyping.value.has(open.conversationID)) }
}

async function tell(userID: string, isTyping: boolean): Promise<void> {
  const data = JSON.stringify({ ...TYPING, typingStatus: isTyping ? 1 : 0 })
  const payload = { data, description: '', extension: '' }
  const message = chat.createCustomMessage({ to: userID, conversationType: TYPES.CONV_C2C, payload })
  await chat.sendMessage(message, { onlineUserOnly: true })
}
