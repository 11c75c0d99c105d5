import type { Platform } from '../core/client-api.ts'

/** Time for the message before to be handed to the client after its preparation; old iOS turns promises into timers. */
const GAP_MS = 10

/**
 * Messages with files leave in the order they were sent in, one conversation's among themselves: their uploads run side by
 * side, and who is ready early waits for those before him, until these are ready or have failed. Texts do not wait.
 */
export class SendingLine {
  private readonly clock: Platform['clock']
  private readonly last = new Map<string, Promise<void>>()

  constructor(clock: Platform['clock']) {
    this.clock = clock
  }

  /** Settles with the work, but not before the turn has come. */
  async pass(conversationID: string, work: Promise<void>): Promise<void> {
    const turn = this.turn(work, this.last.get(conversationID))
    const settled = turn.catch(() => undefined)
    this.last.set(conversationID, settled)
    try {
      await turn
    } finally {
      if (this.last.get(conversationID) === settled) this.last.delete(conversationID)
    }
  }

  private async turn(work: Promise<void>, before: Promise<void> | undefined): Promise<void> {
    await work
    if (before === undefined) return
    await before
    await new Promise<void>((resolve) => this.clock.after(GAP_MS, resolve))
  }
}
