import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

export type Direction = 'toServer' | 'toClient'

/** What happens to what passes; all connections alike. */
export type Fault =
  | { readonly kind: 'pass' }
  /** Nothing passes, and nobody is told. What was held back arrives after healing, as with real packets. */
  | { readonly kind: 'blackHole'; readonly directions: readonly Direction[] }
  /** Nobody reads any more: what is sent stays with the sender, as towards a peer that has stopped reading. */
  | { readonly kind: 'stall'; readonly directions: readonly Direction[] }
  /** New connections are accepted and ended; those that are there are ended. */
  | { readonly kind: 'fin' }
  /** The same with resets. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'delay'; readonly delayMs: number; readonly jitterMs: number }
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }
  /** Each connection is reset after so many bytes to the client. */
  | { readonly kind: 'cut'; readonly afterBytes: number }

export type Upstream = { readonly path: string } | { readonly port: number }

const PASS: Fault = { kind: 'pass' }

/** A TCP proxy on loopback that breaks connections in the ways networks do. */
export class FaultProxy {
  readonly #server: Server
  readonly #links = new Set<Link>()
  readonly #upstream: Upstream
  #fault: Fault = PASS
  #accepted = 0

  private constructor(upstream: Upstream) {
    this.#upstream = upstream
    // Half-open stays possible: a FIN of one side is not one of the other.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client))
  }

  static async start(upstream: Upstream): Promise<FaultProxy> {
    const proxy = new FaultProxy(upstream)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    const { port } = this.#server.address() as AddressInfo
    return port
  }

  /** Connections accepted since the start. */
  get accepted(): number {
    return this.#accepted
  }

  /** The upstream's URL, with this proxy in the way. */
  inFrontOf(url: string): string {
    const through = new URL(url)
    through.searchParams.delete('host')
    through.hostname = '127.0.0.1'
    through.port = String(this.port)
    return through.href
  }

  set(fault: Fault): void {
    this.#fault = fault
    for (const link of this.#links) link.apply(fault)
  }

  heal(): void {
    this.set(PASS)
  }

  /** Resets all connections there are, and goes on. */
  resetAll(): void {
    for (const link of this.#links) link.reset()
  }

  async stop(): Promise<void> {
    this.resetAll()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(client: Socket): void {
    this.#accepted++
    client.on('error', () => {})
    if (this.#fault.kind === 'fin') {
      client.on('end', () => client.destroy())
      client.resume()
      return void client.end()
    }
    if (this.#fault.kind === 'reset') return resetSocket(client)
    const link = new Link(client, connect({ ...this.#upstream, allowHalfOpen: true } as never), () =>
      this.#links.delete(link),
    )
    this.#links.add(link)
    link.apply(this.#fault)
  }
}

/**
 * A socket that is just being shut down cannot be reset: Node 20 would neither reset nor close it, keep its handle, and
 * spin for ever when the process ends.
 */
function resetSocket(socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}

/** A client's connection and its way on. */
class Link {
  readonly #client: Socket
  readonly #server: Socket
  readonly #pipes: readonly Pipe[]

  constructor(client: Socket, server: Socket, onGone: () => void) {
    this.#client = client
    this.#server = server
    this.#pipes = [new Pipe('toServer', client, server), new Pipe('toClient', server, client)]
    let open = 2
    for (const socket of [client, server]) {
      socket.on('error', () => this.reset())
      socket.on('close', () => {
        if (--open === 0) onGone()
      })
    }
  }

  apply(fault: Fault): void {
    if (fault.kind === 'reset') return this.reset()
    if (fault.kind === 'fin') {
      this.#client.end()
      this.#server.end()
      return
    }
    for (const pipe of this.#pipes) pipe.apply(fault)
  }

  reset(): void {
    if (!this.#client.destroyed) resetSocket(this.#client)
    this.#server.destroy()
  }
}

/** One direction: chunks leave in order, each when its time has come. */
class Pipe {
  readonly #direction: Direction
  readonly #from: Socket
  readonly #to: Socket
  readonly #queue: { readonly chunk: Buffer | 'end'; readonly dueMs: number }[] = []
  #fault: Fault = PASS
  #lastDueMs = 0
  #passedBytes = 0
  #timer: NodeJS.Timeout | undefined

  constructor(direction: Direction, from: Socket, to: Socket) {
    this.#direction = direction
    this.#from = from
    this.#to = to
    from.on('data', (chunk: Buffer) => this.#take(chunk))
    from.on('end', () => this.#take('end'))
  }

  apply(fault: Fault): void {
    this.#fault = fault
    if (fault.kind === 'stall' && fault.directions.includes(this.#direction)) this.#from.pause()
    else this.#from.resume()
    this.#flush()
  }

  #take(chunk: Buffer | 'end'): void {
    const dueMs = Math.max(this.#lastDueMs, performance.now()) + this.#costMs(chunk)
    if (this.#fault.kind === 'throttle') this.#lastDueMs = dueMs
    this.#queue.push({ chunk, dueMs: this.#queue.at(-1) ? Math.max(dueMs, this.#queue.at(-1)?.dueMs ?? 0) : dueMs })
    this.#flush()
  }

  #costMs(chunk: Buffer | 'end'): number {
    const fault = this.#fault
    if (fault.kind === 'delay') return fault.delayMs + (Math.random() * 2 - 1) * fault.jitterMs
    if (fault.kind === 'throttle' && chunk !== 'end') return (chunk.length / fault.bytesPerSecond) * 1000
    return 0
  }

  #flush(): void {
    clearTimeout(this.#timer)
    if (this.#fault.kind === 'blackHole' && this.#fault.directions.includes(this.#direction)) return
    while (this.#queue[0]) {
      const waitMs = this.#queue[0].dueMs - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#flush(), waitMs)
        return
      }
      this.#pass(this.#queue.shift()?.chunk ?? 'end')
    }
  }

  #pass(chunk: Buffer | 'end'): void {
    if (this.#to.destroyed || this.#to.writableEnded) return
    if (chunk === 'end') return void this.#to.end()
    this.#passedBytes += chunk.length
    if (this.#fault.kind === 'cut' && this.#direction === 'toClient' && this.#passedBytes > this.#fault.afterBytes) {
      return resetSocket(this.#to)
    }
    this.#to.write(chunk)
  }
}
