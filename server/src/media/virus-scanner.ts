import { createReadStream } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { Refused } from '@hongyan/protocol'
import type { Logger } from '../kit/logger.ts'

/** Looks for malware. */
export interface Scanner {
  /** The name of what was found in this file, or undefined. Refuses BUSY when it cannot tell. */
  scan(path: string): Promise<string | undefined>
}

export interface ClamavOptions {
  readonly host: string
  readonly port: number
  readonly logger: Logger
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 60_000
const CHUNK_BYTES = 64 * 1024
const MAX_ANSWER_CHARS = 1_000

/** clamd over TCP, by its command INSTREAM: the daemon needs no access to our files. What it cannot look at is not let in. */
export class ClamavScanner implements Scanner {
  readonly #options: ClamavOptions

  constructor(options: ClamavOptions) {
    this.#options = options
  }

  async scan(path: string): Promise<string | undefined> {
    try {
      const answer = await this.#ask(path)
      if (/^stream: OK$/.test(answer)) return undefined
      const found = /^stream: (.{1,200}) FOUND$/.exec(answer)?.[1]
      if (found !== undefined) return found
      throw new Error(`clamd says: ${answer.slice(0, 100)}`)
    } catch (err) {
      this.#options.logger.warn({ err }, 'clamd does not scan')
      throw new Refused('BUSY')
    }
  }

  #ask(path: string): Promise<string> {
    const { host, port, timeoutMs = TIMEOUT_MS } = this.#options
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port })
      let answer = ''
      socket.setEncoding('latin1')
      socket.setTimeout(timeoutMs, () => socket.destroy(new Error('clamd does not answer in time')))
      socket.on('data', (text: string) => {
        answer += text
        if (answer.length > MAX_ANSWER_CHARS || answer.endsWith('\0')) socket.end()
      })
      socket.on('error', reject)
      socket.on('close', () => resolve(answer.replace(/\0$/, '').trim()))
      sendFile(socket, path).catch((err: unknown) => {
        // It may have answered, and hung up, before it had read all.
        if (answer === '') reject(err instanceof Error ? err : new Error(String(err)))
        socket.destroy()
      })
    })
  }
}

/** Pieces with their lengths, an empty one at the end. */
async function sendFile(socket: Socket, path: string): Promise<void> {
  await write(socket, Buffer.from('zINSTREAM\0', 'latin1'))
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    const piece: Buffer = Buffer.from(chunk as Uint8Array)
    const head = Buffer.alloc(4)
    head.writeUInt32BE(piece.length)
    await write(socket, Buffer.concat([head, piece]))
  }
  await write(socket, Buffer.alloc(4))
}

function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => socket.write(bytes, (err) => (err ? reject(err) : resolve())))
}
