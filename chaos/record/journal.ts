import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'

const FLUSH_CHARS = 64 * 1024
const FLUSH_EVERY_MS = 200

/** A file of records that is only appended to. */
export class Journal<Line extends object> {
  readonly #file: number
  readonly #timer: NodeJS.Timeout
  #waiting: string[] = []
  #chars = 0

  constructor(path: string) {
    this.#file = openSync(path, 'a', 0o600)
    this.#timer = setInterval(() => this.flush(), FLUSH_EVERY_MS)
    this.#timer.unref()
  }

  /** In the file when it returns. */
  append(line: Line): void {
    this.note(line)
    this.flush()
  }

  /** In the file soon. */
  note(line: Line): void {
    const text = `${JSON.stringify(line)}\n`
    this.#waiting.push(text)
    this.#chars += text.length
    if (this.#chars > FLUSH_CHARS) this.flush()
  }

  flush(): void {
    if (this.#waiting.length === 0) return
    const text = this.#waiting.join('')
    this.#waiting = []
    this.#chars = 0
    let bytes: Uint8Array = Buffer.from(text)
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(this.#file, bytes))
  }

  close(): void {
    clearInterval(this.#timer)
    this.flush()
    closeSync(this.#file)
  }
}

/** The whole lines among the last so many bytes of a file. */
export function lastLines(path: string, maxBytes: number): readonly string[] {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const bytes = Buffer.alloc(Math.min(size, maxBytes))
    readSync(file, bytes, 0, bytes.length, size - bytes.length)
    const lines = bytes.toString('utf8').split('\n')
    // The first may have lost its beginning.
    return (size > maxBytes ? lines.slice(1) : lines).filter((line) => line !== '')
  } finally {
    closeSync(file)
  }
}
