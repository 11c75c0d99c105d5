import { createReadStream } from 'node:fs'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { pipeline } from 'node:stream/promises'
import type { Readable } from 'node:stream'
import { AwsV4Signer } from 'aws4fetch'
import { Refused } from '@hongyan/protocol'
import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import { BlobsUnavailable } from './blobs-unavailable.ts'
import { assertHash, type Blobs, type ByteRange, type Content, type Draft } from './blobs.ts'
import { DraftFolder, removeQuietly, type DraftFile } from './draft-folder.ts'

export interface S3Options {
  /** The store's address: scheme, host and port; a path is put before the bucket's name. */
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly accessKey: string
  readonly secretKey: string
}

export interface S3BlobsOptions extends S3Options {
  /** A folder of this machine, in which content arrives before it goes to the store. */
  readonly draftDir: string
  /** The most connections to the store. */
  readonly maxSockets?: number
  /** An answer that does not move for so long is given up. */
  readonly stallMs?: number
  readonly random: Random
  readonly clock: Clock
}

const MAX_SOCKETS = 64
const STALL_MS = 20_000
/** The hash of nothing: what a request without a body signs. */
const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const MAX_ERROR_BYTES = 4096
/** What stores answer when there is no room: AWS has none of it, Ceph, MinIO and others do. */
const FULL_CODES = /<Code>(?:XMinioStorageFull|XMinioStorageQuotaExceeded|QuotaExceeded|InsufficientStorage)</

interface Ask {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE'
  readonly hash: string
  readonly range?: ByteRange | undefined
  readonly body?: DraftFile
}

/**
 * Content in any store that speaks S3, addressed by path (`<endpoint>/<bucket>/ab/<hash>`). The store checks each upload
 * against its hash, which is signed; an object appears whole or not at all.
 */
export class S3Blobs implements Blobs {
  readonly #options: S3BlobsOptions
  readonly #drafts: DraftFolder
  readonly #agent: HttpAgent | HttpsAgent
  readonly #isSecure: boolean
  readonly #stallMs: number
  /** Signing keys, which are good for a day. */
  readonly #signingKeys = new Map<string, ArrayBuffer>()

  constructor(options: S3BlobsOptions) {
    this.#options = options
    this.#drafts = new DraftFolder(options.draftDir, options)
    this.#isSecure = new URL(options.endpoint).protocol === 'https:'
    const pooling = { keepAlive: true, maxSockets: options.maxSockets ?? MAX_SOCKETS }
    this.#agent = this.#isSecure ? new HttpsAgent(pooling) : new HttpAgent(pooling)
    this.#stallMs = options.stallMs ?? STALL_MS
  }

  async receive(content: Content, { maxBytes }: { readonly maxBytes: number }): Promise<Draft> {
    const file = await this.#drafts.receive(content, maxBytes)
    return { ...file, keep: () => this.#keep(file), drop: () => removeQuietly(file.path) }
  }

  async has(hash: string): Promise<boolean> {
    return (await this.#bytesOf(hash)) !== undefined
  }

  async read(hash: string, range?: ByteRange): Promise<Readable | undefined> {
    const answer = await this.#ask({ method: 'GET', hash, range })
    if (answer.statusCode === 404) return ended(answer, undefined)
    if (answer.statusCode !== (range ? 206 : 200)) throw await failureOf(answer, 'reading')
    answer.setTimeout(this.#stallMs, () => answer.destroy(new BlobsUnavailable('the store has stopped sending')))
    return answer
  }

  async delete(hash: string): Promise<void> {
    const answer = await this.#ask({ method: 'DELETE', hash })
    if (answer.statusCode !== 204 && answer.statusCode !== 200 && answer.statusCode !== 404) {
      throw await failureOf(answer, 'deleting')
    }
    answer.resume()
  }

  sweepDrafts(olderThanMs: number): Promise<number> {
    return this.#drafts.sweep(olderThanMs)
  }

  close(): Promise<void> {
    this.#agent.destroy()
    return Promise.resolve()
  }

  async #keep(file: DraftFile): Promise<void> {
    try {
      if ((await this.#bytesOf(file.hash)) === file.bytes) return
      const answer = await this.#ask({ method: 'PUT', hash: file.hash, body: file })
      if (answer.statusCode !== 200) throw await failureOf(answer, 'writing')
      answer.resume()
    } finally {
      await removeQuietly(file.path)
    }
  }

  async #bytesOf(hash: string): Promise<number | undefined> {
    const answer = await this.#ask({ method: 'HEAD', hash })
    if (answer.statusCode === 404) return ended(answer, undefined)
    if (answer.statusCode !== 200) throw await failureOf(answer, 'looking')
    return ended(answer, Number(answer.headers['content-length']))
  }

  /** Resolves with the head of the answer. */
  async #ask(ask: Ask): Promise<IncomingMessage> {
    const { url, headers } = await this.#sign(ask)
    return new Promise((resolve, reject) => {
      const fail = (err: unknown): void => reject(new BlobsUnavailable('the store does not answer', { cause: err }))
      const send = this.#isSecure ? httpsRequest : httpRequest
      const request = send(url, { method: ask.method, headers, agent: this.#agent }, resolve)
      request.setTimeout(this.#stallMs, () => request.destroy(new Error('nothing has moved for too long')))
      request.on('error', fail)
      if (ask.body) pipeline(createReadStream(ask.body.path), request).catch(fail)
      else request.end()
    })
  }

  async #sign({ method, hash, range, body }: Ask): Promise<{ url: URL; headers: Record<string, string> }> {
    assertHash(hash)
    const { endpoint, region, bucket, accessKey, secretKey, clock } = this.#options
    const signer = new AwsV4Signer({
      method,
      url: `${endpoint.replace(/\/+$/, '')}/${bucket}/${hash.slice(0, 2)}/${hash}`,
      headers: { 'x-amz-content-sha256': body?.hash ?? EMPTY_HASH },
      accessKeyId: accessKey,
      secretAccessKey: secretKey,
      service: 's3',
      region,
      cache: this.#signingKeys,
      datetime: new Date(clock.now()).toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
    })
    if (this.#signingKeys.size > 8) this.#signingKeys.clear()
    const signed = await signer.sign()
    const headers = Object.fromEntries(signed.headers)
    if (range) headers['range'] = `bytes=${range.start}-${range.end}`
    if (body) headers['content-length'] = String(body.bytes)
    return { url: signed.url, headers }
  }
}

function ended<T>(answer: IncomingMessage, value: T): T {
  answer.resume()
  return value
}

/** STORE_FULL where the store says so; else what it said, as an outage. */
async function failureOf(answer: IncomingMessage, doing: string): Promise<Error> {
  const text = await headOf(answer)
  if (answer.statusCode === 507 || FULL_CODES.test(text)) return new Refused('STORE_FULL')
  const code = /<Code>(\w{1,60})<\/Code>/.exec(text)?.[1] ?? ''
  return new BlobsUnavailable(`the store answered ${answer.statusCode ?? 0} ${code} when ${doing}`)
}

async function headOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  try {
    for await (const chunk of answer) {
      text += String(chunk)
      if (text.length > MAX_ERROR_BYTES) break
    }
  } catch {
    // What was read has to do.
  }
  return text
}
