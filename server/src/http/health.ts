import type { FastifyInstance } from 'fastify'
import type { ReadinessReport } from '../health/readiness.ts'

/**
 * `/healthz`: the process lives. `/readyz`: whether it takes traffic, and part by part why not; 503 when it does not. A
 * part that is degraded costs time, not service.
 */
export function healthRoutes(app: FastifyInstance, report: () => Promise<ReadinessReport>): void {
  app.get('/healthz', async (_request, reply) => {
    void reply.header('cache-control', 'no-store')
    return { status: 'ok' }
  })
  app.get('/readyz', async (_request, reply) => {
    const readiness = await report()
    return reply
      .code(readiness.status === 'not ready' ? 503 : 200)
      .header('cache-control', 'no-store')
      .send(readiness)
  })
}
