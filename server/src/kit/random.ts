import { randomBytes } from 'node:crypto'

/** Chance, injected so that tests and the simulator own it. */
export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number
  /** An unguessable id of 16 random bytes, as 22 characters of `A-Za-z0-9_-`. */
  id(): string
}

export const systemRandom: Random = {
  fraction: () => Math.random(),
  id: () => randomBytes(16).toString('base64url'),
}
