import type { Broker, BrokerStats } from './broker.ts'
import { LocalDelivery } from './local-delivery.ts'

/** What joins the nodes of one process. A server that stands alone needs none. */
export class MemoryBus {
  readonly nodes = new Set<(topic: string, payload: string) => void>()
}

export interface MemoryBrokerOptions {
  /** Hears of a receiver that threw; the other payloads are delivered all the same. */
  readonly onFault: (err: unknown) => void
  /** Brokers on the same bus are nodes of one cluster. */
  readonly bus?: MemoryBus
}

/** The broker of a cluster in one process: nothing is lost between nodes, so `onLost` is never called. */
export class MemoryBroker implements Broker {
  readonly #onFault: (err: unknown) => void
  readonly #bus: MemoryBus
  readonly #topics = new Set<string>()
  readonly #delivery = new LocalDelivery((topic, payload) => this.#deliver(topic, payload))
  readonly #accept = (topic: string, payload: string) => this.#delivery.push(topic, payload)
  #receive: (topic: string, payload: string) => void = () => {}
  #closed = false
  #published = 0
  #dropped = 0
  #received = 0

  constructor(options: MemoryBrokerOptions) {
    this.#onFault = options.onFault
    this.#bus = options.bus ?? new MemoryBus()
    this.#bus.nodes.add(this.#accept)
  }

  publish(topic: string, payload: string): void {
    this.#published += 1
    if (this.#closed) {
      this.#dropped += 1
      return
    }
    for (const accept of this.#bus.nodes) accept(topic, payload)
  }

  subscribe(topic: string): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the broker is closed'))
    this.#topics.add(topic)
    return Promise.resolve()
  }

  unsubscribe(topic: string): void {
    this.#topics.delete(topic)
  }

  onPayload(receive: (topic: string, payload: string) => void): void {
    this.#receive = receive
  }

  onLost(): void {
    // Between the nodes of one process there is no link to lose.
  }

  isUp(): boolean {
    return !this.#closed
  }

  stats(): BrokerStats {
    return { published: this.#published, dropped: this.#dropped, received: this.#received, lost: 0 }
  }

  close(): Promise<void> {
    this.#closed = true
    this.#bus.nodes.delete(this.#accept)
    this.#topics.clear()
    return Promise.resolve()
  }

  #deliver(topic: string, payload: string): void {
    if (!this.#topics.has(topic)) return
    this.#received += 1
    try {
      this.#receive(topic, payload)
    } catch (err) {
      this.#onFault(err)
    }
  }
}
