import { randomBytes } from 'node:crypto'

/** Chance, injected so that tests and the simulator own it. */
export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number
  /** An unguessable id of 16 random bytes, as 22 characters of `A-Za-z0-9_-`. */
  id(): string
}

const ID_BYTES = 16
const IDS_AT_ONCE = 256

/** To ask the system costs more than what is asked for: bytes for many ids come at once. */
class Ids {
  #bytes = Buffer.alloc(0)
  #at = 0

  next(): string {
    if (this.#at >= this.#bytes.length) {
      this.#bytes = randomBytes(ID_BYTES * IDS_AT_ONCE)
      this.#at = 0
    }
    const id = this.#bytes.toString('base64url', this.#at, this.#at + ID_BYTES)
    // Whoever reads the memory later learns no id that was given out.
    this.#bytes.fill(0, this.#at, this.#at + ID_BYTES)
    this.#at += ID_BYTES
    return id
  }
}

const ids = new Ids()

export const systemRandom: Random = {
  fraction: () => Math.random(),
  id: () => ids.next(),
}
