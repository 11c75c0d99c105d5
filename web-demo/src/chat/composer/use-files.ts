import { shallowRef } from 'vue'
import { newFile } from '../../im/new-messages.ts'
import type { OpenChat } from '../../im/open-chat.ts'
import { planFor } from './file-plan.ts'
import { composerWords as words } from './words.ts'
import { toastWarning } from '../../parts/toast.ts'

/** So many are looked at and sent at once. */
const MAX_FILES = 20

/** Files on their way from a choice, a paste or a drop into messages. */
export function useFiles(openChat: OpenChat) {
  /** Shown in the dialog before they are sent; empty when there is none. */
  const pending = shallowRef<readonly File[]>([])

  /** Shows them before they go: what was pasted or dropped may be another thing than was thought. */
  function offer(files: readonly File[]): void {
    const all = [...pending.value, ...files]
    if (all.length > MAX_FILES) toastWarning(words.value.tooMany(MAX_FILES))
    pending.value = all.slice(0, MAX_FILES)
  }

  /** One that was chosen by hand goes at once, unless it cannot. */
  async function take(files: readonly File[]): Promise<void> {
    const [only] = files
    if (files.length === 1 && only && planFor(only).can) await sendAll(files)
    else offer(files)
  }

  /** In their order, each as what the server takes it for. */
  async function sendAll(files: readonly File[]): Promise<void> {
    pending.value = []
    for (const file of files) {
      const plan = planFor(file)
      if (!plan.can) continue
      // Not awaited: the SDK keeps the order, and each shows its own progress.
      void openChat.send(await newFile(openChat.address, plan.as, file))
    }
  }

  return { pending, offer, take, sendAll }
}

/** The files in what was pasted or dropped; folders, which cannot be read, are left out and said. */
export function filesIn(transfer: DataTransfer): readonly File[] {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file')
  const isFolder = (item: DataTransferItem): boolean => item.webkitGetAsEntry?.()?.isDirectory === true
  if (items.some(isFolder)) toastWarning(words.value.noFolders)
  return items.filter((item) => !isFolder(item)).flatMap((item) => item.getAsFile() ?? [])
}
