import { createHash, X509Certificate } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { envToConfig } from '../server/src/config/config.ts'
import { findProgram } from '../tools/find-program.ts'
import { readComposeFile } from './compose-file.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SCRIPT = join(ROOT, 'deploy/init-secrets.sh')
const missing = findProgram(['openssl']) === undefined
if (missing)
  console.warn('The tests of deploy/init-secrets.sh are SKIPPED: openssl is missing (apt-get install openssl)')

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hongyan-secrets-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return join(path, 'secrets')
}

function run(...args: readonly string[]): { readonly status: number | null; readonly stdout: string } {
  return spawnSync(SCRIPT, args, { encoding: 'utf8' })
}

function contentsOf(path: string): Record<string, string> {
  return Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'utf8')]))
}

describe.skipIf(missing)('deploy/init-secrets.sh', () => {
  test('makes every secret that docker-compose.yml names, and they are good', () => {
    const path = folder()
    expect(run('--host', 'im.school.example', path).status).toBe(0)
    const made = contentsOf(path)
    for (const { file } of Object.values(readComposeFile(ROOT).secrets)) expect(made).toHaveProperty([basename(file)])
    const config = envToConfig({
      DATABASE_URL_FILE: join(path, 'database_url.txt'),
      REDIS_URL_FILE: join(path, 'redis_url.txt'),
      SECRETKEY_FILE: join(path, 'secretkey.txt'),
    })
    const password = made['database_password.txt']?.trim() ?? ''
    expect(password).toMatch(/^[0-9a-f]{64}$/)
    expect(config.database.kind === 'url' && config.database.url.reveal()).toBe(
      `postgres://hongyan:${password}@postgres:5432/hongyan`,
    )
    const hash = createHash('sha256')
      .update(made['valkey_password.txt']?.trim() ?? '')
      .digest('hex')
    expect(made['valkey.acl']).toContain(`user hongyan on #${hash} `)
    expect(made['valkey.acl']).toContain('user default off')
    const random = Object.keys(made).filter((name) => /^(?!.*url).*\.txt$/.test(name))
    expect(new Set(random.map((name) => made[name])).size).toBe(random.length)
  })

  test('lets nobody else into the folder, and whoever a container runs as read the files', () => {
    const path = folder()
    run(path)
    expect((statSync(path).mode & 0o777).toString(8)).toBe('700')
    for (const name of readdirSync(path)) expect((statSync(join(path, name)).mode & 0o777).toString(8)).toBe('444')
  })

  test('never writes over what is there, and makes what is missing', () => {
    const path = folder()
    mkdirSync(path)
    writeFileSync(join(path, 'tls.pem'), 'of the school')
    writeFileSync(join(path, 'database_password.txt'), 'chosen')
    run(path)
    const before = contentsOf(path)
    expect(before).toMatchObject({ 'tls.pem': 'of the school', 'database_password.txt': 'chosen' })
    expect(before['database_url.txt']).toContain(':chosen@')
    rmSync(join(path, 's3_secret_key.txt'))
    expect(run(path).stdout).toContain('made')
    const { 's3_secret_key.txt': made, ...after } = contentsOf(path)
    expect(made).toMatch(/^[0-9a-f]{64}$/m)
    expect({ ...after, 's3_secret_key.txt': before['s3_secret_key.txt'] }).toEqual(before)
  })

  test.each([
    ['im.school.example', 'DNS:im.school.example'],
    ['10.0.0.7', 'IP Address:10.0.0.7'],
  ])('makes a certificate for %s for a trial', (host, name) => {
    const path = folder()
    run('--host', host, path)
    const pem = readFileSync(join(path, 'tls.pem'), 'utf8')
    expect(new X509Certificate(pem).subjectAltName?.split(', ')).toContain(name)
    expect(pem).toContain('PRIVATE KEY')
    expect(readFileSync(join(path, 'tls-certificate.pem'), 'utf8')).not.toContain('PRIVATE')
  })

  test('refuses what is no host name', () => {
    const path = folder()
    expect(run('--host', 'a,IP:1.2.3.4', path).status).not.toBe(0)
    expect(run('--host', '', path).status).not.toBe(0)
  })
})
