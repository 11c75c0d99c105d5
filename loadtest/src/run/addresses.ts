import type { SocketAddress } from '../wire/light-client.ts'
import type { Orders } from './orders.ts'

type Places = Pick<Orders, 'endpoints' | 'localAddresses'>

/** Where a client connects at its n-th attempt: the endpoints in turn, so that one that is gone is left alone by the next attempt. */
export function addressOf({ endpoints, localAddresses }: Places, client: number, attempt: number): SocketAddress {
  const url = new URL(endpoints[(client + attempt) % endpoints.length] ?? '')
  const isTls = url.protocol === 'wss:'
  const prefix = url.pathname.replace(/\/$/, '')
  return {
    host: url.hostname,
    port: Number(url.port) || (isTls ? 443 : 80),
    path: `${prefix}/im/ws`,
    isTls,
    // Not the endpoints' remainder again: each endpoint is reached from each address.
    localAddress: localAddresses[Math.floor(client / endpoints.length) % Math.max(1, localAddresses.length)],
  }
}

/** Where a client's files go, without a slash in the end. */
export function originOf({ endpoints }: Pick<Orders, 'endpoints'>, client: number): string {
  return (endpoints[client % endpoints.length] ?? '').replace(/^ws/, 'http').replace(/\/$/, '')
}

/** Connections that one address can have to the same port of another; Linux has 28,231 ports for them. */
export const CONNECTIONS_PER_ADDRESS = 20_000

/**
 * The addresses to connect from when nobody has named any: on loopback as many of 127.0.0.0/8 as are needed; elsewhere the
 * system's choice. Undefined when that will not do.
 */
export function chooseLocalAddresses(endpoints: readonly string[], clients: number): readonly string[] | undefined {
  const needed = Math.ceil(clients / endpoints.length / CONNECTIONS_PER_ADDRESS)
  if (needed <= 1) return []
  const areAllLocal = endpoints.every((endpoint) => /^127\.|^localhost$/.test(new URL(endpoint).hostname))
  return areAllLocal ? Array.from({ length: needed }, (_, index) => `127.0.0.${index + 2}`) : undefined
}

/** `http://host:3000`, `ws://…` or `host:3000` as the WebSocket address that is meant. Throws what is none. */
export function endpointOf(text: string): string {
  const url = new URL(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`)
  if (!['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol)) throw new Error(`no address of a server: ${text}`)
  url.protocol = url.protocol.replace('http', 'ws')
  return url.href.replace(/\/im\/ws$/, '').replace(/\/$/, '')
}
