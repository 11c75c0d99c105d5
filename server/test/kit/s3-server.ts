import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A store that speaks enough of S3, and believes nobody: every request's V4 signature is computed anew and compared. */
export interface S3Server {
  readonly endpoint: string
  /** The objects by their path below the bucket. */
  readonly objects: Map<string, Buffer>
  /** Requests answered, as `PUT 200`. */
  readonly log: string[]
  /** What to answer instead, once for each; `hang` answers never, `cut` ends the connection in the middle. */
  readonly faults: (number | 'hang' | 'cut' | { readonly status: number; readonly code: string })[]
  stop(): Promise<void>
}

export interface S3ServerOptions {
  readonly bucket: string
  readonly region: string
  readonly accessKey: string
  readonly secretKey: string
}

const MAX_SKEW_MS = 15 * 60_000

export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const objects = new Map<string, Buffer>()
  const log: string[] = []
  const faults: S3Server['faults'] = []
  const server = createServer((request, response) => {
    void serve(request, response, { options, objects, faults }).then(() => {
      log.push(`${request.method} ${response.statusCode}`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    objects,
    log,
    faults,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Store {
  readonly options: S3ServerOptions
  readonly objects: Map<string, Buffer>
  readonly faults: S3Server['faults']
}

async function serve(request: IncomingMessage, response: ServerResponse, store: Store): Promise<void> {
  const fault = store.faults.shift()
  if (fault === 'hang') return
  if (fault === 'cut') {
    response.writeHead(200, { 'content-length': '1000000' })
    response.write(Buffer.alloc(1000))
    setTimeout(() => response.destroy(), 20)
    return
  }
  const body = await bodyOf(request)
  if (fault !== undefined) {
    const { status, code } = typeof fault === 'number' ? { status: fault, code: 'InternalError' } : fault
    return refuse(response, status, code)
  }
  const problem = signatureProblem(request, body, store.options)
  if (problem !== undefined) return refuse(response, 403, problem)
  const path = new URL(request.url ?? '', 'http://store').pathname
  const prefix = `/${store.options.bucket}/`
  if (!path.startsWith(prefix)) return refuse(response, 404, 'NoSuchBucket')
  answer(request, response, { key: path.slice(prefix.length), body, objects: store.objects })
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { key, body, objects }: { key: string; body: Buffer; objects: Map<string, Buffer> },
): void {
  if (request.method === 'PUT') {
    if (request.headers['content-length'] === undefined) return refuse(response, 411, 'MissingContentLength')
    objects.set(key, body)
    return void response.writeHead(200).end()
  }
  if (request.method === 'DELETE') {
    objects.delete(key)
    return void response.writeHead(204).end()
  }
  const object = objects.get(key)
  if (!object) return refuse(response, 404, 'NoSuchKey')
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
  const [start, end] = range
    ? [Number(range[1]), Math.min(Number(range[2]), object.length - 1)]
    : [0, object.length - 1]
  if (range && start >= object.length) return refuse(response, 416, 'InvalidRange')
  const part = object.subarray(start, end + 1)
  response.writeHead(range ? 206 : 200, {
    'content-length': part.length,
    ...(range ? { 'content-range': `bytes ${start}-${end}/${object.length}` } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : part)
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const xml = `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': xml.length })
  response.end(response.req.method === 'HEAD' ? undefined : xml)
}

/** As the documents of AWS describe it; undefined when the request is in order. */
function signatureProblem(request: IncomingMessage, body: Buffer, options: S3ServerOptions): string | undefined {
  const { authorization = '' } = request.headers
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    )
  if (!match) return 'AccessDenied'
  const [, accessKey, day = '', region = '', signedHeaders = '', signature] = match
  if (accessKey !== options.accessKey) return 'InvalidAccessKeyId'
  if (region !== options.region) return 'AuthorizationHeaderMalformed'
  const stamp = headerOf(request, 'x-amz-date')
  const at = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp)
  if (!at || !stamp.startsWith(day)) return 'AccessDenied'
  const [, y, mo, d, h, mi, s] = at.map(Number)
  const atMs = Date.UTC(y ?? 0, (mo ?? 1) - 1, d, h, mi, s)
  if (Math.abs(Date.now() - atMs) > MAX_SKEW_MS) return 'RequestTimeTooSkewed'
  const names = signedHeaders.split(';')
  for (const name of ['host', 'x-amz-date', 'x-amz-content-sha256']) if (!names.includes(name)) return 'AccessDenied'
  const contentHash = headerOf(request, 'x-amz-content-sha256')
  if (contentHash !== sha256(body)) return 'XAmzContentSHA256Mismatch'
  const url = new URL(request.url ?? '', 'http://store')
  const canonical = [
    request.method,
    url.pathname,
    [...url.searchParams]
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .sort()
      .join('&'),
    ...names.map((name) => `${name}:${headerOf(request, name).trim().replaceAll(/ +/g, ' ')}`),
    '',
    signedHeaders,
    contentHash,
  ].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n')
  const key = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${options.secretKey}`,
  )
  const wanted = createHmac('sha256', key).update(toSign).digest('hex')
  return wanted === signature ? undefined : 'SignatureDoesNotMatch'
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : (value ?? '')
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
