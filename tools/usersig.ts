import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { signJwtUserSig } from '../server/src/auth/jwt-user-sig.ts'
import { createKeyRing } from '../server/src/auth/key-ring.ts'
import { readSecret } from '../server/src/auth/secret-file.ts'
import { signTlsUserSig } from '../server/src/auth/tls-user-sig.ts'
import { systemClock } from '../server/src/kit/clock.ts'

// Prints one userSig: npm run usersig -- t_2001 --expire 86400 [--format tls|jwt]

const USAGE = 'usage: npm run usersig -- <userId> [--expire <seconds>] [--format tls|jwt]'
const SIGNERS: ReadonlyMap<string, typeof signTlsUserSig> = new Map([
  ['tls', signTlsUserSig],
  ['jwt', signJwtUserSig],
])

function main(): string {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      expire: { type: 'string', default: '86400' },
      format: { type: 'string', default: 'tls' },
    },
  })
  const [userId] = positionals
  const sign = SIGNERS.get(values.format)
  if (userId === undefined || positionals.length > 1 || !sign) throw new Error(USAGE)
  return sign(createKeyRing([secret()]), {
    userId,
    sdkAppId: wholeNumber('SDKAPPID', process.env['SDKAPPID'] || '1400000000'),
    lifetimeS: wholeNumber('--expire', values.expire),
    issuedAtMs: systemClock.now(),
  })
}

/** Never made here: a secret the server does not know would sign tokens that it refuses. */
function secret(): string {
  const given = process.env['SECRETKEY']
  if (given) return given
  const path = join(process.env['DATA_DIR'] || './data', 'secretkey')
  const kept = readSecret(path)
  if (kept === undefined) throw new Error(`no secret: set SECRETKEY, or start the server once so that it makes ${path}`)
  return kept
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`${name} is a whole number`)
  return Number(text)
}

try {
  console.log(main())
} catch (err) {
  // Of parseArgs' advice, the first line is enough.
  console.error(String(err instanceof Error ? err.message : err).split('\n', 1)[0])
  process.exitCode = 1
}
