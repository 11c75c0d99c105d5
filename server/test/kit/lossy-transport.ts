import type { Socket, SocketEvents, Transport } from '../../../client-sdk/src/core/client-api.ts'

/** A transport that, on demand, loses an answer on its way, and the connection with it. */
export class LossyTransport implements Transport {
  readonly #transport: Transport
  #command: string | undefined
  #lost = 0

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Answers lost so far. */
  get lost(): number {
    return this.#lost
  }

  /** The server carries the next request of this command out; its answer is never heard. */
  loseAnswerTo(command: string): void {
    this.#command = command
  }

  dial(url: string, events: SocketEvents): Socket {
    let awaited: unknown
    const socket = this.#transport.dial(url, {
      ...events,
      onText: (text) => {
        const frame = JSON.parse(text) as { id?: number }
        if (awaited === undefined || frame.id !== awaited) return events.onText(text)
        this.#lost++
        awaited = undefined
        socket.close(1000, 'interrupted')
      },
    })
    return {
      send: (text) => {
        const { id, command } = JSON.parse(text) as { id?: number; command?: string }
        if (command !== undefined && command === this.#command) {
          awaited = id
          this.#command = undefined
        }
        socket.send(text)
      },
      close: (code, reason) => socket.close(code, reason),
    }
  }
}
