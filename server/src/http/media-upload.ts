import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import multipart from '@fastify/multipart'
import { LIMITS, Refused, type StoredFile } from '@hongyan/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Arriving } from '../media/uploads.ts'
import { UPLOAD_PATH } from '../media/media-service.ts'
import { allowOrigin, answerPreflight } from './cors.ts'
import type { MediaRoutesOptions } from './media-options.ts'

/** A sender that is silent for so long is gone. */
const STALL_MS = 30_000
/** Slower than this on the whole is not waited for. */
const SLOWEST_BYTES_PER_SECOND = 32 * 1024
const LEAST_MS = 60_000
/** For how long the rest of a refused upload is read and thrown away, so that its sender gets to see the answer. */
const LINGER_MS = 3_000
/** Fields of a form besides the file, and the bytes of each. */
const MAX_FIELDS = 20
const MAX_FIELD_BYTES = 4096

interface UploadAddress {
  readonly Params: { readonly fileId: string }
  readonly Querystring: { readonly t?: string }
}

type UploadRequest = FastifyRequest<UploadAddress>

/** PUT with the bytes as they are, POST with a form; either is answered 200 with what was stored. */
export async function uploadRoutes(app: FastifyInstance, options: MediaRoutesOptions): Promise<void> {
  await app.register(multipart, {
    throwFileSizeLimit: false,
    limits: { files: 1, fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES, parts: MAX_FIELDS + 1, headerPairs: 20 },
  })
  // Bodies are read by us as they come, whatever they claim to be.
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  const url = `${UPLOAD_PATH}/:fileId`
  const config = { boundsItsBody: true }
  const serve = async (
    request: UploadRequest,
    reply: FastifyReply,
    arrivingOf: (request: UploadRequest) => Promise<Arriving>,
  ): Promise<StoredFile> => {
    const ended = boundUpload(request.raw, reply, options)
    try {
      if (!allowOrigin(request, reply, options.mayUse)) throw new Refused('TICKET_INVALID')
      const { fileId } = request.params
      const arriving = await arrivingOf(request)
      const stored = await options.uploads.receive(fileId, request.query.t ?? '', arriving)
      void reply.header('cache-control', 'no-store')
      return stored
    } finally {
      ended()
    }
  }
  app.put<UploadAddress>(url, { config }, (request, reply) => serve(request, reply, bytesOf))
  app.post<UploadAddress>(url, { config }, (request, reply) => serve(request, reply, formOf))
  app.options(url, (request, reply) => answerPreflight(request, reply, options.mayUse, 'PUT, POST'))
}

function bytesOf({ raw, headers }: UploadRequest): Promise<Arriving> {
  const length = headers['content-length']
  return Promise.resolve({
    content: chunksOf(raw),
    declaredBytes: length === undefined ? undefined : Number(length),
  })
}

/** The form's part `file`; other fields, as COS wants them, may stand around it and say nothing to us. */
async function formOf(request: UploadRequest): Promise<Arriving> {
  if (!request.isMultipart()) return bytesOf(request)
  const found = request.file({ limits: { fileSize: LIMITS.fileBytes + 1 } }).catch(refuseForm)
  const part = await Promise.race([found, cutOff(request.raw)])
  if (!part || part.fieldname !== 'file') throw new Refused('FILE_INCOMPLETE')
  const { file } = part
  cutOff(request.raw).catch((err: Error) => void file.destroy(err))
  return { content: formChunks(file) }
}

/** Rejects when the connection ends before the body: the form's parser does not hear of it, and would wait for ever. */
function cutOff(raw: IncomingMessage): Promise<never> {
  return new Promise((_, reject) => {
    raw.once('close', () => void (raw.complete || reject(new Refused('FILE_INCOMPLETE'))))
  })
}

async function* formChunks(file: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* chunksOf(file)
  } catch (err) {
    refuseForm(err)
  }
}

/** A form that ends before its last line, or is none. */
function refuseForm(cause: unknown): never {
  throw cause instanceof Refused ? cause : new Refused('FILE_INCOMPLETE')
}

/** The chunks; whoever stops reading leaves the stream alone, or nobody could be answered on its socket. */
async function* chunksOf(stream: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array
}

/**
 * Bounds the time an upload takes: between two pieces, and altogether by its size. Call the result when the body has been
 * dealt with; what is left of it then is read for a moment, and the connection ended.
 */
function boundUpload(
  raw: IncomingMessage,
  reply: FastifyReply,
  { clock, stallMs = STALL_MS }: MediaRoutesOptions,
): () => void {
  const bytes = Math.min(Number(raw.headers['content-length'] ?? LIMITS.fileBytes), LIMITS.fileBytes)
  const wholeMs = LEAST_MS + (bytes / SLOWEST_BYTES_PER_SECOND) * 1000
  const { socket } = raw
  const cut = (): void => void (raw.complete || socket.destroy())
  const cancel = clock.after(wholeMs, cut)
  socket.setTimeout(stallMs, cut)
  return () => {
    cancel()
    socket.setTimeout(0)
    socket.removeListener('timeout', cut)
    if (raw.complete) return
    void reply.header('connection', 'close')
    raw.resume()
    const cancelLinger = clock.after(LINGER_MS, () => socket.destroy())
    raw.once('close', cancelLinger)
  }
}
