import { classify } from '@hongyan/protocol'
import type { Push } from '../wire/push-frame.ts'

/** What a numbered push shows about the wire. `next`, `gap` and `old` are as the protocol classifies them. */
export type Arrival = 'next' | 'gap' | 'old' | 'doubled' | 'reordered'

/** Pushes beyond a gap that are kept while it is being closed; more than this is pulled again. */
const MAX_HELD = 256
/** Numbers that were stepped over and may still come. */
const MAX_MISSING = 256

/**
 * One timeline as one client follows it. Two books are kept: where the client stands (its cursor, which only ever goes up
 * by one), and what the connection has brought, where nothing may come twice, in another order, or not at all.
 */
export class Track {
  /** The offset up to which the client has applied everything; -1 while it is not known where the timeline stands. */
  cursor = -1
  /** A pull is under way to close a gap. */
  isPulling = false
  /** The greatest offset this connection has brought, or that the client had when it began. */
  #pushed = 0
  #held: Map<number, Push> | undefined
  #missing: Set<number> | undefined
  #early: Push[] | undefined

  /** A connection begins: what it brings goes on from the cursor. */
  begin(): void {
    this.#pushed = Math.max(0, this.cursor)
    this.#held = undefined
    this.#missing = undefined
    this.isPulling = false
  }

  /**
   * A snapshot, or an entry of the user's own timeline, says where the timeline stands. Gives back what came before that
   * was known and is beyond it, in the order in which it came.
   */
  place(offset: number): readonly Push[] {
    const early = this.#early ?? []
    this.#early = undefined
    this.cursor = offset
    this.#pushed = Math.max(this.#pushed, offset)
    this.#held = undefined
    return early.filter((push) => push.offset > offset)
  }

  /** Keeps a push of a timeline of which it is not known where it stands. */
  keepEarly(push: Push): void {
    this.#early ??= []
    if (this.#early.length < MAX_HELD) this.#early.push(push)
  }

  /** How many numbers the connection has stepped over and not brought since. */
  get missing(): number {
    return this.#missing?.size ?? 0
  }

  /** A push has come; what does it show? Does not move the cursor. */
  meet(offset: number): Arrival {
    if (offset <= this.#pushed) return this.#missing?.delete(offset) === true ? 'reordered' : 'doubled'
    for (let stepped = this.#pushed + 1; stepped < offset; stepped++) {
      this.#missing ??= new Set()
      if (this.#missing.size < MAX_MISSING) this.#missing.add(stepped)
    }
    this.#pushed = offset
    return classify(this.cursor, offset)
  }

  /** Keeps a push until the gap before it is closed. */
  hold(push: Push): void {
    this.#held ??= new Map()
    if (this.#held.size < MAX_HELD) this.#held.set(push.offset, push)
  }

  /** The next push that was kept, when it is its turn. */
  takeHeld(): Push | undefined {
    const held = this.#held
    if (!held) return undefined
    for (const offset of held.keys()) if (classify(this.cursor, offset) === 'old') held.delete(offset)
    const next = held.get(this.cursor + 1)
    held.delete(this.cursor + 1)
    if (held.size === 0) this.#held = undefined
    return next
  }

  /** Whether something waits for the gap before it. */
  get hasHeld(): boolean {
    return this.#held !== undefined
  }
}
