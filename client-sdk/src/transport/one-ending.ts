import type { SocketEvents } from '../core/client-api.ts'

/** Time a closed socket has to say so itself before it is taken for closed. */
const CLOSE_DEADLINE_MS = 1000

/** Keeps a transport's promise over sockets that do not: `onClose` comes exactly once, last, and in time. */
export class OneEnding {
  private readonly events: SocketEvents
  private isOver = false
  private timer: ReturnType<typeof setTimeout> | undefined = undefined

  constructor(events: SocketEvents) {
    this.events = events
  }

  open(): void {
    if (!this.isOver) this.events.onOpen()
  }

  text(text: string): void {
    if (!this.isOver) this.events.onText(text)
  }

  close(code: number, reason: string): void {
    if (this.isOver) return
    this.isOver = true
    if (this.timer !== undefined) clearTimeout(this.timer)
    this.events.onClose(code, reason)
  }

  /** Ends with 1006 unless the socket itself ends before. */
  closeWithin(delayMs: number = CLOSE_DEADLINE_MS): void {
    if (this.isOver || this.timer !== undefined) return
    this.timer = setTimeout(() => this.close(1006, ''), delayMs)
  }
}
