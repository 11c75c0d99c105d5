import type { NetConnectOpts } from 'node:net'

const DEFAULT_PORT = 5432

/**
 * Where a database URL leads: to a host and port, or, as libpq has it, to a socket in the folder that `?host=/folder`
 * names.
 */
export function addressOf(url: string): NetConnectOpts {
  const { hostname, port, searchParams } = new URL(url)
  const number = Number(port) || DEFAULT_PORT
  const folder = searchParams.get('host')
  if (folder?.startsWith('/')) return { path: `${folder}/.s.PGSQL.${number}` }
  // An IPv6 address stands in brackets in a URL.
  return { host: decodeURIComponent(hostname).replace(/^\[|\]$/g, ''), port: number }
}

/** The URL without what is ours to handle: the driver would send it to PostgreSQL as a setting. */
export function driverUrl(url: string): string {
  const parsed = new URL(url)
  parsed.searchParams.delete('host')
  return parsed.href
}
