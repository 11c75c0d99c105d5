import { STATUS_CODES } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Logger } from '../kit/logger.ts'

const INTERNAL = 500

/**
 * The answer to what nobody foresaw: logged by its route, since a userSig may stand in the address itself, and told to
 * nobody. What Fastify refuses by itself, such as a broken body, keeps its status.
 */
export function answerFailures(app: FastifyInstance, { logger }: { readonly logger: Logger }): void {
  app.setErrorHandler(async (err, { method, routeOptions }, reply) => {
    const status = statusOf(err)
    if (status >= INTERNAL) logger.error({ err, method, route: routeOptions.url }, 'an HTTP request failed')
    await reply.code(status).send({ error: STATUS_CODES[status] ?? 'error' })
  })
}

function statusOf(err: unknown): number {
  if (!(err instanceof Error) || !('statusCode' in err) || typeof err.statusCode !== 'number') return INTERNAL
  return err.statusCode >= 400 && err.statusCode < 600 ? err.statusCode : INTERNAL
}
