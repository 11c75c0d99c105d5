import { PROTOCOL_VERSION } from '@hongyan/protocol'
import { LightClient } from '../../loadtest/src/wire/light-client.ts'
import { pause } from '../rig/waiting.ts'

/** How somebody comes back: as our SDK does, with full jitter, or as naive programs do. */
export type Comeback = (attempt: number) => number

export const WITH_JITTER: Comeback = (attempt) => Math.random() * Math.min(20_000, 1_000 * 2 ** attempt)
export const NAIVE: Comeback = () => 100

/** Of the application whose users come. */
export interface Application {
  readonly sdkAppId: number
  /** Signs as its back end does. */
  readonly userSigOf: (userId: string) => string
}

interface Session {
  readonly epoch: string
  readonly userOffset: number
  readonly loginKey: number
}

const ANSWER = /^\{"type":"(reply|error)","id":(\d+)/

/** One of a crowd: a session that costs next to nothing, and comes back when it is lost. */
class Somebody {
  readonly #userId: string
  readonly #sdkAppId: number
  readonly #userSig: string
  #session: Session | undefined
  #client: LightClient | undefined
  #isGone = false
  /** When it was lost and when it was back, ms. */
  lostAtMs = 0
  backAtMs = 0
  attempts = 0

  constructor(userId: string, { sdkAppId, userSigOf }: Application) {
    this.#userId = userId
    this.#sdkAppId = sdkAppId
    this.#userSig = userSigOf(userId)
  }

  get isThere(): boolean {
    return this.#client !== undefined
  }

  /** Comes, and comes again after every loss, until it leaves. */
  async live(port: () => number, comeback: Comeback): Promise<void> {
    for (let attempt = 0; !this.#isGone;) {
      try {
        const { lost } = await this.#enter(port())
        this.backAtMs = performance.now()
        attempt = 0
        await lost
        this.lostAtMs = performance.now()
      } catch {
        // It was not let in.
      }
      this.#client = undefined
      if (this.#isGone) return
      this.attempts++
      await pause(comeback(attempt++))
    }
  }

  leave(): void {
    this.#isGone = true
    this.#client?.close()
  }

  /** Resolves when the session is open and caught up, with what resolves when it is lost. */
  async #enter(port: number): Promise<{ readonly lost: Promise<void> }> {
    const client = await LightClient.connect({ host: '127.0.0.1', port, path: '/im/ws' })
    const answers = new Map<number, (text: string | undefined) => void>()
    const lost = new Promise<void>((resolve) => {
      client.onClosed = () => {
        for (const settle of answers.values()) settle(undefined)
        resolve()
      }
    })
    client.onText = (bytes, start, end) => {
      const head = bytes.toString('latin1', start, Math.min(end, start + 40))
      if (head.startsWith('{"type":"ping"}')) return client.send('{"type":"pong"}')
      const id = Number(ANSWER.exec(head)?.[2])
      answers.get(id)?.(bytes.toString('utf8', start, end))
      answers.delete(id)
    }
    const ask = async (id: number, command: string, body: object): Promise<Record<string, unknown>> => {
      const answer = new Promise<string | undefined>((resolve) => answers.set(id, resolve))
      client.send(JSON.stringify({ type: 'request', id, command, body }))
      const text = await answer
      if (text === undefined || !text.startsWith('{"type":"reply"')) {
        client.close()
        throw new Error(text ?? 'the connection was lost')
      }
      return (JSON.parse(text) as { body: Record<string, unknown> }).body
    }
    await this.#open(ask)
    this.#client = client
    // In an object, or awaiting this would await the loss.
    return { lost }
  }

  async #open(ask: (id: number, command: string, body: object) => Promise<Record<string, unknown>>): Promise<void> {
    const opened = await ask(1, 'session.open', {
      protocolVersion: PROTOCOL_VERSION,
      sdkAppId: this.#sdkAppId,
      userId: this.#userId,
      userSig: this.#userSig,
      instanceId: `crowd-${this.#userId}`,
      device: 'node',
      ...(this.#session === undefined ? {} : { resume: this.#session.loginKey }),
    })
    const loginKey = Number(opened['loginKey'])
    if (this.#session !== undefined) {
      const { epoch, userOffset } = this.#session
      const cursors = [{ timeline: `u:${this.#userId}`, offset: userOffset }]
      await ask(2, 'sync.resume', { epoch, cursors })
      return
    }
    const { epoch, userOffset } = await ask(2, 'sync.snapshot', {})
    this.#session = { epoch: String(epoch), userOffset: Number(userOffset), loginKey }
  }
}

const COMING_AT_ONCE = 100

/** Thousands of sessions, for a process of their own: in the rig's they would hold up its proxies. */
export class Crowd {
  readonly #all: readonly Somebody[]
  readonly #lives: Promise<void>[] = []

  constructor(name: string, count: number, application: Application) {
    this.#all = Array.from({ length: count }, (_, index) => new Somebody(`${name}${index}`, application))
  }

  get size(): number {
    return this.#all.length
  }

  get present(): number {
    return this.#all.filter(({ isThere }) => isThere).length
  }

  get attempts(): number {
    return this.#all.reduce((sum, { attempts }) => sum + attempts, 0)
  }

  /** Everybody comes, some at a time. */
  async come(port: () => number, comeback: Comeback): Promise<void> {
    for (let start = 0; start < this.#all.length; start += COMING_AT_ONCE) {
      const some = this.#all.slice(start, start + COMING_AT_ONCE)
      for (const one of some) this.#lives.push(one.live(port, comeback))
      const endMs = performance.now() + 60_000
      while (!some.every(({ isThere }) => isThere) && performance.now() < endMs) await pause(5)
    }
  }

  /** How long those took who were lost after this moment and are back, sorted. */
  resumedSince(atMs: number): readonly number[] {
    return this.#all
      .filter(({ lostAtMs, backAtMs }) => lostAtMs > atMs && backAtMs > lostAtMs)
      .map(({ lostAtMs, backAtMs }) => backAtMs - lostAtMs)
      .sort((a, b) => a - b)
  }

  async leave(): Promise<void> {
    for (const one of this.#all) one.leave()
    await Promise.race([Promise.all(this.#lives), pause(5_000)])
  }
}
