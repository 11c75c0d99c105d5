import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'

/** What the driver makes of a statement, as far as copying needs it. */
export interface CopyStatement {
  readable(): Promise<Readable>
  writable(): Promise<Writable>
}

/** What of the lane's life a copy must hear of. */
export interface CopyLife {
  /** Hears of the lane's end, unless the returned function is called first. */
  onDeath(listener: (cause: Error) => void): () => void
  /** Has the connection read on. */
  resume(): void
}

/**
 * The bytes of a `COPY … TO STDOUT` as they come, no faster than they are taken. Whoever stops before the end has to
 * throw the connection away: the rest is still on its way.
 */
export async function* readCopy(statement: CopyStatement, life: CopyLife): AsyncGenerator<Uint8Array, void, undefined> {
  const ended = endOf(statement)
  let readable: Readable | undefined
  let failDeath: (cause: Error) => void = () => {}
  const died = new Promise<never>((_, reject) => (failDeath = reject))
  died.catch(() => {})
  const forget = life.onDeath((cause) => {
    readable?.destroy(cause)
    failDeath(cause)
  })
  try {
    readable = await Promise.race([statement.readable(), died])
    for await (const chunk of readable) yield bytesOf(chunk)
    // The driver stops reading when more comes than is taken, and forgets to go on when nothing more is to be taken.
    life.resume()
    // The last row is not the end: the statement may still fail after it.
    await Promise.race([ended, died])
  } finally {
    forget()
  }
}

/** What should have been copied could not be had; the cause says why. The server has been told, and has undone its part. */
export class CopySourceFailed extends Error {
  override readonly name = 'CopySourceFailed'
}

/**
 * Gives these bytes to a `COPY … FROM STDIN`, no faster than the server takes them. Rejects with what the server says,
 * or with CopySourceFailed.
 */
export async function writeCopy(
  statement: CopyStatement,
  chunks: AsyncIterable<Uint8Array>,
  life: CopyLife,
): Promise<void> {
  const ended = endOf(statement)
  let failDeath: (cause: Error) => void = () => {}
  const died = new Promise<never>((_, reject) => (failDeath = reject))
  died.catch(() => {})
  const forget = life.onDeath(failDeath)
  try {
    const writable = await Promise.race([statement.writable(), died])
    // What goes wrong there is told by the end of the statement, with the server's own words.
    writable.on('error', () => {})
    const failed = Promise.race([failureOf(ended), died])
    failed.catch(() => {})
    const sourceFailure = await pour(chunks, writable, failed)
    if (sourceFailure === undefined) writable.end()
    else writable.destroy(sourceFailure)
    await Promise.race([ended, died]).catch((err: unknown) => {
      throw sourceFailure ?? err
    })
  } finally {
    forget()
  }
}

/** Resolves with what the source failed with, if it did; rejects when the statement is over before its time. */
async function pour(
  chunks: AsyncIterable<Uint8Array>,
  writable: Writable,
  failed: Promise<never>,
): Promise<CopySourceFailed | undefined> {
  const source = chunks[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await source.next().catch((cause: unknown) => new CopySourceFailed('no more to copy', { cause }))
      if (next instanceof CopySourceFailed) return next
      if (next.done === true) return undefined
      if (!writable.write(next.value)) await Promise.race([once(writable, 'drain'), failed])
    }
  } catch (err) {
    await source.return?.()
    throw err
  }
}

/**
 * The end of the whole statement. The driver settles a copying statement with its stream, and says no more: that the
 * server is done, or has refused at the last moment, is known only to its two callbacks, which it calls once more.
 */
function endOf(statement: CopyStatement): Promise<void> {
  const resolveDriver = callbackOf(statement, 'resolve')
  const rejectDriver = callbackOf(statement, 'reject')
  const ended = new Promise<void>((resolve, reject) => {
    let isBegun = false
    Object.assign(statement, {
      resolve: (value: unknown) => {
        if (isBegun) resolve()
        isBegun = true
        resolveDriver(value)
      },
      reject: (err: unknown) => {
        reject(err instanceof Error ? err : new Error(String(err)))
        rejectDriver(err)
      },
    })
  })
  ended.catch(() => {})
  // Where the driver would look it up for a failure, and by that remember each failed statement for ever.
  void Object.defineProperty(statement, 'origin', { value: '' })
  return ended
}

function callbackOf(statement: CopyStatement, name: 'resolve' | 'reject'): (value: unknown) => void {
  const callback: unknown = Reflect.get(statement, name)
  if (typeof callback !== 'function') throw new Error('the driver has changed: a statement has no callbacks')
  return (value) => void Reflect.apply(callback, statement, [value])
}

/** Never resolves; rejects as the other does. */
function failureOf(ended: Promise<void>): Promise<never> {
  return ended.then(() => new Promise<never>(() => {}))
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  throw new Error('the driver has changed: a copy gives no bytes')
}
