import { PROTOCOL_VERSION } from '@hongyan/protocol'
import { LightClient, type OnText } from '../loadtest/src/wire/light-client.ts'
import { WireSession } from '../loadtest/src/wire/wire-session.ts'
import { SDK_APP_ID, userSigOf } from './clients.ts'

/** What an answer took and how long it was. */
export interface Answer {
  /** From the request's leaving until the last byte of its answer is here; the JSON is not parsed in it. */
  readonly ms: number
  readonly bytes: number
  readonly body: unknown
}

/** A light client of the server on this port. */
export function connectLight(port: number, path: string): Promise<LightClient> {
  return LightClient.connect({ host: '127.0.0.1', port, path })
}

/** A session of Hongyan over a light client. It asks one thing after the other, and can send beside that. */
export class LightSession {
  readonly #wire: WireSession

  private constructor(wire: WireSession) {
    this.#wire = wire
  }

  /** A connection without a session. */
  static async connect(port: number): Promise<LightSession> {
    return new LightSession(new WireSession(await connectLight(port, '/im/ws')))
  }

  /** A connection with an open, synced session. */
  static async login(port: number, user: string): Promise<LightSession> {
    const session = await LightSession.connect(port)
    await session.open(user)
    await session.snapshot()
    return session
  }

  /** Gets every push and volatile frame. */
  set onPush(listen: OnText) {
    this.#wire.onPush = listen
  }

  /** Gets the number of each reply that nobody waits for. */
  set onReply(listen: (id: number) => void) {
    this.#wire.onReply = listen
  }

  open(user: string): Promise<Answer> {
    return this.ask('session.open', {
      protocolVersion: PROTOCOL_VERSION,
      sdkAppId: SDK_APP_ID,
      userId: user,
      userSig: userSigOf(user),
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
    return new Promise((resolve, reject) => {
      const startMs = performance.now()
      this.#wire.request(command, body, (frame) => {
        const ms = performance.now() - startMs
        if (frame === undefined) return reject(new Error(`${command} got no answer`))
        const answer = JSON.parse(frame.toString('utf8')) as { type: string; body: unknown }
        if (answer.type === 'reply') resolve({ ms, bytes: frame.length, body: answer.body })
        else reject(new Error(`${command} was refused: ${frame.toString('utf8')}`))
      })
    })
  }

  /** Sends a request that nobody waits for; `onReply` hears of its answer. */
  tell(command: string, body: object): number {
    return this.#wire.tell(command, body)
  }

  /** Reads nothing any more, and stays. */
  pause(): void {
    this.#wire.pause()
  }

  close(): void {
    this.#wire.close()
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
