import { problem, type Symptom, type Words } from './finding.ts'

/** Why PostgreSQL was not reached, in words; `place` is host and port, without user and password. */
export function explainNoDatabase(err: unknown, place: string): Symptom {
  const causes = causesOf(err)
  const known =
    causes.flatMap(({ code }) => BY_CODE[code] ?? [])[0] ??
    BY_TEXT.find(({ text }) => causes.some(({ message }) => text.test(message)))
  if (known) return problem({ zh: `${place}:${known.said.zh}`, en: `${place}: ${known.said.en}` }, known.todo)
  const [last] = causes.slice(-1)
  return problem(
    {
      zh: `${place}:连接失败(${last?.code || last?.message || '原因不明'})`,
      en: `${place}: cannot connect (${last?.code || last?.message || 'for no known reason'})`,
    },
    { zh: '检查 DATABASE_URL,并查看 PostgreSQL 的日志。', en: "Check DATABASE_URL, and look into PostgreSQL's log." },
  )
}

interface Explained {
  readonly said: Words
  readonly todo: Words
}

interface Cause {
  readonly code: string
  readonly message: string
}

function causesOf(err: unknown): readonly Cause[] {
  if (!(err instanceof Error)) return []
  const code = 'code' in err && typeof err.code === 'string' ? err.code : ''
  return [{ code, message: err.message }, ...causesOf(err.cause)]
}

const NO_HOST: Explained = {
  said: { zh: '主机名无法解析', en: 'the host name is not known' },
  todo: {
    zh: '检查 DATABASE_URL 中的主机名与本机 DNS。',
    en: 'Check the host in DATABASE_URL, and the DNS of this machine.',
  },
}
const NO_ANSWER: Explained = {
  said: { zh: '没有任何回应', en: 'there is no answer at all' },
  todo: {
    zh: '检查防火墙、路由,以及 PostgreSQL 是否卡住(主机存活但进程不响应)。',
    en: 'Check firewalls and routes, and whether PostgreSQL hangs: the host may live while the process does not answer.',
  },
}
const NO_TRUST: Explained = {
  said: { zh: 'TLS 证书不被信任', en: 'its TLS certificate is not trusted' },
  todo: {
    zh: '在 DATABASE_URL 中用 sslrootcert 指向签发它的 CA 证书,并核对主机名与有效期。',
    en: 'Name the authority that signed it with sslrootcert in DATABASE_URL; check its host name and its dates.',
  },
}
const NOT_RUNNING: Explained = {
  said: { zh: '该端口(或套接字)上没有服务在监听', en: 'nothing listens there' },
  todo: {
    zh: '启动 PostgreSQL;核对 DATABASE_URL 的端口,以及 postgresql.conf 的 listen_addresses。',
    en: 'Start PostgreSQL; check the port in DATABASE_URL, and listen_addresses in postgresql.conf.',
  },
}

const BY_CODE: Readonly<Record<string, Explained>> = {
  ECONNREFUSED: NOT_RUNNING,
  ENOENT: NOT_RUNNING,
  ENOTFOUND: NO_HOST,
  EAI_AGAIN: NO_HOST,
  EHOSTUNREACH: NO_ANSWER,
  ENETUNREACH: NO_ANSWER,
  ETIMEDOUT: NO_ANSWER,
  '28P01': {
    said: { zh: '密码不对', en: 'the password is wrong' },
    todo: {
      zh: '更正 DATABASE_URL 中的密码(特殊字符需要 % 转义),或用 ALTER ROLE … PASSWORD 重设。',
      en: 'Correct the password in DATABASE_URL (special characters need % escapes), or set it anew with ALTER ROLE … PASSWORD.',
    },
  },
  '28000': {
    said: { zh: '不允许此用户登录', en: 'this user may not log in' },
    todo: {
      zh: '核对用户名,以及 pg_hba.conf 是否允许该用户从本机连接此数据库。',
      en: 'Check the user, and whether pg_hba.conf lets it in from this machine to this database.',
    },
  },
  '3D000': {
    said: { zh: '没有这个数据库', en: 'there is no such database' },
    todo: {
      zh: "创建它:CREATE DATABASE 名称 ENCODING 'UTF8';或更正 DATABASE_URL。",
      en: "Make it: CREATE DATABASE name ENCODING 'UTF8'; or correct DATABASE_URL.",
    },
  },
  '53300': {
    said: { zh: '连接数已满', en: 'all its connections are taken' },
    todo: {
      zh: '调大 max_connections(每个节点需要 12 个),或断开无用的连接。',
      en: 'Raise max_connections (each node needs 12), or end connections that are of no use.',
    },
  },
  '57P03': {
    said: { zh: '正在启动或关闭', en: 'it is starting up or shutting down' },
    todo: {
      zh: '稍后再试;若长时间如此,查看它的日志。',
      en: 'Try again in a moment; if it stays so, look into its log.',
    },
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: NO_TRUST,
  SELF_SIGNED_CERT_IN_CHAIN: NO_TRUST,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NO_TRUST,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NO_TRUST,
  ERR_TLS_CERT_ALTNAME_INVALID: NO_TRUST,
  CERT_HAS_EXPIRED: NO_TRUST,
}

const BY_TEXT: readonly (Explained & { readonly text: RegExp })[] = [
  {
    text: /standby/,
    said: { zh: '这是只读的备库', en: 'it is a standby, which only reads' },
    todo: { zh: '让 DATABASE_URL 指向主库。', en: 'Let DATABASE_URL name the primary.' },
  },
  {
    text: /offers no TLS/,
    said: { zh: '不提供 TLS,而 sslmode 要求加密', en: 'it offers no TLS, and sslmode asks for it' },
    todo: {
      zh: '在 PostgreSQL 上启用 ssl,或改用 sslmode=prefer。',
      en: 'Turn ssl on in PostgreSQL, or say sslmode=prefer.',
    },
  },
  {
    text: /did not let us in in time/,
    said: { zh: '接受了连接,却不回答', en: 'it accepts the connection, and does not answer' },
    todo: {
      zh: '那里可能不是 PostgreSQL,或它已卡住(磁盘满、负载过高),或中间的代理断了。',
      en: 'Perhaps that is no PostgreSQL, or it hangs (disk full, overloaded), or a proxy in between is broken.',
    },
  },
  { text: /no connection within/, ...NO_ANSWER },
]
