import { describe, expect, test } from 'vitest'
import { layerProblems } from './check-layers.ts'
import { planted } from './planted.ts'

const PACKAGE = (name: string): Record<string, string> => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
  [`node_modules/${name}/index.js`]: 'module.exports = {}',
})
const WORLD = {
  'tsconfig.json': '{"compilerOptions":{"module":"nodenext","target":"ES2022"}}',
  'package.json':
    '{"type":"module","dependencies":{"fastify":"1","postgres":"1","ioredis":"1","typebox":"1","ws":"1"}}',
  ...PACKAGE('fastify'),
  ...PACKAGE('postgres'),
  ...PACKAGE('ioredis'),
  ...PACKAGE('typebox'),
  'protocol/src/schema.ts': "import t from 'typebox'\nexport const S = t\nexport type T = string",
  'protocol/src/constants.ts': 'export const MAX = 1',
  'server/src/kit/clock.ts': 'export const clock = 1',
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

/** The names of the rules that the world breaks with this file in it. */
async function broken(path: string, imported: string): Promise<readonly string[]> {
  const problems = await layerProblems(planted({ ...WORLD, [path]: `${imported}\nexport const extra = 1` }))
  return [...new Set(problems.map((problem) => problem.split(':')[0] ?? ''))]
}

const VIOLATIONS: readonly (readonly [rule: string, path: string, imported: string])[] = [
  ['no-cycles', 'server/src/kit/clock.ts', "import './loop.ts'"],
  ['protocol-is-a-leaf', 'protocol/src/constants.ts', "import 'node:fs'"],
  ['constants-carry-no-schema', 'protocol/src/constants.ts', "import './schema.ts'"],
  ['kit-is-at-the-bottom', 'server/src/kit/x.ts', "import '../db/db.ts'"],
  ['packages-stay-apart', 'client-sdk/src/core/x.ts', "import '../../../server/src/kit/clock.ts'"],
  ['rules-are-pure', 'server/src/messaging/message-rules.ts', "import 'node:fs'"],
  ['rules-touch-no-store', 'server/src/messaging/message-rules.ts', "import '../db/db.ts'"],
  ['readers-know-no-service', 'server/src/messaging/x-reader.ts', "import './messaging-service.ts'"],
  ['db-knows-no-one', 'server/src/db/x.ts', "import '../accounts/accounts-service.ts'"],
  ['services-know-no-edge', 'server/src/messaging/x.ts', "import '../gateway/session.ts'"],
  ['services-in-order-accounts', 'server/src/accounts/x.ts', "import '../messaging/messaging-service.ts'"],
  ['commands-call-services-only', 'server/src/commands/x.ts', "import '../db/db.ts'"],
  ['gateway-goes-through-commands', 'server/src/gateway/x.ts', "import '../messaging/messaging-service.ts'"],
  ['http-goes-through-services', 'server/src/http/x.ts', "import '../db/db.ts'"],
  ['only-context-picks-impl', 'server/src/gateway/x.ts', "import '../broker/redis-broker.ts'"],
  ['seam-implementations-stand-alone', 'server/src/broker/memory-broker.ts', "import '../db/db.ts'"],
  ['config-is-read-by-the-wiring', 'server/src/messaging/x.ts', "import '../config/config.ts'"],
  ['fastify-stays-outside', 'server/src/messaging/x.ts', "import 'fastify'"],
  ['driver-only-in-db', 'server/src/messaging/x-reader.ts', "import 'postgres'"],
  ['redis-only-in-seam-implementations', 'server/src/gateway/x.ts', "import 'ioredis'"],
  ['sdk-takes-types-and-constants', 'client-sdk/src/core/x.ts', "import '../../../protocol/src/schema.ts'"],
  ['tim-words-stay-in-tim', 'client-sdk/src/core/x.ts', "import '../tim/chat.ts'"],
  ['sdk-edges-know-no-core', 'client-sdk/src/transport/x.ts', "import '../core/core.ts'"],
  ['only-entries-pick-a-platform', 'client-sdk/src/core/x.ts', "import '../transport/browser.ts'"],
  ['sdk-has-no-dependency', 'client-sdk/src/core/x.ts', "import 'node:fs'"],
  ['everything-resolves', 'server/src/kit/x.ts', "import './nowhere.ts'"],
  ['tests-are-imported-by-tests', 'server/src/kit/x.ts', "import './y.test.ts'"],
]

const HELPERS = {
  'server/src/kit/loop.ts': "import { clock } from './clock.ts'\nexport const loop = clock",
  'server/src/kit/y.test.ts': 'export const y = 1',
}
Object.assign(WORLD, HELPERS)

describe('layers', () => {
  test('a world that keeps the rules is fine', async () => {
    expect(await layerProblems(planted(WORLD))).toEqual([])
  })

  test.each(VIOLATIONS)('%s is broken by %s with %s', async (rule, path, imported) => {
    expect(await broken(path, imported)).toContain(rule)
  })

  test('what may be imported where another may not is fine', async () => {
    expect(await broken('server/src/gateway/websocket.ts', "import 'fastify'")).toEqual([])
    expect(await broken('client-sdk/src/core/x.ts', "import '../../../protocol/src/constants.ts'")).toEqual([])
    expect(await broken('client-sdk/src/index.ts', "import './transport/browser.ts'")).toEqual([])
    expect(await broken('server/src/messaging/x.ts', "import '../accounts/accounts-service.ts'")).toEqual([])
  })

  test('a tree without sources does not pass as a clean one', async () => {
    expect(await layerProblems(planted({ 'tsconfig.json': '{}' }))).toHaveLength(1)
  })
})
