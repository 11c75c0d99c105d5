import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createKeyRing } from '../src/auth/key-ring.ts'
import { readOrCreateSecret } from '../src/auth/secret-file.ts'
import { createUserSigVerifier } from '../src/auth/verifier.ts'
import { systemClock } from '../src/kit/clock.ts'
import { systemRandom } from '../src/kit/random.ts'

const TOOL = fileURLToPath(new URL('../../tools/usersig.ts', import.meta.url))
const TSX = createRequire(import.meta.url).resolve('tsx/cli')
const SECRET = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hongyan-usersig-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

function run(args: readonly string[], env: Record<string, string>): Promise<Ran> {
  const options = { env: { PATH: process.env['PATH'] ?? '', ...env }, cwd: folder, timeout: 25_000 }
  return new Promise((resolve) => {
    execFile(process.execPath, [TSX, TOOL, ...args], options, (err, out, stderr) => {
      resolve({ code: err ? Number(err.code ?? -1) : 0, out: out.trim(), err: stderr.trim() })
    })
  })
}

function lifetimeOf(userSig: string, secret: string, sdkAppId: number): number {
  const verified = createUserSigVerifier(createKeyRing([secret]), systemClock).verify(userSig, {
    sdkAppId,
    userId: 't_2001',
  })
  return verified.expiresAtMs - verified.issuedAtMs
}

test('it prints one userSig of either form, signed with SDKAPPID and SECRETKEY', async () => {
  const env = { SDKAPPID: '1400000123', SECRETKEY: SECRET }
  const tls = await run(['t_2001', '--expire', '600'], env)
  expect(tls).toMatchObject({ code: 0, err: '' })
  expect(lifetimeOf(tls.out, SECRET, 1_400_000_123)).toBe(600_000)
  const jwt = await run(['t_2001', '--format', 'jwt'], env)
  expect(jwt.out).toMatch(/^eyJ/)
  expect(lifetimeOf(jwt.out, SECRET, 1_400_000_123)).toBe(86_400_000)
})

test('without SECRETKEY it takes the secret that the server keeps in DATA_DIR', async () => {
  const secret = readOrCreateSecret(join(folder, 'secretkey'), systemRandom)
  const { out } = await run(['t_2001'], { DATA_DIR: folder })
  expect(lifetimeOf(out, secret, 1_400_000_000)).toBe(86_400_000)
})

test('what is missing or wrong is said in one line, with code 1', async () => {
  const env = { SECRETKEY: SECRET }
  const open = join(folder, 'open')
  readOrCreateSecret(join(folder, 'secretkey'), systemRandom)
  chmodSync(join(folder, 'secretkey'), 0o644)
  const runs = await Promise.all([
    run([], env),
    run(['a', 'b'], env),
    run(['a', '--format', 'xml'], env),
    run(['a', '--expire', '-5'], env),
    run(['a', '--expire', '1e9'], env),
    run(['a', '--expire', '0'], env),
    run(['a'], { ...env, SDKAPPID: 'x' }),
    run(['a'], { SECRETKEY: 'short' }),
    run(['a'], { DATA_DIR: open }),
    run(['a'], { DATA_DIR: folder }),
  ])
  for (const { code, out, err } of runs) {
    expect({ code, out, lines: err.split('\n').length }).toEqual({ code: 1, out: '', lines: 1 })
  }
  expect(runs.at(-2)?.err).toContain('set SECRETKEY')
  expect(runs.at(-1)?.err).toContain('chmod 600')
})
