import { PROTOCOL_VERSION } from '@hongyan/protocol'
import { signTlsUserSig } from '../server/src/auth/tls-user-sig.ts'
import { keys, SDK_APP_ID } from './clients.ts'
import { LightClient, type OnText } from './light-client.ts'

/** What an answer took and how long it was. */
export interface Answer {
  /** From the request's leaving until the last byte of its answer is here; the JSON is not parsed in it. */
  readonly ms: number
  readonly bytes: number
  readonly body: unknown
}

const PING_BYTES = '{"type":"ping"}'.length
const PONG = '{"type":"pong"}'
/** Where the type begins in every frame of the server, and what tells the types apart there. */
const TYPE_AT = '{"type":"'.length
const LETTER = { push: 'p'.charCodeAt(0), reply: 'r'.charCodeAt(0), error: 'e'.charCodeAt(0) } as const
const ID_AT = '{"type":"reply","id":'.length

/** A session of Hongyan over a light client. It asks one thing after the other, and can send beside that. */
export class LightSession {
  /** Gets every push and volatile frame. */
  onPush: OnText = () => {}
  /** Gets the number of each reply that nobody waits for. */
  onReply: (id: number) => void = () => {}
  readonly #client: LightClient
  readonly #waiting = new Map<number, (frame: Buffer) => void>()
  #nextId = 1

  private constructor(client: LightClient) {
    this.#client = client
    client.onText = (bytes, start, end) => this.#take(bytes, start, end)
  }

  /** A connection without a session. */
  static async connect(port: number): Promise<LightSession> {
    return new LightSession(await LightClient.connect(port, '/im/ws'))
  }

  /** A connection with an open, synced session. */
  static async login(port: number, user: string): Promise<LightSession> {
    const session = await LightSession.connect(port)
    await session.open(user)
    await session.snapshot()
    return session
  }

  open(user: string): Promise<Answer> {
    const claims = { userId: user, sdkAppId: SDK_APP_ID, issuedAtMs: Date.now(), lifetimeS: 3600 }
    return this.ask('session.open', {
      protocolVersion: PROTOCOL_VERSION,
      sdkAppId: SDK_APP_ID,
      userId: user,
      userSig: signTlsUserSig(keys, claims),
      instanceId: `bench-${user}`,
      device: 'node',
    })
  }

  /** All pages of the user's conversations. */
  async snapshot(): Promise<readonly Answer[]> {
    const pages: Answer[] = []
    for (let after: string | undefined; ;) {
      const page = await this.ask('sync.snapshot', after === undefined ? {} : { after })
      pages.push(page)
      after = (page.body as { next?: string }).next
      if (after === undefined) return pages
    }
  }

  /** Rejects what the server refuses. */
  ask(command: string, body: object): Promise<Answer> {
    const id = this.#nextId++
    const text = JSON.stringify({ type: 'request', id, command, body })
    return new Promise((resolve, reject) => {
      const startMs = performance.now()
      this.#waiting.set(id, (frame) => {
        const ms = performance.now() - startMs
        const answer = JSON.parse(frame.toString('utf8')) as { type: string; body: unknown }
        if (answer.type === 'reply') resolve({ ms, bytes: frame.length, body: answer.body })
        else reject(new Error(`${command} was refused: ${frame.toString('utf8')}`))
      })
      this.#client.send(text)
    })
  }

  /** Sends a request that nobody waits for; `onReply` hears of its answer. */
  tell(command: string, body: object): number {
    const id = this.#nextId++
    this.#client.send(JSON.stringify({ type: 'request', id, command, body }))
    return id
  }

  /** Reads nothing any more, and stays. */
  pause(): void {
    this.#client.pause()
  }

  close(): void {
    this.#client.close()
  }

  #take(bytes: Buffer, start: number, end: number): void {
    const letter = bytes[start + TYPE_AT]
    if (letter === LETTER.push && end - start === PING_BYTES) this.#client.send(PONG)
    else if (letter === LETTER.reply || letter === LETTER.error) this.#takeAnswer(bytes, start, end)
    else this.onPush(bytes, start, end)
  }

  #takeAnswer(bytes: Buffer, start: number, end: number): void {
    const id = Number.parseInt(bytes.toString('latin1', start + ID_AT, start + ID_AT + 12), 10)
    const settle = this.#waiting.get(id)
    if (settle) {
      this.#waiting.delete(id)
      settle(Buffer.from(bytes.subarray(start, end)))
    } else if (bytes[start + TYPE_AT] === LETTER.error) {
      throw new Error(`refused: ${bytes.toString('utf8', start, end)}`)
    } else this.onReply(id)
  }
}

/** Runs the work for 0 … count - 1, so many at a time. */
export async function inParallel<T>(
  count: number,
  width: number,
  work: (index: number) => Promise<T>,
): Promise<readonly T[]> {
  const results: T[] = []
  let next = 0
  const run = async (): Promise<void> => {
    while (next < count) {
      const index = next++
      results[index] = await work(index)
    }
  }
  await Promise.all(Array.from({ length: width }, run))
  return results
}
