import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../metrics/metrics.ts'

/** `/metrics` in Prometheus' text form. */
export function metricsRoute(app: FastifyInstance, metrics: Metrics): void {
  app.get('/metrics', async (_request, reply) => {
    const text = await metrics.text()
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(text)
  })
}
