import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../kit/clock.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route bounds the time of its body itself. */
    readonly boundsItsBody?: boolean
  }
}

/** Slowloris: ends the connection of a request whose body has not arrived in time (S-WS4), except on routes for uploads. */
export function boundBodies(app: FastifyInstance, { clock, withinMs }: { clock: Clock; withinMs: number }): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { raw, routeOptions } = request
    if (hasBody(request) && !routeOptions.config.boundsItsBody) {
      const cancel = clock.after(withinMs, () => void (raw.complete || raw.socket.destroy()))
      raw.once('close', cancel)
    }
    done()
  })
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}
