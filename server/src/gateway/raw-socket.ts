import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

/** The TCP socket under a WebSocket. ws keeps it in `_socket`; with a version that does not, writes are only less packed. */
export function rawSocketOf(socket: WebSocket): Socket | undefined {
  const raw: unknown = Reflect.get(socket, '_socket')
  return isSocket(raw) ? raw : undefined
}

function isSocket(value: unknown): value is Socket {
  return typeof value === 'object' && value !== null && 'cork' in value && 'uncork' in value && 'on' in value
}
