import { tellTyping, type Destination } from '../../im/outgoing'

const TELL_EVERY_MS = 3_000
/** Who was cut off never says that he has stopped. */
const FORGET_MS = 6_000

/** Tells the peer that I type: at once, and no more than every three seconds. */
export class OwnTyping {
  private readonly destination: Destination
  private toldMs = 0

  constructor(destination: Destination) {
    this.destination = destination
  }

  changed(text: string, nowMs: number): void {
    if (text === '') return this.stop()
    if (nowMs - this.toldMs < TELL_EVERY_MS) return
    this.toldMs = nowMs
    void tellTyping(this.destination, true)
  }

  stop(): void {
    if (this.toldMs === 0) return
    this.toldMs = 0
    void tellTyping(this.destination, false)
  }

  /** A message says it as well. */
  sent(): void {
    this.toldMs = 0
  }
}

/** Whether the peer types, as the page shows it. */
export class PeerTyping {
  private readonly show: (isTyping: boolean) => void
  private timer: number | undefined

  constructor(show: (isTyping: boolean) => void) {
    this.show = show
  }

  tell(isTyping: boolean): void {
    if (!isTyping && this.timer === undefined) return
    if (this.timer !== undefined) clearTimeout(this.timer)
    this.timer = isTyping ? setTimeout(() => this.tell(false), FORGET_MS) : undefined
    this.show(isTyping)
  }

  end(): void {
    if (this.timer !== undefined) clearTimeout(this.timer)
    this.timer = undefined
  }
}
