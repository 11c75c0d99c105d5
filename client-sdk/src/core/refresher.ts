import type { ConversationId } from '@hongyan/protocol'
import type { Platform } from './client-api.ts'

const RETRY_MS = 2000

export interface RefresherPorts {
  readonly clock: Platform['clock']
  readonly isReady: () => boolean
  /** Whether the store still lacks something of it. */
  readonly isNeeded: (id: ConversationId) => boolean
  /** Fetches its state into the store; tells `later` when there was no final answer. */
  readonly fetch: (id: ConversationId, done: (result: 'fetched' | 'refused' | 'later') => void) => void
}

/**
 * Fetches, one after the other and beside everything else, what entries do not carry: the profile of a new peer or group,
 * and the message that is the last one after the last was deleted.
 */
export class Refresher {
  private readonly ports: RefresherPorts
  private readonly wanted = new Set<ConversationId>()
  private isBusy = false
  private cancelRetry: (() => void) | undefined = undefined

  constructor(ports: RefresherPorts) {
    this.ports = ports
  }

  want(id: ConversationId): void {
    this.wanted.add(id)
    this.run()
  }

  /** Goes on when there is something to do and a session to do it on. */
  run(): void {
    if (this.isBusy || this.cancelRetry !== undefined || !this.ports.isReady()) return
    for (const id of this.wanted) {
      if (this.ports.isNeeded(id)) return this.fetch(id)
      this.wanted.delete(id)
    }
  }

  stop(): void {
    this.wanted.clear()
    this.cancelRetry?.()
    this.cancelRetry = undefined
  }

  private fetch(id: ConversationId): void {
    this.isBusy = true
    this.ports.fetch(id, (result) => {
      this.isBusy = false
      if (result === 'refused') this.wanted.delete(id)
      if (result !== 'later') return this.run()
      this.cancelRetry = this.ports.clock.after(RETRY_MS, () => {
        this.cancelRetry = undefined
        this.run()
      })
    })
  }
}
