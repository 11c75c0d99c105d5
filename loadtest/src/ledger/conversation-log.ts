import { numberOf, senderOf } from '../wire/mark.ts'
import type { Books } from './books.ts'

/** An entry that is no message of this run: it has its place, and no identity. */
export const FOREIGN = -1

/** Entries of one part of a log, which is forgotten as a whole. */
const PART = 64

interface Part {
  /** Identity of what was seen at each place; 0 for nothing yet. */
  readonly seen: Float64Array
  /** Identity of what a sender was told is there. */
  readonly told: Float64Array
  /** Own messages seen and not yet told of, and told of and not yet seen. */
  open: number
  /** Clients that are past it. */
  passed: number
}

/** Parts that all logs of a process may hold together: 1 KiB and a little each. */
export class Budget {
  #left: number

  constructor(parts: number) {
    this.#left = parts
  }

  take(): boolean {
    if (this.#left <= 0) return false
    this.#left--
    return true
  }

  give(): void {
    this.#left++
  }
}

/**
 * What stands where in one conversation, as the clients of this process see it and as the senders were told. Compares each
 * entry the moment it is seen; a part that everybody is past, with nothing open in it, is forgotten, so that a long run
 * needs no more memory than a short one.
 */
export class ConversationLog {
  /** The greatest offset of which a sender was told. */
  headTold = 0
  readonly #books: Books
  readonly #budget: Budget
  readonly #followers: number
  readonly #parts = new Map<number, Part>()
  /** Entries up to here have been seen by the client who is furthest. */
  #frontier = 0
  /** The last number of each sender at the frontier. */
  readonly #lastOf = new Map<number, number>()

  constructor(books: Books, budget: Budget, followers: number) {
    this.#books = books
    this.#budget = budget
    this.#followers = followers
  }

  /** A client applies the entry at this place. */
  see(offset: number, identity: number): void {
    if (offset > this.#frontier) this.#advance(offset, identity)
    const part = this.#partAt(offset)
    if (!part) return
    const place = offset % PART
    const known = part.seen[place] ?? 0
    if (known !== 0) {
      if (known !== identity) this.#books.diverged++
      return
    }
    part.seen[place] = identity
    const told = part.told[place] ?? 0
    if (told === 0) part.open += identity === FOREIGN ? 0 : 1
    else if (told === identity) part.open--
    else this.#books.diverged++
  }

  /** A sender, of this process or of another, was told that his message stands at this place. */
  tell(offset: number, identity: number): void {
    if (offset > this.headTold) this.headTold = offset
    const part = this.#partAt(offset)
    if (!part) return
    const place = offset % PART
    const told = part.told[place] ?? 0
    if (told !== 0) {
      // The same answer to the same message sent again is as it should be.
      if (told !== identity) this.#books.diverged++
      return
    }
    part.told[place] = identity
    const seen = part.seen[place] ?? 0
    if (seen === 0) part.open++
    else if (seen === identity) {
      part.open--
      this.#forgetIfDone(Math.floor(offset / PART), part)
    } else this.#books.diverged++
  }

  /** A client's cursor has moved; parts that he and all others are past are let go. */
  passed(from: number, to: number): void {
    const last = Math.floor((to + 1) / PART)
    for (let index = Math.floor((from + 1) / PART); index < last; index++) {
      const part = this.#parts.get(index)
      if (!part) continue
      part.passed++
      this.#forgetIfDone(index, part)
    }
  }

  /** How many messages that senders were told of stand after this place. */
  toldAfter(offset: number): number {
    let count = 0
    for (const [index, { told }] of this.#parts) {
      for (let place = 0; place < PART; place++) {
        if (index * PART + place > offset && (told[place] ?? 0) !== 0) count++
      }
    }
    return count
  }

  #advance(offset: number, identity: number): void {
    this.#frontier = offset
    if (identity === FOREIGN) return
    const sender = senderOf(identity)
    const number = numberOf(identity)
    const last = this.#lastOf.get(sender) ?? 0
    if (number === last) this.#books.doubled++
    else if (number < last) this.#books.reordered++
    else this.#lastOf.set(sender, number)
  }

  #partAt(offset: number): Part | undefined {
    const index = Math.floor(offset / PART)
    const known = this.#parts.get(index)
    if (known) return known
    if (!this.#budget.take()) {
      this.#books.unchecked++
      return undefined
    }
    const made = { seen: new Float64Array(PART), told: new Float64Array(PART), open: 0, passed: 0 }
    this.#parts.set(index, made)
    return made
  }

  #forgetIfDone(index: number, part: Part): void {
    if (part.passed < this.#followers || part.open !== 0) return
    this.#parts.delete(index)
    this.#budget.give()
  }
}
