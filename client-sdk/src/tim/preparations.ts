import type { Message } from './mapping/message.ts'

/** What must be done before a message can leave: its file is uploaded, and its payload then says where it is. */
export type Prepare = (message: Message) => Promise<void>

/** Messages that were made and never sent; beyond it the oldest can no longer be. */
const MAX_WAITING = 200

/** By message ID, because a framework may hand back a proxy of the message that was made. */
export class Preparations {
  private readonly waiting = new Map<string, Prepare>()

  set(ID: string, prepare: Prepare): void {
    this.waiting.set(ID, prepare)
    for (const oldest of this.waiting.keys()) {
      if (this.waiting.size <= MAX_WAITING) return
      this.waiting.delete(oldest)
    }
  }

  /** Once; what fails is done again when the message is sent again. */
  async run(message: Message): Promise<void> {
    const prepare = this.waiting.get(message.ID)
    if (!prepare) return
    await prepare(message)
    this.waiting.delete(message.ID)
  }

  clear(): void {
    this.waiting.clear()
  }
}
