import type { Broker, BrokerStats } from '../../src/broker/broker.ts'
import type { Chance } from './chance.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What goes wrong between nodes, in payloads out of a thousand. */
export interface BrokerFaults {
  lose: number
  double: number
  /** Payloads that take up to `lateMs` more; those behind them on the same link wait too. */
  late: number
  lateMs: number
}

export const NO_BROKER_FAULTS: BrokerFaults = { lose: 0, double: 0, late: 0, lateMs: 0 }

/** The broker of a world: one place that knows who is subscribed, and a link to it from each node. */
export class SimBus {
  readonly time: VirtualTime
  readonly chance: Chance
  readonly links = new Set<SimBroker>()
  faults: BrokerFaults = { ...NO_BROKER_FAULTS }
  isUp = true
  /** A subscription takes this long at most to be confirmed. */
  confirmMs = 3
  stats = { carried: 0, lost: 0, doubled: 0, outages: 0 }

  constructor(time: VirtualTime, chance: Chance) {
    this.time = time
    this.chance = chance
  }

  /** Nothing is carried, and every link is told so. */
  goDown(): void {
    if (!this.isUp) return
    this.isUp = false
    this.stats.outages++
    for (const link of this.links) link.cut()
  }

  comeUp(): void {
    if (this.isUp) return
    this.isUp = true
    for (const link of this.links) link.join()
  }

  /** A payload has reached the broker. */
  fanOut(topic: string, payload: string): void {
    for (const link of this.links) {
      if (!link.isSubscribedThere(topic)) continue
      if (this.chance.hits(this.faults.lose)) {
        this.stats.lost++
        continue
      }
      link.carryDown(topic, payload)
      if (!this.chance.hits(this.faults.double)) continue
      this.stats.doubled++
      link.carryDown(topic, payload)
    }
  }
}

interface Wish {
  isConfirmed: boolean
  /** Somebody relies on it unconfirmed: he is told of a loss when it is confirmed. */
  isInDoubt: boolean
  readonly waiters: Set<{ readonly resolve: () => void; readonly reject: (error: Error) => void }>
}

const SUBSCRIBE_DEADLINE_MS = 1_000
const REJOIN_MS = 50

/** One node's link to the broker. Up and down it keeps the order of what it carries; what is under way when it is cut is lost. */
export class SimBroker implements Broker {
  readonly #bus: SimBus
  readonly #isAlive: () => boolean
  readonly #wishes = new Map<string, Wish>()
  readonly #there = new Set<string>()
  #isLinked = true
  #links = 0
  #upMs = 0
  #downMs = 0
  #lost = 0
  #receive: (topic: string, payload: string) => void = () => {}
  #onLost: () => void = () => {}

  constructor(bus: SimBus, isAlive: () => boolean) {
    this.#bus = bus
    this.#isAlive = isAlive
    this.#isLinked = bus.isUp
    bus.links.add(this)
  }

  publish(topic: string, payload: string): void {
    if (this.#isAlive()) this.#up(() => this.#bus.fanOut(topic, payload))
  }

  subscribe(topic: string): Promise<void> {
    const wish = this.#wishes.get(topic) ?? this.#wish(topic)
    if (wish.isConfirmed) return Promise.resolve()
    if (!this.#isLinked) {
      wish.isInDoubt = true
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject }
      wish.waiters.add(waiter)
      this.#bus.time.after(SUBSCRIBE_DEADLINE_MS, () => {
        if (!wish.waiters.delete(waiter) || !this.#isAlive()) return
        wish.isInDoubt = true
        resolve()
      })
    })
  }

  unsubscribe(topic: string): void {
    const wish = this.#wishes.get(topic)
    this.#wishes.delete(topic)
    this.#up(() => this.#there.delete(topic))
    for (const waiter of wish?.waiters ?? []) waiter.reject(new Error('unsubscribed'))
  }

  onPayload(receive: (topic: string, payload: string) => void): void {
    this.#receive = receive
  }

  onLost(receive: () => void): void {
    this.#onLost = receive
  }

  isUp(): boolean {
    return this.#isLinked
  }

  stats(): BrokerStats {
    return { published: 0, dropped: 0, received: 0, lost: this.#lost }
  }

  close(): Promise<void> {
    this.#bus.links.delete(this)
    this.cut()
    return Promise.resolve()
  }

  /** The link is gone with all that was on it. */
  cut(): void {
    if (this.#isLinked) this.#lost++
    this.#isLinked = false
    this.#links++
    this.#there.clear()
    for (const wish of this.#wishes.values()) wish.isConfirmed = false
  }

  /** A new link: asks for everything again, then says that something may have been missed. */
  join(): void {
    if (!this.#bus.isUp || this.#isLinked || !this.#isAlive()) return
    this.#isLinked = true
    this.#bus.time.after(REJOIN_MS, () => {
      for (const [topic, wish] of this.#wishes) this.#ask(topic, wish)
      this.#up(() => this.#down(() => this.#onLost()))
    })
  }

  isSubscribedThere(topic: string): boolean {
    return this.#there.has(topic)
  }

  carryDown(topic: string, payload: string): void {
    this.#down(() => {
      this.#bus.stats.carried++
      if (this.#wishes.has(topic)) this.#receive(topic, payload)
    })
  }

  #wish(topic: string): Wish {
    const wish: Wish = { isConfirmed: false, isInDoubt: false, waiters: new Set() }
    this.#wishes.set(topic, wish)
    this.#ask(topic, wish)
    return wish
  }

  #ask(topic: string, wish: Wish): void {
    this.#up(() => {
      this.#there.add(topic)
      this.#down(() => {
        if (this.#wishes.get(topic) !== wish) return
        wish.isConfirmed = true
        for (const { resolve } of wish.waiters) resolve()
        wish.waiters.clear()
        if (wish.isInDoubt) this.#onLost()
        wish.isInDoubt = false
      })
    }, this.#bus.chance.below(this.#bus.confirmMs))
  }

  #up(run: () => void, moreMs = 0): void {
    if (!this.#isLinked) return
    const link = this.#links
    this.#upMs = Math.max(this.#upMs, this.#bus.time.nowMs + this.#bus.chance.below(3) + moreMs)
    this.#bus.time.after(this.#upMs - this.#bus.time.nowMs, () => {
      if (link === this.#links) run()
    })
  }

  #down(run: () => void): void {
    const { time, chance, faults } = this.#bus
    const link = this.#links
    const lateMs = chance.hits(faults.late) ? chance.below(faults.lateMs + 1) : 0
    this.#downMs = Math.max(this.#downMs, time.nowMs + chance.below(3) + lateMs)
    time.after(this.#downMs - time.nowMs, () => {
      if (link === this.#links && this.#isAlive()) run()
    })
  }
}
