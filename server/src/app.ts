import Fastify, { type FastifyInstance } from 'fastify'
import type { Context } from './context.ts'
import { websocketRoute } from './gateway/websocket.ts'
import { answerFailures } from './http/failures.ts'
import { healthRoutes } from './http/health.ts'
import { mediaRoutes } from './http/media.ts'
import { metricsRoute } from './http/metrics-route.ts'
import { boundBodies } from './http/slow-bodies.ts'
import { trustsProxy } from './http/trusted-proxies.ts'
import { webPageRoutes } from './http/web-page.ts'

const HEADERS_TIMEOUT_MS = 5_000
const CONNECTION_CHECK_MS = 1_000
const REQUEST_TIMEOUT_MS = 10_000
/** Nothing takes longer: the slowest upload of the largest file that its route still waits for. */
const UPLOAD_TIMEOUT_MS = 3_600_000

/** The HTTP and WebSocket edges over a context. Never listens. */
export async function buildApp(context: Context): Promise<FastifyInstance> {
  const app = Fastify({
    // A userSig may stand in a query string, so no access log is kept (S-T3).
    logger: false,
    requestTimeout: UPLOAD_TIMEOUT_MS,
    // Slowloris: a socket that does not finish its headers is cut (S-WS4).
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: CONNECTION_CHECK_MS },
    forceCloseConnections: true,
    trustProxy: trustsProxy(context.trustedProxies),
  })
  answerFailures(app, { logger: context.media.logger })
  boundBodies(app, { clock: context.media.clock, withinMs: REQUEST_TIMEOUT_MS })
  healthRoutes(app, () => context.readiness())
  metricsRoute(app, context.metrics)
  await websocketRoute(app, context.websocket)
  await mediaRoutes(app, context.media)
  await webPageRoutes(app, context.webPage)
  return app
}
