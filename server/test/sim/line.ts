import { CLOSE } from '@hongyan/protocol'
import type { Socket, SocketEvents } from '../../../client-sdk/src/core/client-api.ts'
import type { Connection } from '../../src/gateway/connection.ts'
import type { Chance } from './chance.ts'
import type { VirtualTime } from './virtual-time.ts'

/** The server's end of a line, as a Session has it. */
export interface ServerEnd {
  receive(text: string): void
  onSocketClosed(code: number): void
}

/** Sees what passes. */
export interface LineWatch {
  /** The server has handed this over. */
  onServerFrame(line: Line, text: string): void
  /** The client has handed this over. */
  onClientFrame(line: Line, text: string): void
}

export interface LineOptions {
  readonly time: VirtualTime
  readonly chance: Chance
  readonly watch: LineWatch
  /** Frames of either way take up to this long. */
  readonly latencyMs: number
  readonly isServerAlive: () => boolean
  readonly isClientAlive: () => boolean
}

/** What the outbound queue may hold in this world, much less than in the real one: small worlds must reach it too. */
const OUTBOUND_BYTES = 24 * 1024
const FLUSHED_BYTES = 2 * 1024
const TERMINATE_MS = 2_000
const CLIENT_CLOSE_MS = 1_000

interface Parcel {
  readonly bytes: number
  readonly run: () => void
}

/** One way of a line: parcels arrive in the order sent, as with TCP. */
class Way {
  readonly #options: LineOptions
  readonly #onTaken: () => void
  #lastMs = 0
  #waiting: Parcel[] = []
  bufferedBytes = 0
  isDark = false
  isStopped = false
  isOver = false

  constructor(options: LineOptions, onTaken: () => void) {
    this.#options = options
    this.#onTaken = onTaken
  }

  put(bytes: number, run: () => void): void {
    const { time, chance, latencyMs } = this.#options
    this.bufferedBytes += bytes
    this.#lastMs = Math.max(this.#lastMs, time.nowMs + 1 + chance.below(latencyMs))
    time.after(this.#lastMs - time.nowMs, () => {
      if (this.isDark || this.isOver) return
      this.#waiting.push({ bytes, run })
      this.#drain()
    })
  }

  stop(): void {
    this.isStopped = true
  }

  go(): void {
    if (!this.isStopped) return
    this.isStopped = false
    this.#options.time.after(0, () => this.#drain())
  }

  #drain(): void {
    while (!this.isStopped && !this.isOver) {
      const parcel = this.#waiting.shift()
      if (!parcel) break
      this.bufferedBytes -= parcel.bytes
      parcel.run()
    }
    this.#onTaken()
  }
}

/** A socket between a device and a node, with both its ends. */
export class Line {
  readonly #options: LineOptions
  readonly #events: SocketEvents
  readonly #up: Way
  readonly #down: Way
  #server: ServerEnd | undefined
  #isServerOver = false
  #isClientOver = false
  #isOverflown = false
  #flushing: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []
  /** The last message that went up, for whoever wants it to come twice. */
  lastSend: string | undefined
  readonly openedAtMs: number

  constructor(events: SocketEvents, options: LineOptions) {
    this.#events = events
    this.#options = options
    this.openedAtMs = options.time.nowMs
    this.#up = new Way(options, () => {})
    this.#down = new Way(options, () => this.#onTaken())
  }

