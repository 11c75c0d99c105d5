import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartRefused } from './start-refused.ts'

/** How the connection is protected on its way; the words of libpq. */
export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'

/** What a database URL says. */
export interface ConnectionTarget {
  readonly address: { readonly path: string } | { readonly host: string; readonly port: number }
  readonly user: string
  readonly password: string
  readonly database: string
  readonly tlsMode: TlsMode
  /** The certificate authority to trust instead of the system's. */
  readonly tlsAuthority: string | undefined
}

const DEFAULT_PORT = 5432
const PROTOCOLS = new Set(['postgres:', 'postgresql:'])
const TLS_MODES: readonly TlsMode[] = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full']
/** Said by other programs' URLs, and without meaning for us. */
const IGNORED = new Set(['application_name', 'connect_timeout', 'channel_binding'])

/**
 * Reads `postgres://user:password@host:port/database`, with libpq's `sslmode`, `sslrootcert` and, for a Unix socket,
 * `host=/folder`. Refuses what it does not understand rather than pass it over: it may have been meant to protect.
 */
export function parseConnectionUrl(text: string): ConnectionTarget {
  const url = parseUrl(text)
  const query = new Map(url.searchParams)
  const host = query.get('host') ?? decode(url.hostname).replace(/^\[|\]$/g, '')
  const port = parsePort(query.get('port') ?? url.port)
  const known = new Set(['host', 'port', 'sslmode', 'sslrootcert', ...IGNORED])
  const unknown = [...query.keys()].find((name) => !known.has(name))
  if (unknown !== undefined) throw new StartRefused(`DATABASE_URL has a parameter "${unknown}" that is not known`)
  const user = decode(url.username)
  if (user === '') throw new StartRefused('DATABASE_URL names no user')
  const authority = query.get('sslrootcert')
  return {
    address: host.startsWith('/') ? { path: join(host, `.s.PGSQL.${port}`) } : { host: host || 'localhost', port },
    user,
    password: decode(url.password),
    database: decode(url.pathname.slice(1)) || user,
    // What stays on this machine gains nothing from being encrypted, and every statement would pay.
    tlsMode: parseTlsMode(query.get('sslmode') ?? (isLocal(host) ? 'disable' : 'prefer')),
    tlsAuthority: authority === undefined || authority === 'system' ? undefined : readAuthority(authority),
  }
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

function parseUrl(text: string): URL {
  // Not the error itself: it would carry the password into the log.
  if (!URL.canParse(text)) throw new StartRefused('DATABASE_URL is not a URL')
  const url = new URL(text)
  if (!PROTOCOLS.has(url.protocol)) throw new StartRefused(`DATABASE_URL begins with ${url.protocol}, not postgres:`)
  return url
}

/** A password with a percent sign in it is easily written without its escape. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new StartRefused('DATABASE_URL has a % that begins no escape; write %25')
  }
}

function parsePort(text: string): number {
  const port = text === '' ? DEFAULT_PORT : Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new StartRefused(`DATABASE_URL has port ${text}`)
  return port
}

function parseTlsMode(text: string): TlsMode {
  const mode = TLS_MODES.find((known) => known === text)
  if (!mode) throw new StartRefused(`DATABASE_URL has sslmode=${text}; it is one of ${TLS_MODES.join(', ')}`)
  return mode
}

function readAuthority(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new StartRefused(`DATABASE_URL names an sslrootcert that cannot be read: ${path}`, { cause })
  }
}
