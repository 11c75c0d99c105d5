import type { ErrorName } from '@hongyan/protocol'
import { ERRORS, Refused } from '@hongyan/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '../kit/logger.ts'
import { Outage } from '../kit/outage.ts'
import { allowOrigin } from './cors.ts'
import { downloadRoutes } from './media-download.ts'
import type { MediaRoutesOptions } from './media-options.ts'
import { uploadRoutes } from './media-upload.ts'

/** Files over HTTP: uploads to `/im/upload/<fileId>?t=<ticket>`, downloads from `/im/media/<fileId>[/small|/large]?t=<token>`. */
export async function mediaRoutes(app: FastifyInstance, options: MediaRoutesOptions): Promise<void> {
  await app.register(async (scope) => {
    scope.setErrorHandler((err, request, reply) => answerRefusal(err, request, reply, options))
    await uploadRoutes(scope, options)
    downloadRoutes(scope, options)
  })
}

/** The one place where errors of these routes are caught. Answers are JSON and say no more than the catalogue. */
async function answerRefusal(
  err: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  options: MediaRoutesOptions,
): Promise<void> {
  const name = nameOf(err, options.logger)
  options.onRefused(name)
  const { code, http, text } = ERRORS[name]
  allowOrigin(request, reply, options.mayUse)
  await reply
    .code(http)
    .headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    .type('application/json; charset=utf-8')
    .send({ error: { name, code, text } })
}

function nameOf(err: unknown, logger: Logger): ErrorName {
  if (err instanceof Refused) return err.code
  if (err instanceof Outage) {
    logger.warn({ err }, 'what files stand on did not answer')
    return 'BUSY'
  }
  if (isPeersFault(err)) return 'FILE_INCOMPLETE'
  logger.error({ err }, 'a file could not be served')
  return 'INTERNAL'
}

/** A connection that broke off, or a form that is none. */
function isPeersFault(err: unknown): boolean {
  if (!(err instanceof Error)) return false
  const isClientError = 'statusCode' in err && typeof err.statusCode === 'number' && err.statusCode < 500
  return isClientError || ('code' in err && (err.code === 'ECONNRESET' || err.code === 'ERR_STREAM_PREMATURE_CLOSE'))
}
