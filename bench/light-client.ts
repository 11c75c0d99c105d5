import { connect, type Socket } from 'node:net'

/** Looks at one text frame's payload, which is `bytes` from `start` to `end` and only there during the call. */
export type OnText = (bytes: Buffer, start: number, end: number) => void

const UPGRADE_KEY = Buffer.alloc(16, 7).toString('base64')
const OPCODE = { text: 1, close: 8 } as const
const FINAL = 0x80
const MASKED = 0x80
/** All sockets read into this: what is not looked at in the same turn is copied. */
const shared = Buffer.allocUnsafe(256 * 1024)

/**
 * A WebSocket client that costs next to nothing, so that thousands of them and their load fit on one core: no events, no
 * copies, no masking (the key is 0), and frames that nobody wants to read are only counted.
 */
export class LightClient {
  onText: OnText = () => {}
  /** Called once, when the connection ends; by default that is a failure. */
  onClosed: (reason: string) => void = (reason) => {
    throw new Error(`a connection of the load ended: ${reason}`)
  }
  readonly #socket: Socket
  #rest: Buffer | undefined
  #upgraded: (() => void) | undefined

  static connect(port: number, path: string): Promise<LightClient> {
    return new Promise((resolve, reject) => {
      const client = new LightClient(port, path, () => {
        client.onClosed = fail
        resolve(client)
      })
      const fail = client.onClosed
      client.onClosed = (reason) => reject(new Error(`could not connect: ${reason}`))
    })
  }

  private constructor(port: number, path: string, upgraded: () => void) {
    this.#upgraded = upgraded
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (length) => {
          this.#receive(shared.subarray(0, length))
          return true
        },
      },
    })
    this.#socket.once('connect', () => {
      this.#socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${UPGRADE_KEY}\r\n\r\n`,
      )
    })
    this.#socket.once('error', (err) => this.#end(err.message))
    this.#socket.once('close', () => this.#end('closed'))
  }

  send(text: string): void {
    const length = Buffer.byteLength(text)
    const headBytes = length < 126 ? 2 : 4
    const frame = Buffer.alloc(headBytes + 4 + length)
    frame[0] = FINAL | OPCODE.text
    frame[1] = MASKED | (length < 126 ? length : 126)
    if (headBytes === 4) frame.writeUInt16BE(length, 2)
    frame.write(text, headBytes + 4)
    this.#socket.write(frame)
  }

  /** Reads nothing any more, and stays as long as the server lets it. */
  pause(): void {
    this.onClosed = () => {}
    this.#socket.pause()
  }

  close(): void {
    this.onClosed = () => {}
    this.#socket.destroy()
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
    if (end < 0) return -1
    const answer = bytes.toString('latin1', 0, end)
    if (answer.startsWith('HTTP/1.1 101')) this.#upgraded?.()
    else this.#end(answer)
    this.#upgraded = undefined
    return end + 4
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
      else if (opcode === OPCODE.close) this.#end(`close frame ${bytes.readUInt16BE(start)}`)
      at = start + length
    }
    return at
  }

  #end(reason: string): void {
    const tell = this.onClosed
    this.onClosed = () => {}
    tell(reason)
  }
}
