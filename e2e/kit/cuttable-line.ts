import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP line to the server that a test can cut and join again. */
export interface CuttableLine {
  /** The server's address by this line. */
  readonly url: string
  /** Ends all connections and refuses new ones. */
  cut(): void
  join(): void
  close(): Promise<void>
}

export async function openLine(serverUrl: string): Promise<CuttableLine> {
  const target = new URL(serverUrl)
  const sockets = new Set<Socket>()
  let isCut = false
  const listener = createServer((near) => {
    if (isCut) return near.destroy()
    const far = connect(Number(target.port), target.hostname)
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      sockets.add(one)
      one.on('error', () => {})
      one.once('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
    return undefined
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo
  const endAll = (): void => sockets.forEach((socket) => socket.destroy())
  return {
    url: `http://127.0.0.1:${port}/`,
    cut: () => {
      isCut = true
      endAll()
    },
    join: () => {
      isCut = false
    },
    close: async () => {
      endAll()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}
