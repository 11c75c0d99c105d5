import { join } from 'node:path'
import type { GroupType, UserId } from '@hongyan/protocol'
import type { OptionValues } from './options.ts'
import { readOptions, type ReadSecretFile } from './read-options.ts'
import { readSecretFile } from './secret-file.ts'
import type { Secret } from './secrets.ts'

/** Variables by name, as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** All that can be set, decided. It may be logged as it is: secrets show themselves hidden. */
export interface Config {
  readonly http: {
    readonly host: string
    readonly port: number
    /** Origins whose pages may connect besides the server's own; a client that sends no origin always may. */
    readonly allowedOrigins: readonly string[]
    /** Addresses and networks whose word on where a client comes from is taken. */
    readonly trustedProxies: readonly string[]
  }
  /** The folder of the embedded database and of the generated secret. */
  readonly dataDir: string
  readonly database:
    { readonly kind: 'embedded'; readonly dataDir: string } | { readonly kind: 'url'; readonly url: Secret }
  readonly statementDeadlineMs: number
  readonly broker:
    | { readonly kind: 'memory' }
    | { readonly kind: 'redis'; readonly url: Secret }
    /** Some servers of a Redis Cluster, from which the others are found. */
    | { readonly kind: 'redis-cluster'; readonly urls: readonly [Secret, ...Secret[]] }
  readonly media: {
    /** Where files arrive, and are kept where the store is the disk. */
    readonly dir: string
    readonly blobs:
      | { readonly kind: 'disk' }
      | {
          readonly kind: 's3'
          readonly endpoint: string
          readonly region: string
          readonly bucket: string
          readonly accessKey: string
          readonly secretKey: Secret
        }
    readonly maxBytesPerDayPerUser: number
    readonly scanner: { readonly host: string; readonly port: number } | undefined
  }
  readonly sdkAppId: number
  readonly signing: {
    /** `generated`: it is made at the first start and kept in `dataDir`. */
    readonly secret: { readonly kind: 'given'; readonly secret: Secret } | { readonly kind: 'generated' }
    /** Keys that no longer sign and are still accepted. */
    readonly previousSecrets: readonly Secret[]
  }
  readonly accounts: {
    readonly adminUserIds: readonly UserId[]
    readonly registration: 'automatic' | 'import-only'
    /** A JSON file of users to import at the start. */
    readonly usersFile: string | undefined
  }
  /** The trial page and its userSigs for anybody. */
  readonly webPage: 'on' | 'off'
  readonly demo: 'on' | 'off'
  readonly devices: {
    /** Logged in on one device of each kind, or on one altogether. */
    readonly policy: 'each' | 'one'
    readonly maxInstancesPerDevice: number
  }
  readonly search: {
    /** Whom a user may find by a part of a name. Administrators find everybody. */
    readonly people: 'known' | 'everyone'
  }
  readonly revokeWindowMs: number
  readonly groups: {
    readonly countsTips: boolean
    readonly maxGroupsPerUser: number
    readonly maxMembers: Readonly<Record<GroupType, number>>
  }
  readonly limits: {
    readonly maxConnections: number
    readonly maxOpeningPerAddress: number
    readonly maxOpeningsPerSecond: number
    readonly maxSendsPerSecondPerUser: number
    readonly maxSendsPerSecondPerGroup: number
    readonly maxOpeningsPerSecondPerAddress: number
    readonly maxGroupsFoundedPerHourPerUser: number
  }
  readonly retention: {
    /** After how many days messages are removed; 0 for never. */
    readonly days: number
    /** Where that differs. */
    readonly daysOf: OptionValues['RETENTION_DAYS_OF']
  }
  readonly drainMs: number
  readonly logLevel: OptionValues['LOG_LEVEL']
}

/**
 * The same environment, and the same files where it names some for secrets, give the same configuration. Throws
 * ConfigInvalid with every problem there is.
 */
