import { hash } from 'node:crypto'

const LINE_END = 0x0a
const HALF_BYTES = 6
const HALF = 2 ** 48

/**
 * Says whether two tables hold the same rows, in whatever order they come: the sum of all rows' SHA-256 (96 bits of each).
 * Fed with what `COPY … TO STDOUT` gives, in pieces of any length; a row is what ends with a line end.
 */
export class RowsDigest {
  #rest: Uint8Array = new Uint8Array(0)
  #rows = 0
  #high = 0
  #low = 0

  add(chunk: Uint8Array): void {
    let start = 0
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, start)) {
      const piece = chunk.subarray(start, end)
      this.#addRow(this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]))
      this.#rest = new Uint8Array(0)
      start = end + 1
    }
    if (start < chunk.length) this.#rest = Buffer.concat([this.#rest, chunk.subarray(start)])
  }

  get rows(): number {
    return this.#rows
  }

  /** Of all whole rows so far. */
  get value(): string {
    return [this.#high, this.#low].map((half) => half.toString(16).padStart(2 * HALF_BYTES, '0')).join('')
  }

  #addRow(row: Uint8Array): void {
    const digest = hash('sha256', row, 'buffer')
    this.#high = (this.#high + digest.readUIntBE(0, HALF_BYTES)) % HALF
    this.#low = (this.#low + digest.readUIntBE(HALF_BYTES, HALF_BYTES)) % HALF
    this.#rows++
  }
}
