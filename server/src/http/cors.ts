import type { FastifyReply, FastifyRequest } from 'fastify'

/** Whether pages of this origin may use this host; made of the configuration by the wiring. */
export type OriginRule = (origin: string | undefined, host: string | undefined) => boolean

const PREFLIGHT_SECONDS = 600

/** Lets pages of allowed origins read the answer. What other pages may not read is answered without a word about it. */
export function allowOrigin(request: FastifyRequest, reply: FastifyReply, rule: OriginRule): boolean {
  const { origin, host } = request.headers
  void reply.header('vary', 'Origin')
  const isAllowed = rule(origin, host)
  if (origin !== undefined && isAllowed) {
    void reply.headers({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'Content-Length, Content-Range, ETag',
    })
  }
  return isAllowed
}

/** Answers a browser that asks whether it may ask. */
export function answerPreflight(request: FastifyRequest, reply: FastifyReply, rule: OriginRule, methods: string): void {
  if (!allowOrigin(request, reply, rule)) return void reply.code(403).send()
  void reply
    .code(204)
    .headers({
      'access-control-allow-methods': methods,
      'access-control-allow-headers': 'Content-Type, Range, If-None-Match, If-Range',
      'access-control-max-age': PREFLIGHT_SECONDS,
    })
    .send()
}
