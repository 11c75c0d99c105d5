import { request as httpRequest, Agent as HttpAgent, type IncomingMessage } from 'node:http'
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https'
import { crc32, deflateSync } from 'node:zlib'
import type { StoredFile } from '@hongyan/protocol'

/** A file of the load. */
export interface MadeFile {
  readonly name: string
  readonly content: Buffer
}

const DEADLINE_MS = 60_000
/** HTTP connections of one process to one server. */
const MAX_SOCKETS = 64

/** Files over HTTP, as the SDK sends and fetches them: PUT to the path of a ticket, GET with the token of the login. */
export class MediaClient {
  readonly #originOf: (client: number) => string
  readonly #agents = {
    http: new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
    https: new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
  }

  constructor(originOf: (client: number) => string) {
    this.#originOf = originOf
  }

  /** Makes a file of about so many bytes; the same for the same seed. */
  make(kind: 'image' | 'file', bytes: number, seed: number): MadeFile {
    if (kind === 'file') return { name: '作业.pdf', content: noise(bytes, seed) }
    // Three bytes to a point, and noise does not pack.
    const edge = Math.max(8, Math.round(Math.sqrt(bytes / 3)))
    return { name: 'photo.png', content: pngOf(edge, seed) }
  }

  /** Rejects with an Error by the status or the failure. */
  async put(client: number, path: string, content: Buffer): Promise<StoredFile> {
    const answer = await this.#ask(client, 'PUT', path, content)
    return JSON.parse(answer.toString('utf8')) as StoredFile
  }

  /** The number of bytes that came. */
  async get(client: number, fileId: string, token: string): Promise<number> {
    return (await this.#ask(client, 'GET', `/im/media/${fileId}?t=${encodeURIComponent(token)}`)).length
  }

  /** The element that shows what was stored. */
  elementOf(kind: 'image' | 'file', { fileId, name, bytes, format, picture }: StoredFile): object {
    if (kind === 'image' && picture) {
      const { width, height, small, large } = picture
      return { type: 'image', fileId, format, bytes, width, height, small, large }
    }
    return { type: 'file', fileId, name, bytes }
  }

  close(): void {
    this.#agents.http.destroy()
    this.#agents.https.destroy()
  }

  #ask(client: number, method: 'PUT' | 'GET', path: string, content?: Buffer): Promise<Buffer> {
    const origin = this.#originOf(client)
    const isTls = origin.startsWith('https:')
    const [request, agent] = isTls ? [httpsRequest, this.#agents.https] : [httpRequest, this.#agents.http]
    const headers = content ? { 'content-length': content.length, 'content-type': 'application/octet-stream' } : {}
    return new Promise((resolve, reject) => {
      const asked = request(origin + path, { method, agent, headers, timeout: DEADLINE_MS }, (answer) => {
        collect(answer).then((body) => {
          if (answer.statusCode === 200) resolve(body)
          else reject(new Error(`HTTP ${answer.statusCode}`))
        }, reject)
      })
      asked.on('timeout', () => asked.destroy(new Error('timeout')))
      asked.on('error', (err) => reject(new Error('code' in err ? String(err.code) : err.message)))
      asked.end(content)
    })
  }
}

function collect(answer: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('end', () => resolve(Buffer.concat(chunks)))
    answer.on('error', reject)
  })
}

/** Bytes that do not pack, after the head of a PDF. */
function noise(bytes: number, seed: number): Buffer {
  const content = Buffer.alloc(bytes)
  let state = (Math.floor(seed) ^ 0x9e3779b9) | 1
  for (let at = 0; at < bytes; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    content[at] = state & 0xff
  }
  content.write('%PDF-1.4\n')
  return content
}

/** A square picture in RGB. */
function pngOf(edge: number, seed: number): Buffer {
  const pixels = noise(edge * (edge * 3 + 1), seed)
  // Each row begins with its filter: none.
  for (let row = 0; row < edge; row++) pixels[row * (edge * 3 + 1)] = 0
  const head = Buffer.alloc(13)
  head.writeUInt32BE(edge, 0)
  head.writeUInt32BE(edge, 4)
  head.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunkOf('IHDR', head),
    chunkOf('IDAT', deflateSync(pixels, { level: 1 })),
    chunkOf('IEND', Buffer.alloc(0)),
  ])
}

function chunkOf(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(data.length, 0)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  return chunk
}
