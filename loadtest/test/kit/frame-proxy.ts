import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** What happens to one push with a message. `drop-last` waits for the last one there is: nothing after it shows that it is gone. */
export type Planted = 'nothing' | 'drop' | 'double' | 'swap' | 'drop-last'

/** A proxy that reads the server's WebSocket frames and does one wrong thing to one connection. */
export class FrameProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #planted: Planted
  readonly #isVictim: (text: string) => boolean
  /** What it did. */
  done = 0

  private constructor(upstreamPort: number, planted: Planted, isVictim: (text: string) => boolean) {
    this.#planted = planted
    this.#isVictim = isVictim
    this.#server = createServer({ noDelay: true }, (client) => {
      const server = connect({ host: '127.0.0.1', port: upstreamPort, noDelay: true })
      for (const socket of [client, server]) {
        this.#sockets.add(socket)
        socket.on('error', () => socket.destroy())
        socket.on('close', () => this.#sockets.delete(socket))
      }
      client.on('data', (chunk: Buffer) => server.write(chunk))
      client.on('close', () => server.destroy())
      server.on('close', () => client.destroy())
      const frames = new Frames((frame, text) => this.#pass(client, frame, text))
      server.on('data', (chunk: Buffer) => frames.take(chunk))
    })
  }

  static async start(upstreamPort: number, planted: Planted, isVictim: (text: string) => boolean): Promise<FrameProxy> {
    const proxy = new FrameProxy(upstreamPort, planted, isVictim)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get endpoint(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #victim: Socket | undefined
  #kept: Buffer | undefined

  #pass(client: Socket, frame: Buffer, text: string): void {
    const isMessage = text.startsWith('{"type":"push"') && text.includes('"kind":"message"')
    // One connection suffers, from a message on that is not its first.
    const isTurn = isMessage && this.#isVictim(text) && (this.#victim === undefined || this.#victim === client)
    if (this.#kept && this.#victim === client && isMessage) {
      client.write(frame)
      client.write(this.#kept)
      this.#kept = undefined
      return
    }
    if (!isTurn || (this.done > 0 && this.#planted !== 'drop-last')) return void client.write(frame)
    this.#victim = client
    if (this.#planted === 'nothing') return void client.write(frame)
    this.done++
    if (this.#planted === 'double') {
      client.write(frame)
      client.write(frame)
    } else if (this.#planted === 'swap') this.#kept = frame
  }
}

/** Cuts what a server sends into frames; what comes before the first is passed on as it is. */
class Frames {
  readonly #onFrame: (frame: Buffer, text: string) => void
  #rest: Buffer = Buffer.alloc(0)
  #isUpgraded = false

  constructor(onFrame: (frame: Buffer, text: string) => void) {
    this.#onFrame = onFrame
  }

  take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    if (!this.#isUpgraded) {
      const end = this.#rest.indexOf('\r\n\r\n')
      if (end < 0) return
      this.#isUpgraded = true
      this.#onFrame(this.#rest.subarray(0, end + 4), '')
      this.#rest = this.#rest.subarray(end + 4)
    }
    for (let frame = this.#next(); frame; frame = this.#next()) this.#onFrame(frame.bytes, frame.text)
  }

  #next(): { readonly bytes: Buffer; readonly text: string } | undefined {
    const bytes = this.#rest
    if (bytes.length < 2) return undefined
    const short = (bytes[1] ?? 0) & 0x7f
    const head = short < 126 ? 2 : short === 126 ? 4 : 10
    if (bytes.length < head) return undefined
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
    if (bytes.length < head + length) return undefined
    this.#rest = bytes.subarray(head + length)
    return { bytes: Buffer.from(bytes.subarray(0, head + length)), text: bytes.toString('utf8', head, head + length) }
  }
}
