import fastifyStatic from '@fastify/static'
import { parseUserId } from '@hongyan/protocol'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Somebody as whom a trial server lets anybody sign in. */
export interface DemoUser {
  readonly userID: string
  readonly nick: string
  readonly role: 'teacher' | 'parent' | 'administrator'
}

export interface DemoOptions {
  readonly users: readonly DemoUser[]
  /** Signs for anybody who asks: why this is never on in production. */
  readonly sign: (userId: string) => string
}

export interface WebPageOptions {
  readonly sdkAppId: number
  /** Where the page and the SDK's bundles were built to; undefined when they are not to be served. */
  readonly files: { readonly pageDir: string; readonly sdkDir: string } | undefined
  readonly demo: DemoOptions | undefined
}

// No script, style or image from anywhere else, and nothing inline. Pictures, sounds and films that are being sent are
// blobs of the page's own.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self' ws: wss:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
const HASHED = /[/\\]assets[/\\][^/\\]+$/

/** The teachers' web page at `/`, what it asks before anybody is signed in, and in demo mode the signatures it needs. */
export async function webPageRoutes(app: FastifyInstance, { sdkAppId, files, demo }: WebPageOptions): Promise<void> {
  app.get('/im/about', async () => ({ sdkAppID: sdkAppId, demoUsers: demo?.users ?? [] }))
  if (demo) demoRoutes(app, sdkAppId, demo)
  if (!files) return
  await app.register(fastifyStatic, { root: files.pageDir, prefix: '/', preCompressed: true, setHeaders })
  await app.register(fastifyStatic, { root: files.sdkDir, prefix: '/sdk/', decorateReply: false })
}

function demoRoutes(app: FastifyInstance, sdkAppID: number, { sign }: DemoOptions): void {
  app.get<{ Querystring: { userID?: string } }>('/im/usersig', async (request, reply) => {
    const userId = parseUserId(request.query.userID ?? '')
    if (userId === undefined) return reply.code(400).send({ error: 'userID: 1 to 32 bytes without spaces' })
    return { sdkAppID, userID: userId, userSig: sign(userId) }
  })
}

function setHeaders(reply: FastifyReply, path: string): void {
  void reply.headers({
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    // The names of assets change with what is in them.
    'cache-control': HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
}
