import { createServer, type AddressInfo } from 'node:net'

/** The file by which scanners are tested; in two pieces, so that a scanner does not take this file for it. */
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('')

/** A clamd that knows one virus and the command INSTREAM, lengths and all. */
export async function startClamd(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const server = createServer((socket) => {
    let received = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      const content = contentOf(received)
      if (content === undefined) return
      const isFound = content.includes(EICAR)
      socket.end(isFound ? 'stream: Eicar-Test-Signature FOUND\0' : 'stream: OK\0')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** What was sent, once its empty last piece is there. */
function contentOf(received: Buffer): Buffer | undefined {
  const command = 'zINSTREAM\0'
  const pieces: Buffer[] = []
  let at = command.length
  while (at + 4 <= received.length) {
    const bytes = received.readUInt32BE(at)
    if (bytes === 0)
      return received.toString('latin1', 0, command.length) === command ? Buffer.concat(pieces) : undefined
    pieces.push(received.subarray(at + 4, at + 4 + bytes))
    at += 4 + bytes
  }
  return undefined
}
