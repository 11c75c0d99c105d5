import { LIMITS, Refused, type FileKind, type MediaToken } from '@hongyan/protocol'
import type { KeyRing } from '../auth/key-ring.ts'
import type { Clock } from '../kit/clock.ts'
import { Seal } from './seal.ts'

/** How long an upload may begin after it was asked for. */
export const TICKET_MS = 3_600_000
/** Rights are looked at whenever a file is opened, so this only bounds for how long an address that leaked may be tried. */
const TOKEN_MS = 12 * 3_600_000

/** Who may open files, or upload one. */
export interface Bearer {
  readonly accountKey: number
  readonly loginKey: number
}

/** Makes and reads what stands in addresses: tickets for one upload, tokens for opening files. */
export class Tickets {
  readonly #clock: Clock
  readonly #tokens: Seal
  readonly #tickets: Seal

  constructor(keys: KeyRing, clock: Clock) {
    this.#clock = clock
    this.#tokens = new Seal(keys, 'media token')
    this.#tickets = new Seal(keys, 'upload ticket')
  }

  token({ accountKey, loginKey }: Bearer): MediaToken {
    const expiresAtMs = this.#clock.now() + TOKEN_MS
    return { token: this.#tokens.sign([accountKey, loginKey, expiresAtMs]), expiresAtMs }
  }

  /** Refuses MEDIA_TOKEN_INVALID for what we did not sign and for what has run out. */
  bearerOf(token: string): Bearer {
    const [accountKey, loginKey, expiresAtMs] = (this.#tokens.open(token) ?? []).map(Number)
    if (accountKey === undefined || loginKey === undefined || !this.#isGood(expiresAtMs)) {
      throw new Refused('MEDIA_TOKEN_INVALID')
    }
    return { accountKey, loginKey }
  }

  ticket(fileId: string, { accountKey, loginKey }: Bearer): { readonly ticket: string; readonly expiresAtMs: number } {
    const expiresAtMs = this.#clock.now() + TICKET_MS
    return { ticket: this.#tickets.sign([fileId, accountKey, loginKey, expiresAtMs]), expiresAtMs }
  }

  /** Refuses TICKET_INVALID for what is not for this file, not ours, or has run out. */
  uploaderOf(fileId: string, ticket: string): Bearer {
    const [signedId, ...numbers] = this.#tickets.open(ticket) ?? []
    const [accountKey, loginKey, expiresAtMs] = numbers.map(Number)
    const isFor = signedId === fileId && accountKey !== undefined && loginKey !== undefined
    if (!isFor || !this.#isGood(expiresAtMs)) throw new Refused('TICKET_INVALID')
    return { accountKey, loginKey }
  }

  #isGood(expiresAtMs: number | undefined): boolean {
    return expiresAtMs !== undefined && this.#clock.now() < expiresAtMs
  }
}

const MAX_BYTES: { readonly [Kind in FileKind]: number } = {
  image: LIMITS.imageBytes,
  audio: LIMITS.audioBytes,
  video: LIMITS.videoBytes,
  file: LIMITS.fileBytes,
  merger: LIMITS.mergerBytes,
}

export function maxBytesOf(kind: FileKind): number {
  return MAX_BYTES[kind]
}
