import type { FileKind, StoredFile } from '@hongyan/protocol'
import { conversationOf } from './pair.ts'
import type { WireClient } from './wire-client.ts'
import type { World } from './world.ts'

/** An HTTP answer, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
  /** The name of the error, where there is one. */
  readonly refusal: string | undefined
}

export async function answerOf(response: Response): Promise<Answer> {
  const body = Buffer.from(await response.arrayBuffer())
  const isRefusal = response.status >= 400 && body.length > 0 && body[0] === 0x7b
  const refusal = isRefusal ? (JSON.parse(body.toString()) as { error: { name: string } }).error.name : undefined
  return { status: response.status, headers: response.headers, body, refusal }
}

/** Files as a client handles them, without the SDK: tickets over the socket, bytes over HTTP. */
export class MediaClient {
  readonly #world: World
  readonly #wire: WireClient
  readonly #userId: string

  constructor(world: World, wire: WireClient, userId: string) {
    this.#world = world
    this.#wire = wire
    this.#userId = userId
  }

  ticket(kind: FileKind, bytes: number, fields: { readonly name?: string; readonly to?: string } = {}) {
    const { name = 'a file', to = 'bert' } = fields
    return this.#wire.request('media.ticket', { conversationId: conversationOf(this.#userId, to), kind, name, bytes })
  }

  put(path: string, content: Uint8Array, headers: Record<string, string> = {}): Promise<Answer> {
    return this.fetch(path, { method: 'PUT', body: content as Uint8Array<ArrayBuffer>, headers })
  }

  /** As mini-programs do: fields, then the part `file`. */
  post(path: string, content: Uint8Array, fields: Record<string, string> = {}): Promise<Answer> {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('file', new Blob([content as Uint8Array<ArrayBuffer>]), 'name.bin')
    return this.fetch(path, { method: 'POST', body: form })
  }

  /** Asks for a ticket, and uploads; the facts as the server answers them. */
  async upload(kind: FileKind, content: Uint8Array, name?: string): Promise<StoredFile> {
    const { path } = await this.ticket(kind, content.length, name === undefined ? {} : { name })
    const answer = await this.put(path, content)
    if (answer.status !== 200) throw new Error(`the upload was refused: ${answer.refusal ?? answer.status}`)
    return JSON.parse(answer.body.toString()) as StoredFile
  }

  /** The name an upload is refused with; `nothing` when it is not. */
  async refusalOf(kind: FileKind, content: Uint8Array): Promise<string> {
    const { path } = await this.ticket(kind, content.length)
    return (await this.put(path, content)).refusal ?? 'nothing'
  }

  async token(): Promise<string> {
    return (await this.#wire.request('media.token', {})).token
  }

  /** Opens a file, by default with a fresh token of this client's. */
  async get(
    fileId: string,
    options: { readonly headers?: Record<string, string>; readonly token?: string; readonly method?: string } = {},
  ): Promise<Answer> {
    const token = options.token ?? (await this.token())
    const { headers = {}, method = 'GET' } = options
    return this.fetch(`/im/media/${fileId}?t=${token}`, { headers, method })
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Answer> {
    return answerOf(await fetch(this.#world.endpoint() + path, init))
  }
}
