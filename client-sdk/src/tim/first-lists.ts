import type { Chat } from './chat.ts'

const SYNC_WAIT_MS = 15_000

/** The first whole lists; what there is of them after a while, so that no application waits for a network that is away. */
export function synced(chat: Chat): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = chat.platform.clock.after(SYNC_WAIT_MS, resolve)
    chat.client.whenSynced().then(resolve, reject).finally(cancel).catch(reject)
  })
}
