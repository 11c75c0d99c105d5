import { isIP, Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import type { Clock } from '../kit/clock.ts'
import type { ConnectionTarget } from './connection-target.ts'
import { DatabaseUnavailable } from './db-errors.ts'

/** A peer that has gone without a word is noticed within twice this. */
const KEEP_ALIVE_MS = 10_000
/** PostgreSQL's SSLRequest: the length, and a version number that is none. */
const TLS_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
const YES = 'S'.charCodeAt(0)

/** A connected socket, under TLS if the target wants it. Rejects with DatabaseUnavailable, within the deadline. */
export async function dial(target: ConnectionTarget, deadlineMs: number, clock: Clock): Promise<Socket> {
  const raw = new Socket()
  let current = raw
  let fail: (cause: unknown) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = (cause) => reject(new DatabaseUnavailable('PostgreSQL cannot be reached', { cause: firstOf(cause) }))
  })
  const cancel = clock.after(deadlineMs, () => fail(new Error(`no connection within ${deadlineMs} ms`)))
  // Stays for the socket's life: an error nobody listens to would end the process.
  raw.on('error', (err) => fail(err))
  raw.on('close', () => fail(new Error('the connection was closed at once')))
  try {
    await Promise.race([connected(raw, target), failed])
    raw.setNoDelay(true)
    raw.setKeepAlive(true, KEEP_ALIVE_MS)
    const tls = tlsOptions(target)
    if (tls) {
      current = await Promise.race([underTls(raw, target, tls, (err) => fail(err)), failed])
    }
    return current
  } catch (err) {
    raw.destroy()
    throw err
  } finally {
    cancel()
  }
}

/** A name with several addresses fails with all of their errors at once, under an empty message. */
function firstOf(cause: unknown): unknown {
  return cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause
}

function connected(socket: Socket, { address }: ConnectionTarget): Promise<void> {
  return new Promise((resolve) => {
    socket.once('connect', () => resolve())
    if ('path' in address) socket.connect(address.path)
    else socket.connect(address.port, address.host)
  })
}

/** Undefined: as it is. A Unix socket never leaves the machine. */
function tlsOptions({ address, tlsMode, tlsAuthority }: ConnectionTarget): ConnectionOptions | undefined {
  if ('path' in address || tlsMode === 'disable') return undefined
  const verifies = tlsMode === 'verify-ca' || tlsMode === 'verify-full'
  return {
    rejectUnauthorized: verifies,
    ...(isIP(address.host) ? {} : { servername: address.host }),
    ...(tlsAuthority === undefined ? {} : { ca: tlsAuthority }),
    ...(tlsMode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  }
}

async function underTls(
  socket: Socket,
  { address, tlsMode }: ConnectionTarget,
  options: ConnectionOptions,
  fail: (err: Error) => void,
): Promise<Socket> {
  const answered = new Promise<number | undefined>((resolve) => {
    // Exactly one byte: what comes with it in the clear could have been put there by anybody.
    socket.once('data', (answer) => resolve(typeof answer === 'string' || answer.length !== 1 ? undefined : answer[0]))
  })
  socket.write(TLS_REQUEST)
  if ((await answered) !== YES) {
    if (tlsMode === 'prefer') return socket
    throw new DatabaseUnavailable(`PostgreSQL offers no TLS, and sslmode=${tlsMode} asks for it`)
  }
  return new Promise((resolve) => {
    const host = 'host' in address ? address.host : ''
    const secure = connectTls({ ...options, host, socket }, () => resolve(secure))
    secure.on('error', fail)
    secure.on('close', () => socket.destroy())
  })
}
