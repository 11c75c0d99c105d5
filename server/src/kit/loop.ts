import type { Clock } from './clock.ts'
import type { Logger } from './logger.ts'

/**
 * Runs `turn` again and again, `everyMs` after the last turn has ended. A turn that fails is logged and does not end the
 * loop. `stop` resolves when no turn runs any more.
 */
export class Loop {
  readonly #clock: Clock
  readonly #everyMs: number
  readonly #turn: (signal: AbortSignal) => Promise<void>
  readonly #name: string
  readonly #log: Logger
  readonly #abort = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #cancelTimer: () => void = () => {}

  constructor(options: {
    readonly name: string
    readonly everyMs: number
    readonly clock: Clock
    readonly log: Logger
    readonly turn: (signal: AbortSignal) => Promise<void>
  }) {
    this.#name = options.name
    this.#everyMs = options.everyMs
    this.#clock = options.clock
    this.#log = options.log
    this.#turn = options.turn
  }

  start(): void {
    this.#cancelTimer = this.#clock.after(this.#everyMs, () => {
      this.#running = this.#runOnce()
    })
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    this.#cancelTimer()
    await this.#running
  }

  async #runOnce(): Promise<void> {
    try {
      await this.#turn(this.#abort.signal)
    } catch (err) {
      this.#log.warn({ err, loop: this.#name }, 'a turn of the loop failed')
    }
    if (!this.#abort.signal.aborted) this.start()
  }
}
