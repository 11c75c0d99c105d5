import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/** A frame as it is to be written, right or wrong. */
export interface RawFrame {
  readonly opcode?: number
  readonly payload?: Uint8Array | string
  /** False: more fragments follow. */
  readonly fin?: boolean
  /** The three reserved bits, 4 for the first. */
  readonly rsv?: number
  readonly masked?: boolean
  /** Claims another length than the payload's. */
  readonly length?: bigint
}

/** A frame that came from the server. */
export interface SeenFrame {
  readonly opcode: number
  readonly payload: Buffer
}

export const OPCODE = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const

/** How a connection ended: with the code of a close frame, or without a word. */
export interface Ending {
  readonly closeCode: number | undefined
}

const DEADLINE_MS = 20_000

/** The bytes of a frame; any mistake can be asked for. */
export function frameBytes(frame: RawFrame): Buffer {
  const { opcode = OPCODE.TEXT, fin = true, rsv = 0, masked = true } = frame
  const payload = Buffer.from(frame.payload ?? '')
  const length = frame.length ?? BigInt(payload.length)
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode]
  const maskBit = masked ? 0x80 : 0
  if (length < 126n) head.push(maskBit | Number(length))
  else if (length < 65_536n) head.push(maskBit | 126, Number(length >> 8n), Number(length & 255n))
  else
    head.push(
      maskBit | 127,
      ...Array.from({ length: 8 }, (_, index) => Number((length >> BigInt(56 - 8 * index)) & 255n)),
    )
  const mask = masked ? Buffer.from([0x12, 0x34, 0x56, 0x78]) : Buffer.alloc(0)
  const body = masked ? payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)) : payload
  return Buffer.concat([Buffer.from(head), mask, body])
}

/** The bytes of a close frame's payload. */
export function closePayload(code: number, reason: Uint8Array | string = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)])
}

/** A TCP connection to a server, with everything the server said on it. */
export class RawSocket {
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  #hasEnded = false
  #wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (data) => {
      this.#received = Buffer.concat([this.#received, data])
      this.#wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#hasEnded = true
      this.#wake()
    })
  }

  /** Connects, and says nothing. */
  static async connect(port: number): Promise<RawSocket> {
    const socket = connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    const raw = new RawSocket(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return raw
  }

  /** Connects and becomes a WebSocket. Throws when the server refuses. */
  static async upgrade(port: number, headers: Readonly<Record<string, string>> = {}): Promise<RawSocket> {
    const raw = await RawSocket.connect(port)
    const head = await raw.ask(upgradeRequest(headers))
    if (!head.startsWith('HTTP/1.1 101')) throw new Error(`not upgraded: ${head.slice(0, 200)}`)
    return raw
  }

  /** Writes a request and resolves with the head of the response. */
  async ask(request: string): Promise<string> {
    this.write(request)
    return this.head()
  }

  /** The head of an HTTP response; empty when the connection ended without one. */
  async head(): Promise<string> {
    await this.#until(() => this.#received.includes('\r\n\r\n') || this.#hasEnded)
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return ''
    const head = this.#received.subarray(0, end).toString('latin1')
    this.#received = this.#received.subarray(end + 4)
    return head
  }

  write(bytes: Uint8Array | string): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes)
  }

  /** As `write`, and resolves when the kernel has taken it. */
  written(bytes: Uint8Array | string): Promise<void> {
    if (this.#socket.destroyed) return Promise.resolve()
    return new Promise((resolve) => this.#socket.write(bytes, () => resolve()))
  }

  send(...frames: readonly RawFrame[]): void {
    this.write(Buffer.concat(frames.map(frameBytes)))
  }

  /** The next frame from the server. Throws when the connection ends instead. */
  async next(): Promise<SeenFrame> {
    await this.#until(() => firstFrame(this.#received) !== undefined || this.#hasEnded)
    const first = firstFrame(this.#received)
    if (first === undefined) throw new Error('the connection ended')
    this.#received = this.#received.subarray(first.size)
    return first.frame
  }

  /** Resolves when the connection has ended, with the close code the server gave; answers a close as a peer should. */
  async ended(): Promise<Ending> {
    let closeCode: number | undefined
    for (;;) {
      await this.#until(() => firstFrame(this.#received) !== undefined || this.#hasEnded)
      const first = firstFrame(this.#received)
      if (first === undefined) return { closeCode }
      this.#received = this.#received.subarray(first.size)
      if (first.frame.opcode !== OPCODE.CLOSE) continue
      if (first.frame.payload.length >= 2) closeCode = first.frame.payload.readUInt16BE(0)
      this.send({ opcode: OPCODE.CLOSE, payload: first.frame.payload })
    }
  }

  /** Ends our side only. */
  halfClose(): void {
    this.#socket.end()
  }

  /** Vanishes with a reset. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  async #until(isSo: () => boolean): Promise<void> {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      this.#wake()
    }, DEADLINE_MS)
    while (!isSo() && !isLate) await new Promise<void>((resolve) => (this.#wake = resolve))
    clearTimeout(timer)
    if (!isSo()) throw new Error(`not within ${DEADLINE_MS} ms`)
  }
}

/** A request that asks for the WebSocket; a header given as '' is left out. */
export function upgradeRequest(headers: Readonly<Record<string, string>> = {}, line = 'GET /im/ws HTTP/1.1'): string {
  const all: Record<string, string> = {
    Host: 'im.school.example',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  }
  const lines = Object.entries(all).flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${value}`]))
  return [line, ...lines, '', ''].join('\r\n')
}

function firstFrame(bytes: Buffer): { readonly frame: SeenFrame; readonly size: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = (bytes[1] ?? 0) & 127
  const head = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < head) return undefined
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  if (bytes.length < head + length) return undefined
  return { frame: { opcode: (bytes[0] ?? 0) & 15, payload: bytes.subarray(head, head + length) }, size: head + length }
}
