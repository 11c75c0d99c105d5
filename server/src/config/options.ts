import type { Option, Parse } from './option.ts'
import {
  list,
  onOff,
  oneOf,
  optional,
  serviceUrl,
  signingSecret,
  text,
  userId,
  webOrigin,
  wholeNumber,
} from './parse.ts'

const DAY_SECONDS = 86_400
/** The key ring holds eight keys: the one that signs and those before it. */
const MAX_PREVIOUS_SECRETS = 7

function option<Value>(declared: Option<Value> & { readonly parse: Parse<Value> }): Option<Value> {
  return declared
}

/** Every setting of the server, by its name in the environment. */
export const OPTIONS = {
  HOST: option({
    group: 'network',
    parse: text('an address or a host name'),
    default: '0.0.0.0',
    help: "The address to listen on. The default is reachable from the whole network, as a school's server must be; 127.0.0.1 keeps it to this machine.",
    helpZh: '监听地址。默认对整个局域网开放(学校场景需要);设为 127.0.0.1 则仅本机可访问。',
  }),
  PORT: option({
    group: 'network',
    parse: wholeNumber(0, 65_535),
    default: '3000',
    help: 'The TCP port to listen on; 0 takes a free one.',
    helpZh: '监听的 TCP 端口;0 表示自动选择空闲端口。',
  }),
  ALLOWED_ORIGINS: option({
    group: 'network',
    parse: list(webOrigin()),
    default: '',
    help: "Web origins whose pages may connect, separated by commas. The server's own origin, and clients that send none (mini-programs, Node), always may.",
    helpZh: '允许连接的网页来源(Origin),以逗号分隔。同源页面以及不发送 Origin 的客户端(小程序、Node)始终允许。',
  }),
  DATA_DIR: option({
    group: 'storage',
    parse: text('a path'),
    default: './data',
    help: 'The folder for the embedded database and the generated secret.',
    helpZh: '内置数据库与自动生成密钥的存放目录。',
  }),
  DATABASE_URL: option({
    group: 'storage',
    parse: optional(serviceUrl('postgres://user:password@host:5432/hongyan', 'postgres:', 'postgresql:')),
    default: '',
    isSecret: true,
    help: 'The PostgreSQL (16 or newer) to use; without it the server starts its own under `DATA_DIR`.',
    helpZh: '要使用的 PostgreSQL(16 及以上)地址;不设置则在 `DATA_DIR` 下启动内置数据库。',
  }),
  REDIS_URL: option({
    group: 'storage',
    parse: optional(serviceUrl('redis://:password@host:6379', 'redis:', 'rediss:')),
    default: '',
    isSecret: true,
    help: 'The Redis or Valkey (7 or newer) that joins several nodes; without it the server is a cluster of one.',
    helpZh: '连接多个节点的 Redis 或 Valkey(7 及以上)地址;不设置则为单节点运行。',
  }),
  SDKAPPID: option({
    group: 'application',
    parse: wholeNumber(1, 4_294_967_295),
    default: '1400000000',
    help: "The application's number, the same as in the clients' `TIM.create({ SDKAppID })`.",
    helpZh: '应用编号,须与客户端 `TIM.create({ SDKAppID })` 一致。',
  }),
  SECRETKEY: option({
    group: 'application',
    parse: optional(signingSecret()),
    default: '',
    isSecret: true,
    help: 'The key that signs userSigs: 32 to 256 printable characters. If absent, one is made at the first start and kept in `DATA_DIR`.',
    helpZh: '签发 userSig 的密钥,32 至 256 个可见字符。不设置则首次启动时生成并保存在 `DATA_DIR` 中。',
  }),
  SECRETKEY_PREVIOUS: option({
    group: 'application',
    parse: list(signingSecret(), MAX_PREVIOUS_SECRETS),
    default: '',
    isSecret: true,
    help: 'Earlier keys whose userSigs are still accepted, separated by commas, while `SECRETKEY` is being changed.',
    helpZh: '更换 `SECRETKEY` 期间仍接受的旧密钥,以逗号分隔。',
  }),
  ADMIN_USERS: option({
    group: 'application',
    parse: list(userId()),
    default: 'administrator',
    help: 'The users with administrator rights, separated by commas.',
    helpZh: '拥有管理员权限的用户,以逗号分隔。',
  }),
  AUTO_REGISTER: option({
    group: 'application',
    parse: onOff(),
    default: 'on',
    help: 'Whether a user is created at the first login, or when somebody first names them.',
    helpZh: '用户首次登录或首次被他人提及时是否自动创建。',
  }),
  USERS_FILE: option({
    group: 'application',
    parse: optional(text('a path')),
    default: '',
    help: 'A JSON file of users to import at the start.',
    helpZh: '启动时导入的用户 JSON 文件。',
  }),
  DEMO: option({
    group: 'application',
    parse: onOff(),
    default: 'off',
    help: 'The trial page at `/` and `GET /im/usersig`, which signs for anybody who asks. `npm start` turns it on; never in production.',
    helpZh: '试用页面 `/` 与 `GET /im/usersig`(会为任何请求者签名)。`npm start` 会开启;生产环境切勿开启。',
  }),
  DEVICE_POLICY: option({
    group: 'messaging',
    parse: oneOf('each', 'one'),
    default: 'each',
    help: '`each`: a user may be logged in on one device of each kind; `one`: on one device altogether.',
    helpZh: '`each`:每类设备可各登录一台;`one`:所有设备总共只能登录一台。',
  }),
  INSTANCES_PER_DEVICE: option({
    group: 'messaging',
    parse: wholeNumber(1, 10),
    default: '1',
    help: 'How many logins a user may have on the same kind of device before the oldest is displaced.',
    helpZh: '同一用户在同类设备上可同时登录的数量,超出时最早的登录被踢下线。',
  }),
  REVOKE_WINDOW_SECONDS: option({
    group: 'messaging',
    parse: wholeNumber(0, 7 * DAY_SECONDS),
    default: '120',
    help: 'For how many seconds after sending a message its sender may revoke it.',
    helpZh: '发送者可撤回消息的时限(秒)。',
  }),
  MAX_CONNECTIONS: option({
    group: 'limits',
    parse: wholeNumber(1, 1_000_000),
    default: '20000',
    help: 'The most connections this node holds; more are refused with 503.',
    helpZh: '本节点的最大连接数,超出时以 503 拒绝。',
  }),
  MAX_OPENING_PER_ADDRESS: option({
    group: 'limits',
    parse: wholeNumber(1, 100_000),
    default: '200',
    help: 'The most connections of one network address that are not logged in yet; a whole school may come from one.',
    helpZh: '同一网络地址尚未登录的最大连接数。',
  }),
  SENDS_PER_SECOND_PER_USER: option({
    group: 'limits',
    parse: wholeNumber(1, 100_000),
    default: '200',
    help: 'The most messages a second from one user; more are refused.',
    helpZh: '每个用户每秒可发送的最大消息数,超出时拒绝。',
  }),
  STATEMENT_DEADLINE_MS: option({
    group: 'limits',
    parse: wholeNumber(100, 60_000),
    default: '3000',
    help: 'How many milliseconds a database statement may take before it is given up.',
    helpZh: '单条数据库语句的最长执行时间(毫秒)。',
  }),
  DRAIN_SECONDS: option({
    group: 'operation',
    parse: wholeNumber(0, 300),
    default: '10',
    help: 'Over how many seconds connections are closed when the server stops.',
    helpZh: '停止服务时在多少秒内分批断开连接。',
  }),
  LOG_LEVEL: option({
    group: 'operation',
    parse: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
    help: 'How much is logged: fatal, error, warn, info, debug, trace or silent.',
    helpZh: '日志级别:fatal、error、warn、info、debug、trace 或 silent。',
  }),
} as const

export type OptionName = keyof typeof OPTIONS
export type OptionValues = {
  readonly [Name in OptionName]: (typeof OPTIONS)[Name] extends Option<infer Value> ? Value : never
}
