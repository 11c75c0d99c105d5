import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../src/db/db.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/embedded/embedded-postgres.ts'
import { chooseRunAs } from '../src/embedded/run-as.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'

const OPENSSL = 'openssl'
const HAS_OPENSSL = hasOpenssl()
if (!HAS_OPENSSL) console.warn('openssl is missing: the tests of TLS to PostgreSQL are skipped.')

let folder: string
let certificate: string
let port: number
let postgres: EmbeddedPostgres

function hasOpenssl(): boolean {
  try {
    execFileSync(OPENSSL, ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port: found } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return found
}

/** True when a statement runs under TLS; rejects when there is no connection. */
async function isEncrypted(host: string, search: string): Promise<boolean> {
  const url = new URL(postgres.url)
  url.host = `${host}:${port}`
  url.search = search
  const options = { name: 'tls test', size: 1, statementDeadlineMs: 5_000 }
  const db = connect({
    url: url.href,
    ...options,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
  try {
    const [row] = await db.query<{ ssl: boolean }>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
    return row?.ssl ?? false
  } finally {
    await db.close()
  }
}

async function start(settings: Readonly<Record<string, string>>): Promise<void> {
  port = await freePort()
  const listening = { listen_addresses: '127.0.0.1', port: String(port) }
  const dataDir = join(folder, 'postgres')
  postgres = await startEmbeddedPostgres({ dataDir, log: silentLogger(), settings: { ...listening, ...settings } })
}

describe.runIf(HAS_OPENSSL)('TLS to PostgreSQL', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hongyan-tls-'))
    chmodSync(folder, 0o755)
    certificate = join(folder, 'server.crt')
    const key = join(folder, 'server.key')
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    const files = ['-out', certificate, '-keyout', key]
    execFileSync(OPENSSL, ['req', '-new', '-x509', '-days', '2', '-nodes', ...files, ...subject], { stdio: 'ignore' })
    chmodSync(key, 0o600)
    const runAs = chooseRunAs(join(folder, 'postgres'))
    if (runAs) chownSync(key, runAs.uid, runAs.gid)
    await start({ ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key })
  })
  afterAll(async () => {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('is used where it is asked for, and not on this machine otherwise', async () => {
    expect(await isEncrypted('localhost', '')).toBe(false)
    expect(await isEncrypted('localhost', 'sslmode=prefer')).toBe(true)
    expect(await isEncrypted('localhost', 'sslmode=require')).toBe(true)
  })

  test('verify-full asks for a certificate that is trusted and bears the name', async () => {
    const trusting = `sslrootcert=${certificate}`
    await expect(isEncrypted('localhost', 'sslmode=verify-full')).rejects.toMatchObject({
      cause: { message: 'self-signed certificate' },
    })
    expect(await isEncrypted('localhost', `sslmode=verify-full&${trusting}`)).toBe(true)
    await expect(isEncrypted('127.0.0.1', `sslmode=verify-full&${trusting}`)).rejects.toMatchObject({
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    })
    expect(await isEncrypted('127.0.0.1', `sslmode=verify-ca&${trusting}`)).toBe(true)
  })

  test('a server without TLS is refused when it is required, and used when it is only preferred', async () => {
    await postgres.stop()
    await start({ ssl: 'off' })
    expect(await isEncrypted('localhost', 'sslmode=prefer')).toBe(false)
    await expect(isEncrypted('localhost', 'sslmode=require')).rejects.toThrow('offers no TLS')
  })
})
