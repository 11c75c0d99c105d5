import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Looks at one text frame's payload, which is `bytes` from `start` to `end` and only there during the call. */
export type OnText = (bytes: Buffer, start: number, end: number) => void

/** Where a WebSocket is, and from which of the machine's addresses it is reached. */
export interface SocketAddress {
  readonly host: string
  readonly port: number
  /** With the query, if there is one. */
  readonly path: string
  readonly isTls?: boolean
  /** One address has some 28,000 ports for connections to the same place; more need more addresses. */
  readonly localAddress?: string | undefined
}

/** How a connection ended. */
export interface Ending {
  readonly reason: string
  /** The code of the server's close frame. */
  readonly code?: number
  /** The status with which the upgrade was refused. */
  readonly status?: number
  /** The server asks not to come back sooner. */
  readonly retryAfterMs?: number
}

/** The connection ended before it was a WebSocket. */
export class CouldNotConnect extends Error {
  readonly ending: Ending

  constructor(ending: Ending) {
    super(`could not connect: ${ending.reason}`)
    this.ending = ending
  }
}

const UPGRADE_KEY = Buffer.alloc(16, 7).toString('base64')
const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const
const FINAL = 0x80
const MASKED = 0x80
const MAX_HEAD_BYTES = 16 * 1024
/** All sockets read into this: what is not looked at in the same turn is copied. */
const shared = Buffer.allocUnsafe(256 * 1024)

/**
 * A WebSocket client that costs next to nothing, so that thousands of them and their load fit on one core: no events, no
 * copies, no masking (the key is 0), and frames that nobody wants to read are only counted.
 */
export class LightClient {
  onText: OnText = ignore
  /** Called once, when the connection ends; by default that is a failure. */
  onClosed: (ending: Ending) => void = fail
  readonly #socket: Socket
  #rest: Buffer | undefined
  #upgraded: (() => void) | undefined

  /** Rejects with CouldNotConnect; once it is connected `onClosed` hears of its end. */
  static connect(address: SocketAddress, onClosed: (ending: Ending) => void = fail): Promise<LightClient> {
    return new Promise((resolve, reject) => {
      const client = new LightClient(address, () => {
        client.onClosed = onClosed
        resolve(client)
      })
      client.onClosed = (ending) => reject(new CouldNotConnect(ending))
    })
  }

  private constructor(address: SocketAddress, upgraded: () => void) {
    const { host, port, path } = address
    this.#upgraded = upgraded
    this.#socket = address.isTls === true ? this.#dialTls(address) : this.#dial(address)
    this.#socket.once(address.isTls === true ? 'secureConnect' : 'connect', () => {
      this.#socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${UPGRADE_KEY}\r\n\r\n`,
      )
    })
    this.#socket.once('error', (err) => this.#end({ reason: err.message }))
    this.#socket.once('close', () => this.#end({ reason: 'closed' }))
  }

  send(text: string): void {
    const length = Buffer.byteLength(text)
    this.#write(OPCODE.text, length, (frame, at) => frame.write(text, at))
  }

  /** Reads nothing any more, and stays as long as the server lets it. */
  pause(): void {
    this.onClosed = ignore
    this.#socket.pause()
  }

  /** Ends it as a lost network does, without a word; nobody is told. */
  close(): void {
    this.onClosed = ignore
    this.onText = ignore
    this.#socket.destroy()
  }

  #dial({ host, port, localAddress }: SocketAddress): Socket {
    return connect({
      host,
      port,
      noDelay: true,
      ...(localAddress === undefined ? {} : { localAddress }),
      onread: {
        buffer: shared,
        callback: (length) => {
          this.#receive(shared.subarray(0, length))
          return true
        },
      },
    })
  }

  #dialTls({ host, port, localAddress }: SocketAddress): Socket {
    const from = localAddress === undefined ? {} : { localAddress }
    const socket = connectTls({ host, port, servername: host, ...from })
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    return socket
  }

  #write(opcode: number, length: number, fill: (frame: Buffer, at: number) => void): void {
    const headBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10
    const frame = Buffer.alloc(headBytes + 4 + length)
    frame[0] = FINAL | opcode
    frame[1] = MASKED | (length < 126 ? length : length < 65_536 ? 126 : 127)
    if (headBytes === 4) frame.writeUInt16BE(length, 2)
    if (headBytes === 10) frame.writeBigUInt64BE(BigInt(length), 2)
    fill(frame, headBytes + 4)
    this.#socket.write(frame)
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
    const start = this.#upgraded ? this.#readUpgrade(bytes) : 0
    const end = start < 0 ? 0 : this.#readFrames(bytes, start)
    this.#rest = end < bytes.length ? Buffer.from(bytes.subarray(end)) : undefined
  }

  /** Where the frames begin; -1 while the answer is not all there. */
  #readUpgrade(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n\r\n')
    if (end < 0) {
      if (bytes.length > MAX_HEAD_BYTES) this.#refused({ reason: 'no answer to the upgrade' })
      return -1
    }
    const upgraded = this.#upgraded
    this.#upgraded = undefined
    const answer = bytes.toString('latin1', 0, end)
    if (answer.startsWith('HTTP/1.1 101')) upgraded?.()
    else this.#refused(refusalOf(answer))
    return end + 4
  }

  #refused(ending: Ending): void {
    this.#end(ending)
    this.#socket.destroy()
  }

  /** Reads whole frames; where the first one that is not all there begins. */
  #readFrames(bytes: Buffer, from: number): number {
    let at = from
    while (at + 2 <= bytes.length) {
      const short = (bytes[at + 1] ?? 0) & 0x7f
      const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10
      if (at + headBytes > bytes.length) break
      const length =
        short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
      const start = at + headBytes
      if (start + length > bytes.length) break
      const opcode = (bytes[at] ?? 0) & 0x0f
      if (opcode === OPCODE.text) this.onText(bytes, start, start + length)
      else if (opcode === OPCODE.close) this.#endByFrame(bytes.subarray(start, start + length))
      else if (opcode === OPCODE.ping) this.#pong(bytes.subarray(start, start + length))
      at = start + length
    }
    return at
  }

  #pong(payload: Buffer): void {
    this.#write(OPCODE.pong, payload.length, (frame, at) => payload.copy(frame, at))
  }

  #endByFrame(payload: Buffer): void {
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005
    this.#end({ reason: `close frame ${code}`, code })
    this.#socket.destroy()
  }

  #end(ending: Ending): void {
    const tell = this.onClosed
    this.onClosed = ignore
    tell(ending)
  }
}

function ignore(): void {}

function fail({ reason }: Ending): never {
  throw new Error(`a connection of the load ended: ${reason}`)
}

function refusalOf(answer: string): Ending {
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(answer)?.[1] ?? 0)
  const seconds = /^retry-after: *(\d+)/im.exec(answer)?.[1]
  const retry = seconds === undefined ? {} : { retryAfterMs: Number(seconds) * 1000 }
  return { reason: `refused with ${status}`, status, ...retry }
}
