import fastifyStatic from '@fastify/static'
import { parseUserId } from '@hongyan/protocol'
import type { FastifyInstance } from 'fastify'

export interface DemoOptions {
  readonly sdkAppId: number
  /** Signs for anybody who asks: why this is never on in production. */
  readonly sign: (userId: string) => string
  /** The trial page. */
  readonly pageDir: string
  /** The SDK's browser bundles. */
  readonly sdkDir: string
}

// No script, style or image from anywhere else, and nothing inline.
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"

/** The trial page at `/` and the signatures it needs. */
export async function demoRoutes(app: FastifyInstance, options: DemoOptions): Promise<void> {
  app.get<{ Querystring: { userID?: string } }>('/im/usersig', async (request, reply) => {
    const userId = parseUserId(request.query.userID ?? '')
    if (userId === undefined) return reply.code(400).send({ error: 'userID: 1 to 32 bytes without spaces' })
    return { sdkAppID: options.sdkAppId, userID: userId, userSig: options.sign(userId) }
  })
  await app.register(fastifyStatic, {
    root: options.pageDir,
    prefix: '/',
    setHeaders: (reply) => {
      void reply.headers({
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-cache',
      })
    },
  })
  await app.register(fastifyStatic, { root: options.sdkDir, prefix: '/sdk/', decorateReply: false })
}
