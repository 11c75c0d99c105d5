import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { envToConfig, type Environment } from './config.ts'
import { fileVariableOf, type Option } from './option.ts'
import { OPTIONS, type OptionName } from './options.ts'
import { ConfigInvalid } from './read-options.ts'

const SECRET = 'a'.repeat(64)
const OLDER_SECRET = 'b'.repeat(64)

/** The problems of an environment that cannot be used. */
function problemsOf(env: Environment): readonly string[] {
  try {
    envToConfig(env)
  } catch (err) {
    if (err instanceof ConfigInvalid) return err.problems
    throw err
  }
  return []
}

describe('the configuration', () => {
  test('of an empty environment is a cluster of one on real parts', () => {
    expect(envToConfig({})).toEqual({
      http: { host: '0.0.0.0', port: 3000, allowedOrigins: [], trustedProxies: [] },
      dataDir: './data',
      database: { kind: 'embedded', dataDir: './data' },
      statementDeadlineMs: 3000,
      broker: { kind: 'memory' },
      media: {
        dir: 'data/media',
        blobs: { kind: 'disk' },
        maxBytesPerDayPerUser: 2048 * 1024 * 1024,
        scanner: undefined,
      },
      sdkAppId: 1_400_000_000,
      signing: { secret: { kind: 'generated' }, previousSecrets: [] },
      accounts: { adminUserIds: ['administrator'], registration: 'automatic', usersFile: undefined },
      webPage: 'on',
      demo: 'off',
      devices: { policy: 'each', maxInstancesPerDevice: 1 },
      search: { people: 'known' },
      revokeWindowMs: 120_000,
      groups: {
        countsTips: true,
        maxGroupsPerUser: 1000,
        maxMembers: { work: 200, public: 2000, meeting: 10_000, community: 100_000, live: 100_000 },
      },
      limits: {
        maxConnections: 20_000,
        maxOpeningPerAddress: 200,
        maxOpeningsPerSecond: 2_000,
        maxSendsPerSecondPerUser: 200,
        maxSendsPerSecondPerGroup: 100,
        maxOpeningsPerSecondPerAddress: 2000,
        maxGroupsFoundedPerHourPerUser: 500,
      },
      retention: { days: 0, daysOf: [] },
      drainMs: 10_000,
      logLevel: 'info',
    })
  })

  test('takes every option from the environment', () => {
    const config = envToConfig({
      HOST: '127.0.0.1',
      PORT: '0',
      ALLOWED_ORIGINS: 'https://school.example, http://10.0.0.5:8080',
      TRUSTED_PROXIES: '10.0.0.5, 172.16.0.0/12, FD00::/8',
      DATA_DIR: '/srv/hongyan',
      DATABASE_URL: 'postgres://im:pass@db:5432/im',
      REDIS_URL: 'rediss://:pass@cache:6380',
      REDIS_MODE: 'single',
      MEDIA_DIR: '/srv/media',
      MEDIA_MB_PER_DAY_PER_USER: '9',
      S3_ENDPOINT: 'http://minio:9000/',
      S3_REGION: 'cn-north-1',
      S3_BUCKET: 'im-media',
      S3_ACCESS_KEY: 'AK',
      S3_SECRET_KEY: 'topsecret',
      CLAMAV_ADDRESS: '[::1]:3310',
      SDKAPPID: '1400000001',
      SECRETKEY: SECRET,
      SECRETKEY_PREVIOUS: OLDER_SECRET,
      ADMIN_USERS: 'root,校长',
      AUTO_REGISTER: 'off',
      USERS_FILE: 'users.json',
      SEARCH_PEOPLE: 'everyone',
      WEB_PAGE: 'off',
      DEMO: 'on',
      DEVICE_POLICY: 'one',
      INSTANCES_PER_DEVICE: '3',
      GROUP_TIPS_COUNT: 'off',
      GROUPS_PER_USER: '11',
      GROUP_MEMBERS_WORK: '12',
      GROUP_MEMBERS_PUBLIC: '13',
      GROUP_MEMBERS_MEETING: '14',
      GROUP_MEMBERS_COMMUNITY: '15',
      GROUP_MEMBERS_LIVE: '16',
      REVOKE_WINDOW_SECONDS: '0',
      MAX_CONNECTIONS: '5',
      MAX_OPENING_PER_ADDRESS: '6',
      OPENINGS_PER_SECOND: '8',
      SENDS_PER_SECOND_PER_USER: '7',
      SENDS_PER_SECOND_PER_GROUP: '17',
      OPENINGS_PER_SECOND_PER_ADDRESS: '18',
      GROUPS_FOUNDED_PER_HOUR_PER_USER: '19',
      STATEMENT_DEADLINE_MS: '800',
      RETENTION_DAYS: '400',
      RETENTION_DAYS_OF: 'c2c=0, meeting=30',
      DRAIN_SECONDS: '2',
      LOG_LEVEL: 'debug',
    } satisfies Record<OptionName, string>)
    expect(config).toMatchObject({
      http: {
        host: '127.0.0.1',
        port: 0,
        allowedOrigins: ['https://school.example', 'http://10.0.0.5:8080'],
        trustedProxies: ['10.0.0.5', '172.16.0.0/12', 'fd00::/8'],
      },
      dataDir: '/srv/hongyan',
      statementDeadlineMs: 800,
      media: {
        dir: '/srv/media',
        blobs: {
          kind: 's3',
          endpoint: 'http://minio:9000',
          region: 'cn-north-1',
          bucket: 'im-media',
          accessKey: 'AK',
        },
        maxBytesPerDayPerUser: 9 * 1024 * 1024,
        scanner: { host: '::1', port: 3310 },
      },
      sdkAppId: 1_400_000_001,
      accounts: { adminUserIds: ['root', '校长'], registration: 'import-only', usersFile: 'users.json' },
      webPage: 'off',
      demo: 'on',
      search: { people: 'everyone' },
      devices: { policy: 'one', maxInstancesPerDevice: 3 },
      revokeWindowMs: 0,
      groups: {
        countsTips: false,
        maxGroupsPerUser: 11,
        maxMembers: { work: 12, public: 13, meeting: 14, community: 15, live: 16 },
      },
      limits: {
        maxConnections: 5,
        maxOpeningPerAddress: 6,
        maxOpeningsPerSecond: 8,
        maxSendsPerSecondPerUser: 7,
        maxSendsPerSecondPerGroup: 17,
        maxOpeningsPerSecondPerAddress: 18,
        maxGroupsFoundedPerHourPerUser: 19,
      },
      retention: {
        days: 400,
        daysOf: [
          ['c2c', 0],
          ['meeting', 30],
        ],
      },
      drainMs: 2000,
      logLevel: 'debug',
    })
    expect(config.database.kind === 'url' && config.database.url.reveal()).toBe('postgres://im:pass@db:5432/im')
    expect(config.broker.kind === 'redis' && config.broker.url.reveal()).toBe('rediss://:pass@cache:6380')
    expect(config.signing.secret.kind === 'given' && config.signing.secret.secret.reveal()).toBe(SECRET)
    expect(config.signing.previousSecrets.map((secret) => secret.reveal())).toEqual([OLDER_SECRET])
  })

  test('an empty text, and blanks, are as good as no setting', () => {
    const names = Object.keys(OPTIONS).flatMap((name) => [name, fileVariableOf(name)])
    expect(envToConfig(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(envToConfig({}))
    expect(envToConfig({ PORT: ' 8080 ', UNKNOWN: 'x' }).http.port).toBe(8080)
  })

  test('all problems are said at once, a line each', () => {
    const env = { PORT: 'http', DEMO: 'yes', LOG_LEVEL: 'loud', SECRETKEY: 'short', DATABASE_URL: 'mysql://db' }
    const problems = problemsOf(env)
    expect(problems).toEqual([
      'PORT must be a whole number from 0 to 65535, not "http"',
      'DATABASE_URL must be an address such as postgres://user:password@host:5432/hongyan',
      'SECRETKEY must be a secret key (a secret has at least 32 characters)',
      'DEMO must be on or off, not "yes"',
      'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, not "loud"',
    ])
    expect(new ConfigInvalid(problems).message.split('\n')).toHaveLength(5)
  })

  test('a problem is one short line, whatever was written', () => {
    const [problem = ''] = problemsOf({ PORT: `1\n${'9'.repeat(5000)}` })
    expect(problem).not.toContain('\n')
    expect(problem.length).toBeLessThan(200)
  })

  test('a key that signs cannot be a previous one', () => {
    const twice = problemsOf({ SECRETKEY: SECRET, SECRETKEY_PREVIOUS: `${OLDER_SECRET},${SECRET}`, PORT: 'x' })
    expect(twice).toContain('SECRETKEY_PREVIOUS must not hold SECRETKEY itself')
    expect(twice).toHaveLength(2)
  })

  test('a store for files is named in full', () => {
    const store = { S3_ENDPOINT: 'https://s3.example', S3_BUCKET: 'b-1', S3_ACCESS_KEY: 'AK' }
    expect(problemsOf({ S3_ENDPOINT: 'https://s3.example' })).toEqual([
      'S3_BUCKET must be set, too, where S3_ENDPOINT is',
      'S3_ACCESS_KEY must be set, too, where S3_ENDPOINT is',
      'S3_SECRET_KEY must be set, too, where S3_ENDPOINT is',
    ])
    expect(problemsOf({ ...store, S3_SECRET_KEY: 'x' })).toEqual([])
    expect(
      problemsOf({ ...store, S3_ENDPOINT: 'https://key:secret@s3.example', S3_BUCKET: '../x' }).join(),
    ).not.toContain('secret@')
    expect(problemsOf({ CLAMAV_ADDRESS: 'clamav' })).toHaveLength(1)
  })

  test('every secret may come from a file, and no other setting', () => {
    const texts: Partial<Record<OptionName, string>> = {
      DATABASE_URL: 'postgres://im:topsecret@db/im',
      REDIS_URL: 'redis://:topsecret@cache',
      S3_ENDPOINT: 'http://s3',
      S3_SECRET_KEY: 'topsecret',
      SECRETKEY: SECRET,
      SECRETKEY_PREVIOUS: `${OLDER_SECRET}\n${'c'.repeat(64)}`,
    }
    const secrets = Object.entries<Option<unknown>>(OPTIONS).flatMap(([name, { isSecret }]) => (isSecret ? [name] : []))
    expect(Object.keys(texts).sort()).toEqual(secrets.sort())
    const rest = { S3_BUCKET: 'media', S3_ACCESS_KEY: 'AK', ADMIN_USERS_FILE: '/no/such/file' }
    const byFile = Object.fromEntries(secrets.map((name) => [fileVariableOf(name), `/run/secrets/${name}`]))
    const read = (path: string): string => `${texts[path.replace('/run/secrets/', '') as OptionName]}\n`
    const config = envToConfig({ ...rest, ...byFile }, read)
    expect(config).toEqual(envToConfig({ ...rest, ...texts }))
    expect(config.signing.previousSecrets.map((secret) => secret.reveal())).toEqual([OLDER_SECRET, 'c'.repeat(64)])
    expect(config.database.kind === 'url' && config.database.url.reveal()).toBe('postgres://im:topsecret@db/im')
  })

  test('a file that holds no secret is a problem, said with the others and without what is in it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hongyan-secret-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'empty'), ' \n')
    writeFileSync(join(folder, 'short'), 'topsecret\n')
    expect(
      problemsOf({
        DATABASE_URL_FILE: '/no/such/topsecret',
        REDIS_URL: 'redis://cache',
        REDIS_URL_FILE: '/run/secrets/redis_url',
        S3_SECRET_KEY_FILE: join(folder, 'empty'),
        SECRETKEY_FILE: join(folder, 'short'),
        SECRETKEY_PREVIOUS_FILE: folder,
      }),
    ).toEqual([
      'DATABASE_URL_FILE names a file that cannot be read (ENOENT)',
      'REDIS_URL and REDIS_URL_FILE must not both be set',
      'S3_SECRET_KEY_FILE names a file with nothing in it',
      'SECRETKEY_FILE must be a secret key (a secret has at least 32 characters)',
      'SECRETKEY_PREVIOUS_FILE names a file that cannot be read (EISDIR)',
    ])
    expect(() => envToConfig({ SECRETKEY_FILE: '/dev/zero' })).toThrow(ConfigInvalid)
  })

  test('may be logged whole, and so may its problems', () => {
    const env = {
      SECRETKEY: SECRET,
      SECRETKEY_PREVIOUS: OLDER_SECRET,
      DATABASE_URL: 'postgres://im:topsecret@db/im?password=topsecret',
      REDIS_URL: 'redis://:topsecret@cache',
      S3_ENDPOINT: 'http://s3',
      S3_BUCKET: 'media',
      S3_ACCESS_KEY: 'AK',
      S3_SECRET_KEY: 'topsecret',
    }
    const config = envToConfig(env)
    for (const logged of [JSON.stringify(config), inspect(config, { depth: 9, showHidden: true })]) {
      for (const hidden of [SECRET, OLDER_SECRET, 'topsecret']) expect(logged).not.toContain(hidden)
      expect(logged).toContain('postgres://im:***@db/im')
    }
    const wrong = { SECRETKEY: 'topsecret', SECRETKEY_PREVIOUS: 'topsecret', DATABASE_URL: 'topsecret://x' }
    expect(problemsOf(wrong)).toHaveLength(3)
    expect(problemsOf(wrong).join()).not.toContain('topsecret')
  })
})

describe('a Redis Cluster', () => {
  test('is named by some of its servers', () => {
    const { broker } = envToConfig({ REDIS_MODE: 'cluster', REDIS_URL: 'redis://:a%2Cb@one:1/0, redis://:a%2Cb@two:2' })
    expect(broker.kind === 'redis-cluster' && broker.urls.map((url) => url.reveal())).toEqual([
      'redis://:a%2Cb@one:1/0',
      'redis://:a%2Cb@two:2',
    ])
    expect(JSON.stringify(broker)).not.toContain('a%2Cb')
  })

  test.each([
    [{ REDIS_MODE: 'cluster' }, 'REDIS_URL must be set, too, where REDIS_MODE is cluster'],
    [{ REDIS_URL: 'redis://one,redis://two' }, 'REDIS_URL must be one address where REDIS_MODE is not cluster'],
    [
      { REDIS_MODE: 'cluster', REDIS_URL: 'redis://one,rediss://two' },
      'REDIS_URL must have the same scheme, user and password in all addresses of a cluster',
    ],
    [
      { REDIS_MODE: 'cluster', REDIS_URL: 'redis://:topsecret@one,redis://two' },
      'REDIS_URL must have the same scheme, user and password in all addresses of a cluster',
    ],
    [
      { REDIS_MODE: 'cluster', REDIS_URL: 'redis://one/1' },
      'REDIS_URL must name no database other than 0 where REDIS_MODE is cluster',
    ],
    [{ REDIS_MODE: 'sentinel', REDIS_URL: 'redis://one' }, 'REDIS_MODE must be one of single, cluster, not "sentinel"'],
  ])('%j is refused', (env, problem) => {
    expect(problemsOf(env)).toEqual([problem])
  })
})

const NUMBERS: readonly (readonly [OptionName, min: number, max: number])[] = [
  ['PORT', 0, 65_535],
  ['SDKAPPID', 1, 4_294_967_295],
  ['REVOKE_WINDOW_SECONDS', 0, 604_800],
  ['INSTANCES_PER_DEVICE', 1, 10],
  ['MAX_CONNECTIONS', 1, 1_000_000],
  ['MAX_OPENING_PER_ADDRESS', 1, 100_000],
  ['OPENINGS_PER_SECOND', 1, 1_000_000],
  ['SENDS_PER_SECOND_PER_USER', 1, 100_000],
  ['OPENINGS_PER_SECOND_PER_ADDRESS', 1, 100_000],
  ['GROUPS_FOUNDED_PER_HOUR_PER_USER', 1, 100_000],
  ['STATEMENT_DEADLINE_MS', 100, 60_000],
  ['DRAIN_SECONDS', 0, 300],
  ['RETENTION_DAYS', 0, 36_500],
  ['GROUPS_PER_USER', 1, 10_000],
  ['GROUP_MEMBERS_WORK', 2, 1_000_000],
  ['GROUP_MEMBERS_PUBLIC', 2, 1_000_000],
  ['GROUP_MEMBERS_MEETING', 2, 1_000_000],
  ['GROUP_MEMBERS_COMMUNITY', 2, 1_000_000],
  ['GROUP_MEMBERS_LIVE', 2, 1_000_000],
  ['MEDIA_MB_PER_DAY_PER_USER', 1, 10_000_000],
]

const ACCEPTED: readonly (readonly [OptionName, string])[] = [
  ['SECRETKEY', 'x'.repeat(32)],
  ['SECRETKEY', 'x'.repeat(256)],
  ['SECRETKEY_PREVIOUS', ['1', '2', '3', '4', '5', '6', '7'].map((digit) => digit.repeat(32)).join(',')],
  ['ADMIN_USERS', 'x'.repeat(32)],
  ['ALLOWED_ORIGINS', 'https://School.example'],
  ['DATABASE_URL', 'postgresql://db/im'],
  ['DEVICE_POLICY', 'each'],
]

const REFUSED: readonly (readonly [OptionName, string])[] = [
  ['PORT', '3e3'],
  ['PORT', '-1'],
  ['PORT', '3000.5'],
  ['PORT', '0x10'],
  ['SECRETKEY', 'x'.repeat(31)],
  ['SECRETKEY', 'x'.repeat(257)],
  ['SECRETKEY', `${'x'.repeat(32)} y`],
  ['SECRETKEY_PREVIOUS', ['1', '2', '3', '4', '5', '6', '7', '8'].map((digit) => digit.repeat(32)).join(',')],
  ['SECRETKEY_PREVIOUS', `${SECRET},${SECRET}`],
  ['ADMIN_USERS', 'x'.repeat(33)],
  ['ADMIN_USERS', 'a,,b'],
  ['ADMIN_USERS', 'a,a'],
  ['ALLOWED_ORIGINS', 'school.example'],
  ['ALLOWED_ORIGINS', 'https://school.example/page'],
  ['ALLOWED_ORIGINS', 'ftp://school.example'],
  ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ['TRUSTED_PROXIES', 'fd00::/129'],
  ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
  ['TRUSTED_PROXIES', 'balancer'],
  ['TRUSTED_PROXIES', '0.0.0.0/'],
  ['DATABASE_URL', 'localhost:5432'],
  ['DATABASE_URL', 'postgres:///im'],
  ['REDIS_URL', 'http://cache'],
  ['DEVICE_POLICY', 'all'],
  ['AUTO_REGISTER', 'true'],
  ['CLAMAV_ADDRESS', 'clamav:0'],
  ['SENDS_PER_SECOND_PER_GROUP', '0'],
  ['SENDS_PER_SECOND_PER_GROUP', '100001'],
  ['CLAMAV_ADDRESS', 'http://clamav:3310'],
  ['CLAMAV_ADDRESS', '::1:3310'],
]

describe('the bounds of an option', () => {
  test('each number has its own, and every number option is here', () => {
    const numeric = Object.entries(OPTIONS).filter(([, { default: text }]) => /^\d+$/.test(text))
    expect(NUMBERS.map(([name]) => name).sort()).toEqual(numeric.map(([name]) => name).sort())
  })

  test.each(NUMBERS)('%s is a whole number from %d to %d', (name, min, max) => {
    for (const fine of [min, max]) expect(problemsOf({ [name]: String(fine) })).toEqual([])
    for (const wrong of [min - 1, max + 1]) expect(problemsOf({ [name]: String(wrong) })).toHaveLength(1)
  })

  test.each(ACCEPTED)('%s may be %s', (name, text) => {
    expect(problemsOf({ [name]: text })).toEqual([])
  })

  test.each(REFUSED)('%s may not be %s', (name, text) => {
    expect(problemsOf({ [name]: text })).toHaveLength(1)
  })
})
