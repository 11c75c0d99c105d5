import type { Books } from '../ledger/books.ts'
import type { Mark } from '../wire/mark.ts'

/**
 * What one client has heard in a live room since it came in. A speaker numbers what was taken from him without gaps, so a
 * number that is stepped over was lost. What was said before the first that is heard of a speaker was not for the client.
 */
export class Room {
  readonly #lastOf = new Map<number, number>()

  hear({ sender, number }: Mark, books: Books): void {
    books.heard++
    const last = this.#lastOf.get(sender)
    if (last === undefined || number > last) {
      if (last !== undefined) books.missed += number - last - 1
      this.#lastOf.set(sender, number)
    } else if (number === last) books.doubled++
    else {
      // It was taken for lost when it was stepped over.
      books.missed--
      books.reordered++
    }
  }

  /** In the end: what was said last, and not heard. */
  settle(said: ReadonlyMap<number, number>, books: Books): void {
    for (const [sender, last] of this.#lastOf) books.missed += Math.max(0, (said.get(sender) ?? last) - last)
  }
}
