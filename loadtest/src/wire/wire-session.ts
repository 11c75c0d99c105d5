import type { Ending, LightClient, OnText } from './light-client.ts'

/** What a request was answered with, unparsed; undefined when the connection ended before. */
export type OnAnswer = (frame: Buffer | undefined) => void

interface Waiting {
  readonly askedAtMs: number
  readonly settle: OnAnswer
}

const PING_BYTES = '{"type":"ping"}'.length
const PING = '{"type":"ping"}'
const PONG = '{"type":"pong"}'
/** Where the type begins in every frame of the server, and what tells the types apart there. */
const TYPE_AT = '{"type":"'.length
const LETTER = { push: 'p'.charCodeAt(0), reply: 'r'.charCodeAt(0), error: 'e'.charCodeAt(0) } as const
const PONG_LETTER = 'o'.charCodeAt(0)
const ID_AT = '{"type":"reply","id":'.length

/**
 * Requests and their answers over a light client, and the heartbeat's answers. An answer is handed on in the order of
 * frames; what belongs to nobody goes to `onPush` and `onReply`.
 */
export class WireSession {
  /** Gets every push and volatile frame. */
  onPush: OnText = () => {}
  /** Gets the number of each reply that nobody waits for. */
  onReply: (id: number) => void = () => {}
  /** Whether a frame has come since this was last set to false. */
  hasHeard = true
  readonly #client: LightClient
  readonly #waiting = new Map<number, Waiting>()
  #nextId = 1

  constructor(client: LightClient) {
    this.#client = client
    client.onText = (bytes, start, end) => this.#take(bytes, start, end)
  }

  /** From now on the end of the connection is told, after what waits for an answer has been told there will be none. */
  watch(onClosed: (ending: Ending) => void): void {
    this.#client.onClosed = (ending) => {
      this.#forget()
      onClosed(ending)
    }
  }

  /** How many requests wait for their answers. */
  get pending(): number {
    return this.#waiting.size
  }

  /** When the oldest request that has no answer was sent; undefined when all have one. */
  get waitingSinceMs(): number | undefined {
    for (const { askedAtMs } of this.#waiting.values()) return askedAtMs
    return undefined
  }

  /** Sends a request. `settle` is called once, with a copy of the answer. */
  request(command: string, body: object, settle: OnAnswer): void {
    const id = this.#nextId++
    this.#waiting.set(id, { askedAtMs: performance.now(), settle })
    this.#client.send(JSON.stringify({ type: 'request', id, command, body }))
  }

  /** Sends a request that nobody waits for; `onReply` hears of its answer. */
  tell(command: string, body: object): number {
    const id = this.#nextId++
    this.#client.send(JSON.stringify({ type: 'request', id, command, body }))
    return id
  }

  ping(): void {
    this.#client.send(PING)
  }

  /** Reads nothing any more, and stays. */
  pause(): void {
    this.#client.pause()
  }

  /** Ends the connection as a lost network does. What waits is told that there will be no answer. */
  close(): void {
    this.#client.close()
    this.#forget()
  }

  #forget(): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { settle } of waiting) settle(undefined)
  }

  #take(bytes: Buffer, start: number, end: number): void {
    this.hasHeard = true
    const letter = bytes[start + TYPE_AT]
    if (letter === LETTER.push && end - start === PING_BYTES) {
      if (bytes[start + TYPE_AT + 1] !== PONG_LETTER) this.#client.send(PONG)
    } else if (letter === LETTER.reply || letter === LETTER.error) this.#takeAnswer(bytes, start, end)
    else this.onPush(bytes, start, end)
  }

  #takeAnswer(bytes: Buffer, start: number, end: number): void {
    const id = Number.parseInt(bytes.toString('latin1', start + ID_AT, start + ID_AT + 12), 10)
    const waiting = this.#waiting.get(id)
    if (waiting) {
      this.#waiting.delete(id)
      waiting.settle(Buffer.from(bytes.subarray(start, end)))
    } else if (bytes[start + TYPE_AT] === LETTER.error) {
      throw new Error(`refused: ${bytes.toString('utf8', start, end)}`)
    } else this.onReply(id)
  }
}
