import { Refused } from '@hongyan/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { contentDisposition } from '../media/file-name-rules.ts'
import type { OpenFile, Variant } from '../media/media-service.ts'
import { parseRange } from './byte-range.ts'
import { allowOrigin, answerPreflight } from './cors.ts'
import type { MediaRoutesOptions } from './media-options.ts'

/** A reader that takes nothing for so long is gone. */
const STALL_MS = 60_000
const MAX_AT_ONCE = 1_000
/** Nothing in a file may run, load or send anything, whatever it is taken for. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"

interface MediaAddress {
  readonly Params: { readonly fileId: string; readonly variant?: string }
  readonly Querystring: { readonly t?: string }
}

type MediaRequest = FastifyRequest<MediaAddress>

/** GET and HEAD of files, whole or in parts. The rights are looked at every time, so an answer is never kept unasked. */
export function downloadRoutes(app: FastifyInstance, options: MediaRoutesOptions): void {
  let running = 0
  const serve = async (request: MediaRequest, reply: FastifyReply): Promise<FastifyReply> => {
    allowOrigin(request, reply, options.mayUse)
    const { fileId, variant } = request.params
    const file = await options.media.open(fileId, mustBeVariant(variant), request.query.t ?? '')
    if (running >= MAX_AT_ONCE) throw new Refused('TOO_MANY_REQUESTS')
    running++
    reply.raw.once('close', () => running--)
    return send(request, reply, file, options)
  }
  for (const url of ['/im/media/:fileId', '/im/media/:fileId/:variant']) {
    app.route<MediaAddress>({ method: ['GET', 'HEAD'], url, handler: serve })
    app.options(url, (request, reply) => answerPreflight(request, reply, options.mayUse, 'GET, HEAD'))
  }
}

function mustBeVariant(text: string | undefined): Variant {
  if (text === undefined) return 'original'
  if (text !== 'small' && text !== 'large') throw new Refused('NO_SUCH_FILE')
  return text
}

async function send(
  request: MediaRequest,
  reply: FastifyReply,
  file: OpenFile,
  options: MediaRoutesOptions,
): Promise<FastifyReply> {
  const etag = `"${file.hash}"`
  void reply.headers(headersOf(file, etag))
  if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
  const ifRange = request.headers['if-range']
  const range = ifRange !== undefined && ifRange !== etag ? 'whole' : parseRange(request.headers.range, file.bytes)
  if (range === 'unsatisfiable') {
    return reply
      .code(416)
      .headers({ 'content-range': `bytes */${file.bytes}`, 'content-length': 0 })
      .send()
  }
  const isWhole = range === 'whole'
  const bytes = isWhole ? file.bytes : range.end - range.start + 1
  if (!isWhole) void reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${file.bytes}`)
  void reply.header('content-length', bytes).type(file.contentType)
  if (request.method === 'HEAD') return reply.send()
  const content = await options.media.read(file, isWhole ? undefined : range)
  reply.raw.setTimeout(STALL_MS, () => reply.raw.destroy())
  return reply.send(content)
}

function headersOf(file: OpenFile, etag: string): Record<string, string> {
  return {
    etag,
    'accept-ranges': 'bytes',
    // Kept by the reader's own browser only, and asked about every time: a recalled picture is not shown again.
    'cache-control': 'private, no-cache',
    'content-disposition': contentDisposition(file.isShownInPlace ? 'inline' : 'attachment', file.name),
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'cross-origin-resource-policy': 'cross-origin',
    // The address holds the reader's token.
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  }
}

function isKnown(header: string | undefined, etag: string): boolean {
  return header !== undefined && header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}
