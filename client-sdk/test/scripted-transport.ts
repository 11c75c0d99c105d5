import type { Socket, SocketEvents, Transport } from '../src/core/client-api.ts'
import type { FakeServer, ServerLink } from './fake-server.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What goes wrong, as probabilities per frame from the server. TCP does none of this but the cut; a client must survive it. */
export interface Faults {
  /** A push is lost. */
  lose: number
  /** A push comes twice. */
  duplicate: number
  /** A push comes after the frame behind it. */
  swap: number
  /** An answer is lost. */
  mute: number
  /** The socket dies with the frame. */
  cut: number
}

export const NO_FAULTS: Faults = { lose: 0, duplicate: 0, swap: 0, mute: 0, cut: 0 }

interface Line {
  isAlive: boolean
  /** Nothing passes any more, and nobody is told. */
  isSilent: boolean
  readonly events: SocketEvents
  readonly session: { onText(text: string): void; onClosed(): void } | undefined
}

/** A device's network to a fake server: frames take time, keep their order, and suffer what the script says. */
export class ScriptedTransport implements Transport {
  faults: Faults = { ...NO_FAULTS }
  latencyMs = 5
  /** Dials so far. */
  dials = 0
  /** Frames of the server that were lost, doubled, swapped or muted. */
  injured = 0
  cuts = 0
  private readonly clock: VirtualClock
  private readonly random: () => number
  private readonly server: () => FakeServer | undefined
  private line: Line | undefined

  constructor(clock: VirtualClock, random: () => number, server: () => FakeServer | undefined) {
    this.clock = clock
    this.random = random
    this.server = server
  }

  dial(_url: string, events: SocketEvents): Socket {
    this.dials++
    const server = this.server()
    const down = new Channel(this.clock, () => this.latencyMs)
    const up = new Channel(this.clock, () => this.latencyMs)
    const end = (code: number): void => {
      if (!line.isAlive) return
      line.isAlive = false
      line.session?.onClosed()
      down.put(() => events.onClose(code, ''))
    }
    const link: ServerLink = {
      send: (text) => {
        if (line.isAlive && !line.isSilent) this.carry(text, down, events, () => end(1006))
      },
      close: (code) => {
        if (!line.isSilent) end(code)
      },
    }
    const line: Line = { isAlive: true, isSilent: false, events, session: server?.accept(link) }
    this.line = line
    if (server === undefined) end(1006)
    else down.put(() => line.isAlive && events.onOpen())
    return {
      send: (text) => up.put(() => line.isAlive && !line.isSilent && line.session?.onText(text)),
      close: () => {
        if (line.isAlive) line.session?.onClosed()
        const wasAlive = line.isAlive
        line.isAlive = false
        if (wasAlive) down.put(() => events.onClose(1000, ''))
      },
    }
  }

  /** Cuts the socket; both sides hear of it. */
  cut(code = 1006): void {
    const { line } = this
    if (line === undefined || !line.isAlive) return
    this.cuts++
    line.isAlive = false
    line.session?.onClosed()
    this.clock.after(0, () => line.events.onClose(code, ''))
  }

  /** The network goes dark: the server forgets the session, the client is told nothing. */
  silence(): void {
    const { line } = this
    if (line === undefined || !line.isAlive) return
    this.cuts++
    line.isSilent = true
    line.session?.onClosed()
  }

  private carry(text: string, down: Channel, events: SocketEvents, cut: () => void): void {
    const isPush = text.startsWith('{"type":"push"')
    const isAnswer = text.startsWith('{"type":"reply"') || text.startsWith('{"type":"error"')
    const { lose, duplicate, swap, mute, cut: cutting } = this.faults
    const chance = this.random()
    if (chance < cutting) {
      this.cuts++
      return cut()
    }
    if (isAnswer && this.random() < mute) {
      this.injured++
      return
    }
    const hear = (): void => events.onText(text)
    if (!isPush) return down.put(hear)
    const fate = this.random()
    if (fate < lose + duplicate + swap) this.injured++
    if (fate < lose) return
    if (fate < lose + duplicate) {
      down.put(hear)
      down.put(hear)
    } else if (fate < lose + duplicate + swap) down.putAfterNext(hear)
    else down.put(hear)
  }
}

/** Carries one direction: in order, each after a latency. */
class Channel {
  private readonly clock: VirtualClock
  private readonly latencyMs: () => number
  private lastAtMs = 0
  private late: (() => void) | undefined

  constructor(clock: VirtualClock, latencyMs: () => number) {
    this.clock = clock
    this.latencyMs = latencyMs
  }

  put(deliver: () => void): void {
    const atMs = Math.max(this.lastAtMs, this.clock.monotonicMs() + this.latencyMs())
    this.lastAtMs = atMs
    this.clock.after(atMs - this.clock.monotonicMs(), deliver)
    const { late } = this
    this.late = undefined
    if (late !== undefined) this.put(late)
  }

  /** Comes behind the next frame; if there is none, never. */
  putAfterNext(deliver: () => void): void {
    if (this.late !== undefined) this.put(this.late)
    this.late = deliver
  }
}
