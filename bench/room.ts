import type { LightClient } from '../loadtest/src/wire/light-client.ts'
import { PADDING } from './clients.ts'
import { share } from './report.ts'

/** Somebody who speaks to a room of listeners. */
export interface Speaker {
  /** Says the next thing. */
  say(): void
  /** How many answers he gets to each: 0 or 1. */
  readonly answers: 0 | 1
}

export interface Saturated {
  /** Deliveries: one message to one member. */
  readonly perSecond: number
  /** From the first byte sent until the last member has it. */
  readonly p99Ms: number
  /** Share of its core that the load took, the rest is room: near 1 the load is what limits. */
  readonly loadBusy: number
}

const STUCK_MS = 20_000

/**
 * Counts what arrives in a room. Each member gets everything in order, so the n-th frame of each of them is the n-th
 * message, and nobody has to read it.
 */
export class Room {
  readonly #size: number
  readonly #speaker: Speaker
  /** How many each member has. */
  readonly #counts: Uint32Array
  #answers = 0
  readonly #sentAtMs: number[] = []
  /** How many deliveries and answers of each message are still to come. */
  readonly #missing: number[] = []
  #onComplete: (ms: number) => void = () => {}
  #delivered = 0

  constructor(size: number, speaker: Speaker) {
    this.#size = size
    this.#speaker = speaker
    this.#counts = new Uint32Array(size)
  }

  /** How many deliveries there have been so far. */
  get delivered(): number {
    return this.#delivered
  }

  /** A member has got the next message. */
  hear(member: number): void {
    const number = this.#counts[member] ?? 0
    this.#counts[member] = number + 1
    this.#delivered++
    this.#tick(number)
  }

  /** The speaker has got his next answer. */
  hearAnswer(): void {
    this.#tick(this.#answers++)
  }

  /** As much as the server takes: always so many messages on their way. */
  async saturate(inFlight: number, seconds: number): Promise<Saturated> {
    const startMs = performance.now() + 1_000
    const endMs = startMs + seconds * 1000
    const times: number[] = []
    let before = 0
    let after = 0
    let cpu = process.cpuUsage()
    const starting = setTimeout(() => {
      before = this.#delivered
      cpu = process.cpuUsage()
    }, startMs - performance.now())
    let usedMicroseconds = 0
    let ending: NodeJS.Timeout | undefined
    await this.#untilComplete((resolve) => {
      let pending = inFlight
      ending = setTimeout(() => {
        after = this.#delivered
        const used = process.cpuUsage(cpu)
        usedMicroseconds = used.user + used.system
      }, endMs - performance.now())
      this.#onComplete = (ms) => {
        const now = performance.now()
        if (now >= startMs && now < endMs) times.push(ms)
        if (now < endMs || usedMicroseconds === 0) this.#say()
        else if (--pending === 0) resolve()
      }
      for (let i = 0; i < inFlight; i++) this.#say()
    })
    clearTimeout(starting)
    clearTimeout(ending)
    return {
      perSecond: (after - before) / seconds,
      p99Ms: share(times, 0.99),
      loadBusy: usedMicroseconds / 1e6 / seconds,
    }
  }

  /** So many messages a second, whatever the server does; what each took until the last member had it. */
  async atRate(messagesPerSecond: number, seconds: number): Promise<readonly number[]> {
    const count = Math.max(20, Math.round(messagesPerSecond * seconds))
    const times: number[] = []
    await this.#untilComplete((resolve) => {
      this.#onComplete = (ms) => {
        times.push(ms)
        if (times.length === count) resolve()
      }
      const startMs = performance.now()
      let said = 0
      const sayDue = (): void => {
        const due = Math.min(count, 1 + ((performance.now() - startMs) / 1000) * messagesPerSecond)
        for (; said < due; said++) this.#say()
        if (said < count) setTimeout(sayDue, 1)
      }
      sayDue()
    })
    return times
  }

  #say(): void {
    this.#sentAtMs.push(performance.now())
    this.#missing.push(this.#size + this.#speaker.answers)
    this.#speaker.say()
  }

  #tick(number: number): void {
    const missing = (this.#missing[number] ?? 0) - 1
    this.#missing[number] = missing
    if (missing < 0) throw new Error(`message ${number} came once more than there are members`)
    if (missing === 0) this.#onComplete(performance.now() - (this.#sentAtMs[number] ?? 0))
  }

  /** Runs the work until it says that it is complete; throws when nothing arrives for long. */
  async #untilComplete(work: (resolve: () => void) => void): Promise<void> {
    let last = -1
    let timer: NodeJS.Timeout | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        timer = setInterval(() => {
          if (this.#delivered === last) reject(new Error('nothing arrives any more'))
          last = this.#delivered
        }, STUCK_MS)
        work(resolve)
      })
    } finally {
      clearInterval(timer)
      this.#onComplete = () => {}
    }
  }
}

/** The n-th text a speaker says. All are of the same length. */
export function textOf(number: number): string {
  return `#${String(number).padStart(8, '0')}${PADDING}`
}

/** Listens to everything a connection of the relay gets. */
export function listen(client: LightClient, heard: () => void): void {
  client.onText = heard
}