  /** Dials: `accept` makes the server's end when the call has arrived, or gives nothing when nobody is there. */
  dial(accept: (line: Line) => ServerEnd | undefined): void {
    this.#up.put(0, () => {
      this.#server = this.#options.isServerAlive() ? accept(this) : undefined
      if (this.#server) this.#down.put(0, () => this.#tell(() => this.#events.onOpen()))
      else this.#endClient(1006)
    })
  }

  get isAlive(): boolean {
    return !this.#isServerOver && !this.#isClientOver && this.#server !== undefined
  }

  /** Both ends live and can hear each other. */
  get isPassing(): boolean {
    return this.isAlive && !this.#up.isDark && !this.#down.isDark
  }

  get clientEnd(): Socket {
    return {
      send: (text) => this.#clientSends(text),
      close: (code) => {
        if (this.#isClientOver) return
        this.#up.put(0, () => this.#endServer(code))
        this.#isClientOver = true
        this.#down.isOver = true
        this.#options.time.after(this.#options.chance.between(1, CLIENT_CLOSE_MS), () =>
          this.#tell(() => this.#events.onClose(code, '')),
        )
      },
    }
  }

  get serverEnd(): Connection {
    const send = (frame: string | Uint8Array): void =>
      this.#serverSends(typeof frame === 'string' ? frame : Buffer.from(frame).toString())
    return {
      address: '192.0.2.1',
      send,
      sendLossy: send,
      flushed: () => this.#flushed(),
      pause: () => this.#up.stop(),
      resume: () => this.#up.go(),
      close: (code) => this.#serverCloses(code),
    }
  }

  /** The line breaks; both ends hear of it, each in its time. */
  cut(): void {
    this.#up.isOver = true
    this.#down.isOver = true
    this.#options.time.after(this.#options.chance.below(20), () => this.#endServer(1006))
    this.#options.time.after(this.#options.chance.below(20), () => this.#endClient(1006))
  }

  /** Something between the ends closes the line politely: what is under way arrives first. */
  finish(code: number): void {
    this.#up.put(0, () => this.#endServer(code))
    this.#down.put(0, () => this.#endClient(code))
  }

  /** From now on nothing passes, and nobody is told. */
  goDark(way: 'up' | 'down' | 'both'): void {
    if (way !== 'down') this.#up.isDark = true
    if (way !== 'up') this.#down.isDark = true
  }

  /** The client does not read. */
  stopReading(): void {
    this.#down.stop()
  }

  goOnReading(): void {
    this.#down.go()
  }

  /** The node is dead: its kernel says so to whoever still can be told. */
  serverDied(isTold: boolean): void {
    this.#isServerOver = true
    this.#server = undefined
    this.#up.isOver = true
    if (isTold) this.#down.put(0, () => this.#endClient(1006))
    else this.#down.isDark = true
  }

  /** The application is dead. */
  clientDied(): void {
    this.#isClientOver = true
    this.#down.isOver = true
    this.#up.put(0, () => this.#endServer(1006))
  }

  /** A frame comes once more, under a number nobody waits for. */
  sendAgain(id: number): boolean {
    if (this.lastSend === undefined || !this.isAlive) return false
    this.#clientSends(this.lastSend.replace(/"id":\d+/, `"id":${id}`))
    return true
  }

  /** A request that the client itself would not make, and whose answer it does not wait for. */
  ask(id: number, command: string, body: object): void {
    if (this.isAlive) this.#clientSends(JSON.stringify({ type: 'request', id, command, body }))
  }

  #clientSends(text: string): void {
    if (this.#isClientOver) return
    if (text.includes('"message.send"')) this.lastSend = text
    this.#options.watch.onClientFrame(this, text)
    this.#up.put(0, () => {
      if (!this.#server || this.#isServerOver || !this.#options.isServerAlive()) return
      this.#server.receive(text)
    })
  }

  #serverSends(text: string): void {
    if (this.#isServerOver || this.#isOverflown) return
    this.#options.watch.onServerFrame(this, text)
    this.#down.put(text.length, () => this.#tell(() => this.#events.onText(text)))
    if (this.#down.bufferedBytes <= OUTBOUND_BYTES) return
    this.#isOverflown = true
    this.#serverCloses(CLOSE.SLOW_CONSUMER)
  }

  /** The real one does not tell the session first either: its close comes back as the socket's. */
  #serverCloses(code: number): void {
    if (this.#isServerOver) return
    this.#down.put(0, () => {
      this.#endClient(code)
      this.#up.put(0, () => this.#endServer(code))
    })
    this.#options.time.after(TERMINATE_MS, () => {
      this.#down.isOver = true
      this.#endServer(1006)
      // The peer of a terminated socket hears of it unless the line is dark.
      if (!this.#down.isDark) this.#options.time.after(this.#options.chance.below(20), () => this.#endClient(1006))
    })
  }

  #flushed(): Promise<void> {
    if (this.#isServerOver) return Promise.reject(new Error('the connection is closed'))
    if (this.#down.bufferedBytes <= FLUSHED_BYTES) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#flushing.push({ resolve, reject })
    })
  }

  #onTaken(): void {
    if (this.#down.bufferedBytes > FLUSHED_BYTES || !this.#options.isServerAlive()) return
    for (const { resolve } of this.#flushing.splice(0)) resolve()
  }

  #endServer(code: number): void {
    if (this.#isServerOver) return
    this.#isServerOver = true
    if (!this.#options.isServerAlive()) return
    for (const { reject } of this.#flushing.splice(0)) reject(new Error('the connection is closed'))
    this.#server?.onSocketClosed(code)
  }

  #endClient(code: number): void {
    if (this.#isClientOver) return
    this.#isClientOver = true
    this.#tell(() => this.#events.onClose(code, ''))
  }

  #tell(run: () => void): void {
    if (this.#options.isClientAlive()) run()
  }
}
