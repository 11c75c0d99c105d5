import { problem, type Symptom, type Words } from './finding.ts'

/** Why Redis was not reached; `fault` is undefined when it said nothing at all. */
export function explainNoRedis(fault: unknown, place: string): Symptom {
  const text = fault instanceof Error ? `${'code' in fault ? String(fault.code) : ''} ${fault.message}` : ''
  const { said, todo } = KNOWN.find(({ pattern }) => pattern.test(text)) ?? SILENT
  return problem(
    {
      zh: `${place}:${said.zh}。消息仍会送达,但跨节点最多晚 2 秒`,
      en: `${place}: ${said.en}. Messages still arrive, between nodes up to 2 s later`,
    },
    todo,
  )
}

interface Explained {
  readonly said: Words
  readonly todo: Words
}

const SILENT: Explained = {
  said: { zh: '没有回应', en: 'there is no answer' },
  todo: {
    zh: '检查 Redis 进程是否卡住、防火墙是否放行,以及地址是否正确。',
    en: 'Check whether the process hangs, firewalls let us through, and the address is right.',
  },
}

const KNOWN: readonly (Explained & { readonly pattern: RegExp })[] = [
  {
    pattern: /ECONNREFUSED|ENOENT/,
    said: { zh: '该端口上没有服务在监听', en: 'nothing listens there' },
    todo: {
      zh: '启动 Redis;核对 REDIS_URL 的端口与 redis.conf 的 bind。',
      en: 'Start Redis; check the port in REDIS_URL, and bind in redis.conf.',
    },
  },
  {
    pattern: /ENOTFOUND|EAI_AGAIN/,
    said: { zh: '主机名无法解析', en: 'the host name is not known' },
    todo: {
      zh: '检查 REDIS_URL 中的主机名与本机 DNS。',
      en: 'Check the host in REDIS_URL, and the DNS of this machine.',
    },
  },
  {
    pattern: /WRONGPASS|invalid password|AUTH .*without any password/i,
    said: { zh: '用户名或密码不对', en: 'the user or the password is wrong' },
    todo: {
      zh: '更正 REDIS_URL 中的密码(redis://:密码@主机:端口)。',
      en: 'Correct the password in REDIS_URL (redis://:password@host:port).',
    },
  },
  {
    pattern: /NOAUTH/,
    said: { zh: '需要密码', en: 'it wants a password' },
    todo: {
      zh: '在 REDIS_URL 中写上密码(redis://:密码@主机:端口)。',
      en: 'Put the password into REDIS_URL (redis://:password@host:port).',
    },
  },
  {
    pattern: /NOPERM/,
    said: { zh: 'ACL 不允许所需的命令或频道', en: 'its ACL forbids a command or channel we need' },
    todo: {
      zh: '允许键与频道 hongyan:*,以及命令 PUBLISH、SUBSCRIBE、EVAL、INFO。',
      en: 'Allow keys and channels hongyan:*, and PUBLISH, SUBSCRIBE, EVAL, INFO.',
    },
  },
  {
    pattern: /wrong version number|EPROTO|ERR_SSL|ECONNRESET|closed|Protocol error|RESP type/i,
    said: { zh: '对方立即断开,或说的不是 Redis 协议', en: 'the other side hangs up at once, or speaks no Redis' },
    todo: {
      zh: 'TLS 端口用 rediss://,明文端口用 redis://;核对端口。',
      en: 'Say rediss:// for a TLS port and redis:// for a plain one; check the port.',
    },
  },
]