export function envToConfig(env: Environment, readSecret: ReadSecretFile = readSecretFile): Config {
  const options = readOptions(env, readSecret)
  return {
    http: {
      host: options.HOST,
      port: options.PORT,
      allowedOrigins: options.ALLOWED_ORIGINS,
      trustedProxies: options.TRUSTED_PROXIES,
    },
    dataDir: options.DATA_DIR,
    database: options.DATABASE_URL
      ? { kind: 'url', url: options.DATABASE_URL }
      : { kind: 'embedded', dataDir: options.DATA_DIR },
    statementDeadlineMs: options.STATEMENT_DEADLINE_MS,
    broker: brokerOf(options),
    media: mediaOf(options),
    sdkAppId: options.SDKAPPID,
    signing: {
      secret: options.SECRETKEY ? { kind: 'given', secret: options.SECRETKEY } : { kind: 'generated' },
      previousSecrets: options.SECRETKEY_PREVIOUS,
    },
    accounts: {
      adminUserIds: options.ADMIN_USERS,
      registration: options.AUTO_REGISTER ? 'automatic' : 'import-only',
      usersFile: options.USERS_FILE,
    },
    webPage: options.WEB_PAGE ? 'on' : 'off',
    demo: options.DEMO ? 'on' : 'off',
    devices: { policy: options.DEVICE_POLICY, maxInstancesPerDevice: options.INSTANCES_PER_DEVICE },
    search: { people: options.SEARCH_PEOPLE },
    revokeWindowMs: options.REVOKE_WINDOW_SECONDS * 1000,
    groups: {
      countsTips: options.GROUP_TIPS_COUNT,
      maxGroupsPerUser: options.GROUPS_PER_USER,
      maxMembers: {
        work: options.GROUP_MEMBERS_WORK,
        public: options.GROUP_MEMBERS_PUBLIC,
        meeting: options.GROUP_MEMBERS_MEETING,
        community: options.GROUP_MEMBERS_COMMUNITY,
        live: options.GROUP_MEMBERS_LIVE,
      },
    },
    limits: {
      maxConnections: options.MAX_CONNECTIONS,
      maxOpeningPerAddress: options.MAX_OPENING_PER_ADDRESS,
      maxOpeningsPerSecond: options.OPENINGS_PER_SECOND,
      maxSendsPerSecondPerUser: options.SENDS_PER_SECOND_PER_USER,
      maxSendsPerSecondPerGroup: options.SENDS_PER_SECOND_PER_GROUP ?? Math.ceil(options.SENDS_PER_SECOND_PER_USER / 2),
      maxOpeningsPerSecondPerAddress: options.OPENINGS_PER_SECOND_PER_ADDRESS,
      maxGroupsFoundedPerHourPerUser: options.GROUPS_FOUNDED_PER_HOUR_PER_USER,
    },
    retention: { days: options.RETENTION_DAYS, daysOf: options.RETENTION_DAYS_OF },
    drainMs: options.DRAIN_SECONDS * 1000,
    logLevel: options.LOG_LEVEL,
  }
}

/** That one address is for one server alone is checked with the options. */
function brokerOf({ REDIS_URL: [url, ...further], REDIS_MODE: mode }: OptionValues): Config['broker'] {
  if (url === undefined) return { kind: 'memory' }
  return mode === 'cluster' ? { kind: 'redis-cluster', urls: [url, ...further] } : { kind: 'redis', url }
}

const MEBIBYTE = 1024 * 1024

function mediaOf(options: OptionValues): Config['media'] {
  return {
    dir: options.MEDIA_DIR ?? join(options.DATA_DIR, 'media'),
    blobs: blobsOf(options),
    maxBytesPerDayPerUser: options.MEDIA_MB_PER_DAY_PER_USER * MEBIBYTE,
    scanner: options.CLAMAV_ADDRESS,
  }
}

/** That all of them are there, once there is an endpoint, is checked with the options. */
function blobsOf(options: OptionValues): Config['media']['blobs'] {
  const { S3_ENDPOINT: endpoint, S3_REGION: region, S3_BUCKET: bucket, S3_ACCESS_KEY: accessKey } = options
  const { S3_SECRET_KEY: secretKey } = options
  if (!endpoint || !bucket || !accessKey || !secretKey) return { kind: 'disk' }
  return { kind: 's3', endpoint, region, bucket, accessKey, secretKey }
}
