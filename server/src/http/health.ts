import type { FastifyInstance } from 'fastify'

/** `/healthz`: the process lives. `/readyz`: it takes traffic; no while it drains or cannot reach its database. */
export function healthRoutes(app: FastifyInstance, isReady: () => Promise<boolean>): void {
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    if (await isReady()) return { status: 'ready' }
    return reply.code(503).send({ status: 'not ready' })
  })
}
