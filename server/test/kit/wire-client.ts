import { once } from 'node:events'
import {
  PROTOCOL_VERSION,
  type CommandName,
  type PushFrame,
  type ReplyOf,
  type ServerFrame,
  type VolatileFrame,
} from '@hongyan/protocol'
import { WebSocket } from 'ws'
import { SDK_APP_ID, userSigOf } from './world.ts'

/** A request that was refused, by its name. */
export class WireError extends Error {}

/** A client that speaks frames and nothing else: what the server says, as it says it. */
export class WireClient {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, { resolve: (body: unknown) => void; reject: (err: Error) => void }>()
  readonly frames: ServerFrame[] = []
  /** Resolves with the close code. */
  readonly closed: Promise<number>
  #lastId = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('message', (data: Buffer) => this.#receive(data.toString()))
    this.closed = new Promise((resolve) => socket.once('close', (code) => resolve(code)))
    void this.closed.then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the connection ended'))
    })
  }

  /** Connects, and opens no session. */
  static async connect(endpoint: string): Promise<WireClient> {
    const socket = new WebSocket(`${endpoint.replace('http', 'ws')}/im/ws`, { perMessageDeflate: false })
    const client = new WireClient(socket)
    await once(socket, 'open')
    return client
  }

  /** Connects and opens a session. */
  static async open(endpoint: string, userId: string, fields: object = {}): Promise<WireClient> {
    const client = await WireClient.connect(endpoint)
    await client.request('session.open', openingOf(userId, fields))
    return client
  }

  /** Resolves with the reply's body; rejects with a WireError by the name of the error. */
  request<Name extends CommandName>(command: Name, body: unknown): Promise<ReplyOf<Name>> {
    const id = ++this.#lastId
    const answered = this.answerTo(id)
    this.send({ type: 'request', id, command, body })
    return answered as Promise<ReplyOf<Name>>
  }

  /** The answer to a request with this id, however it is sent. */
  answerTo(id: number): Promise<unknown> {
    if (!this.isOpen) return Promise.reject(new Error('the connection is closed'))
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  send(frame: object): void {
    this.#socket.send(JSON.stringify(frame))
  }

  sendText(text: string): void {
    this.#socket.send(text)
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes, { binary: true })
  }

  get pushes(): readonly (PushFrame | VolatileFrame)[] {
    return this.frames.filter((frame) => frame.type === 'push' || frame.type === 'volatile')
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  close(): void {
    this.#socket.terminate()
  }

  #receive(text: string): void {
    const frame = JSON.parse(text) as ServerFrame
    this.frames.push(frame)
    if (frame.type === 'ping') this.send({ type: 'pong' })
    if (frame.type !== 'reply' && frame.type !== 'error') return
    const waiting = this.#waiting.get(frame.id)
    this.#waiting.delete(frame.id)
    if (frame.type === 'reply') waiting?.resolve(frame.body)
    else waiting?.reject(new WireError(frame.error.name))
  }
}

/** The body of a session.open that is in order. */
export function openingOf(userId: string, fields: object = {}): object {
  return {
    protocolVersion: PROTOCOL_VERSION,
    sdkAppId: SDK_APP_ID,
    userId,
    userSig: userSigOf(userId),
    instanceId: `i_${Buffer.from(userId).toString('base64url')}`,
    device: 'node',
    ...fields,
  }
}
