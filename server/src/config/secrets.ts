import { inspect } from 'node:util'

const HIDDEN = '(hidden)'

/**
 * A text that must not reach a log. JSON, template strings and `inspect` show `shown` instead, so that a whole
 * configuration may be logged; `reveal` is the only way to the text itself.
 */
export class Secret {
  readonly #text: string
  readonly #shown: string

  constructor(text: string, shown: string = HIDDEN) {
    this.#text = text
    this.#shown = shown
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return this.#shown
  }

  toJSON(): string {
    return this.#shown
  }

  [inspect.custom](): string {
    return this.#shown
  }
}
