import type { Connection } from './connection.ts'
import type { RequestSource } from './inbox.ts'

/** Reads from a connection while nothing speaks against it: neither a full inbox, which pauses it, nor a flood. */
export class Valve implements RequestSource {
  readonly #connection: Pick<Connection, 'pause' | 'resume'>
  #isPaused = false
  #isFlooded = false

  constructor(connection: Pick<Connection, 'pause' | 'resume'>) {
    this.#connection = connection
  }

  get isFlooded(): boolean {
    return this.#isFlooded
  }

  pause(): void {
    this.#set(true, this.#isFlooded)
  }

  resume(): void {
    this.#set(false, this.#isFlooded)
  }

  /** For somebody who goes on and on after refusals. */
  shutForFlood(): void {
    this.#set(this.#isPaused, true)
  }

  openAfterFlood(): void {
    this.#set(this.#isPaused, false)
  }

  #set(isPaused: boolean, isFlooded: boolean): void {
    const wasShut = this.#isPaused || this.#isFlooded
    this.#isPaused = isPaused
    this.#isFlooded = isFlooded
    const isShut = isPaused || isFlooded
    if (isShut && !wasShut) this.#connection.pause()
    if (!isShut && wasShut) this.#connection.resume()
  }
}
