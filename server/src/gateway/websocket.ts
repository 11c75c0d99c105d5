import { ServerResponse } from 'node:http'
import websocketPlugin from '@fastify/websocket'
import { LIMITS } from '@hongyan/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RawData, WebSocket } from 'ws'
import type { Random } from '../kit/random.ts'
import type { Admission } from './admission.ts'
import { connectionOf } from './connection.ts'
import { isOriginAllowed } from './origin-rules.ts'
import { rawSocketOf } from './raw-socket.ts'
import { Session, type SessionDeps } from './session.ts'

export interface WebsocketOptions {
  readonly session: SessionDeps
  readonly admission: Admission
  readonly random: Random
  readonly allowedOrigins: readonly string[]
  /** Counts those who came in, and by HTTP status those who did not. */
  readonly onArrived?: () => void
  readonly onTurnedAway?: (status: 403 | 429 | 503) => void
}

export const SOCKET_PATH = '/im/ws'

/** The WebSocket edge: accepts, limits, and hands each socket to a Session. */
export async function websocketRoute(app: FastifyInstance, options: WebsocketOptions): Promise<void> {
  await app.register(websocketPlugin, {
    options: { maxPayload: LIMITS.frameBytes, perMessageDeflate: false, clientTracking: false },
    // Sessions are drained by the lifecycle, in slices and with a code of their own.
    preClose: (done) => done(),
  })
  app.get(
    SOCKET_PATH,
    { websocket: true, preValidation: (request, reply) => refuseAtDoor(request, reply, options) },
    (socket, request) => {
      letGoOfRequest(socket)
      // Found out anew each time it is read.
      const address = request.ip
      const entrance = options.admission.enter(address)
      options.onArrived?.()
      const connection = connectionOf(socket, address)
      const session = new Session(options.random.id(), connection, options.session, entrance)
      socket.on('message', (data, isBinary) => {
        if (isBinary) session.close(1003, 'text frames only')
        else session.receive(textOf(data))
      })
      // Protocol violations end here; ws has closed with the right code by itself, and waits longer for an answer than we.
      socket.on('error', () => connection.close(1002, ''))
      socket.on('close', (code) => {
        entrance.closed()
        session.onSocketClosed(code)
      })
    },
  )
}

/**
 * The upgraded request and its answer would be kept, headers and all, as long as the connection, 4 KiB for each: by the
 * TCP socket, and by the listener for errors that the plugin has put there.
 */
function letGoOfRequest(socket: WebSocket): void {
  socket.removeAllListeners('error')
  const raw = rawSocketOf(socket)
  const answer: unknown = raw && Reflect.get(raw, '_httpMessage')
  if (raw && answer instanceof ServerResponse) answer.detachSocket(raw)
}

async function refuseAtDoor(request: FastifyRequest, reply: FastifyReply, options: WebsocketOptions): Promise<void> {
  if (!isOriginAllowed(request.headers.origin, request.headers.host, options.allowedOrigins)) {
    options.onTurnedAway?.(403)
    await reply.code(403).send({ error: 'this origin may not connect' })
    return
  }
  const refusal = options.admission.refusal(request.ip)
  if (refusal === undefined) return
  options.onTurnedAway?.(refusal.status)
  await reply
    .code(refusal.status)
    .header('retry-after', String(refusal.retryAfterS))
    .send({ error: 'too many connections' })
}

/** ws hands over one Buffer unless told otherwise. */
function textOf(data: RawData): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8')
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data).toString('utf8')
}
