import type { Host } from '../host.ts'
import type { Calls } from './calls.ts'
import { Listeners } from './listeners.ts'

/** WeChat stops the JavaScript of a hidden mini-program after this. */
export const SUSPEND_AFTER_MS = 5_000

export type NetworkType = 'wifi' | '5g' | '4g' | '3g' | '2g' | 'unknown' | 'none'

/** Why something in flight was cut. */
export type Cut = 'interrupted' | 'offline'

/**
 * The phone's network as requests and sockets see it: gone while the mini-program is suspended or the network is off.
 * What happens to a suspended program is told when it wakes, for its JavaScript stands still until then.
 */
export class Network {
  readonly changes: Listeners
  readonly #host: Host
  readonly #inFlight = new Set<(cut: Cut) => void>()
  readonly #heldBack: (() => void)[] = []
  #type: NetworkType = 'wifi'
  #isSuspended = false
  #suspendTimer: ReturnType<typeof setTimeout> | undefined

  constructor(host: Host, calls: Calls) {
    this.#host = host
    this.changes = new Listeners('onNetworkStatusChange', calls)
    host.life.on('hide', () => {
      clearTimeout(this.#suspendTimer)
      this.#suspendTimer = setTimeout(() => this.#suspend(), SUSPEND_AFTER_MS)
    })
    host.life.on('show', () => this.#resume())
    host.controls.set('setNetwork', (type) => {
      if (isNetworkType(type)) this.#setType(type)
    })
  }

  get type(): NetworkType {
    return this.#type
  }

  /** Why nothing can be sent now; undefined when it can. */
  blocked(): Cut | undefined {
    if (this.#standsStill()) return 'interrupted'
    return this.#type === 'none' ? 'offline' : undefined
  }

  /** Registers something that a cut must end; the result takes it out again. */
  hold(onCut: (cut: Cut) => void): () => void {
    this.#inFlight.add(onCut)
    return () => this.#inFlight.delete(onCut)
  }

  /** Runs now, or when a suspended program wakes. */
  tell(run: () => void): void {
    if (this.#standsStill()) this.#heldBack.push(run)
    else run()
  }

  #suspend(): void {
    this.#isSuspended = true
    this.#cut('interrupted')
  }

  #resume(): void {
    clearTimeout(this.#suspendTimer)
    this.#isSuspended = false
    // After every listener of the return: a program first learns that it is back.
    queueMicrotask(() => {
      for (const run of this.#heldBack.splice(0)) run()
    })
  }

  /** The program's own onShow runs before ours, and it may use the network. */
  #standsStill(): boolean {
    return this.#isSuspended && !this.#host.life.isForeground()
  }

  #setType(type: NetworkType): void {
    if (type === this.#type) return
    this.#type = type
    if (type === 'none') this.#cut('offline')
    this.tell(() => this.changes.tell({ isConnected: type !== 'none', networkType: type }))
  }

  #cut(cut: Cut): void {
    for (const onCut of this.#inFlight) onCut(cut)
    this.#inFlight.clear()
  }
}

function isNetworkType(value: unknown): value is NetworkType {
  return typeof value === 'string' && ['wifi', '5g', '4g', '3g', '2g', 'unknown', 'none'].includes(value)
}
