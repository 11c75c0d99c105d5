import type { ErrorName } from '@hongyan/protocol'
import type { ClientFailure } from '../core/client-api.ts'

/** What every rejected call gives: TIM's number, a text for people, and what else the call promises to hand back. */
export class TimError extends Error {
  readonly code: number
  readonly data: object

  constructor(code: number, message: string, data: object = {}) {
    super(message)
    this.name = 'TimError'
    this.code = code
    this.data = data
  }
}

/** Which call failed: TIM has different numbers for the same trouble. */
export type ErrorContext = 'send' | 'revoke' | 'delete' | 'conversation' | 'profile' | 'login' | 'any'

type Failure = ClientFailure['failure']
type Numbers = number | (Partial<Record<ErrorContext, number>> & { readonly any: number })

/** TIM's number for each of our names: complete, or it does not compile. */
const CODES: Record<ErrorName, Numbers> = {
  INTERNAL: 20005,
  BUSY: 20004,
  DRAINING: 20004,
  TOO_MANY_REQUESTS: 60018,
  BAD_REQUEST: { any: 20001, profile: 40001, conversation: 50002 },
  UNKNOWN_COMMAND: 10003,
  BAD_TEXT: { any: 20001, send: 90002 },
  DUPLICATE_REQUEST_ID: 20001,
  BAD_USER_ID: { any: 20003, login: 70013, conversation: 2503, profile: 40001 },
  ALREADY_OPEN: 2025,
  VERSION_NOT_SUPPORTED: 60017,
  WRONG_APP: 60006,
  SIGNATURE_EMPTY: 70002,
  SIGNATURE_UNREADABLE: 70003,
  SIGNATURE_INVALID: 70009,
  SIGNATURE_EXPIRED: 70001,
  SIGNATURE_OF_OTHER_USER: 70013,
  SIGNATURE_OF_OTHER_APP: 70014,
  DISPLACED: 3003,
  ACCOUNT_DISABLED: 70051,
  EPOCH_CHANGED: 20005,
  TOO_FAR_BEHIND: 20005,
  NO_SUCH_USER: { any: 20003, conversation: 2501, profile: 40003, login: 70107 },
  NOT_A_MEMBER: { any: 10007, send: 20003, conversation: 2503 },
  NO_SUCH_CONVERSATION: { any: 2500, revoke: 10030, delete: 20018 },
  MESSAGE_TOO_LARGE: 80002,
  MESSAGE_EMPTY: 90002,
  IDEMPOTENCY_CONFLICT: 20001,
  NO_SUCH_MESSAGE: { any: 10030, delete: 20018 },
  NOT_THE_SENDER: 10032,
  REVOKE_WINDOW_OVER: 20016,
}

const LOCAL_CODES: Record<Exclude<Failure, ErrorName>, number> = {
  TIMEOUT: 2801,
  NO_NETWORK: 2800,
  NOT_LOGGED_IN: 2024,
  CLOSED: 3005,
}

function isLocal(failure: Failure): failure is keyof typeof LOCAL_CODES {
  return failure in LOCAL_CODES
}

/** TIM's number for a failure of this kind of call. */
export function timCodeOf(failure: Failure, context: ErrorContext): number {
  if (isLocal(failure)) return LOCAL_CODES[failure]
  const numbers = CODES[failure]
  return typeof numbers === 'number' ? numbers : (numbers[context] ?? numbers.any)
}

/** The error an application gets for whatever a call of the core rejected with. */
export function timErrorOf(error: unknown, context: ErrorContext, data: object = {}): TimError {
  if (error instanceof TimError) return error
  if (!isClientFailure(error)) return timError(2903, error instanceof Error ? error.message : '', data)
  return timError(timCodeOf(error.failure, context), '', data)
}

/** An error with the catalogue's text, followed by a detail if there is one. */
export function timError(code: number, detail = '', data: object = {}): TimError {
  const text = TEXTS[code] ?? ''
  return new TimError(code, [text, detail].filter((part) => part !== '').join(' ') || String(code), data)
}

function isClientFailure(error: unknown): error is ClientFailure {
  return error instanceof Error && 'failure' in error
}

/** Short texts, Chinese first as everywhere: an application shows them or maps the number itself. */
const TEXTS: { readonly [code: number]: string } = {
  2002: '缺少 userID (userID is missing)',
  2003: '缺少 userSig (userSig is missing)',
  2024: '尚未登录 (not logged in)',
  2025: '正在登录,请勿重复调用 (a login is in progress already)',
  2105: '参数不是 SDK 创建的消息 (not a message made by this SDK)',
  2106: '会话类型无效 (the conversation type is invalid)',
  2110: '消息撤回失败 (the message cannot be revoked)',
  2111: '消息删除失败 (the messages cannot be deleted)',
  2112: '标记全部已读失败 (marking all as read failed)',
  2116: '系统通知不能这样删除 (system notices are not deleted this way)',
  2453: '该类型的消息不能转发 (this type of message cannot be forwarded)',
  2454: '消息没有内容 (the message has no elements)',
  2500: '会话不存在 (there is no such conversation)',
  2501: '用户不存在 (there is no such user)',
  2503: '会话 ID 无效 (the conversationID is malformed)',
  2800: '网络错误 (network error)',
  2801: '请求超时 (the request timed out)',
  2903: '未知错误 (unclassified error)',
  2905: '未知的接口 (unknown operation)',
  2996: '调用过于频繁 (called too often)',
  3000: '正在登录 (the login is in progress)',
  3001: '登录失败 (the login failed)',
  3002: '账号已在其他终端登录 (kicked out by a login on another device)',
  3003: '账号已在别处登录 (kicked out by another login of the account)',
  3004: 'userSig 已过期 (the userSig has expired)',
  3005: '已登出 (logged out)',
  3006: '已被服务端下线 (signed out by the server)',
  3122: '该功能尚未开放 (this feature is not available here)',
  10003: '服务端不认识该请求 (the server does not know this request)',
  10007: '没有权限 (no permission)',
  10030: '消息不存在 (there is no such message)',
  10032: '该消息不能撤回 (this message cannot be revoked)',
  20001: '请求无效 (the request is malformed)',
  20003: '账号无效或不存在 (the account is invalid or does not exist)',
  20004: '服务繁忙,请重试 (the server is busy, try again)',
  20005: '服务内部错误,请重试 (internal server error, try again)',
  20016: '超过可撤回时间 (too late to revoke)',
  20018: '删除消息失败 (deleting the messages failed)',
  40001: '请求参数无效 (the request is malformed)',
  40003: '用户不存在 (there is no such user)',
  50002: '请求参数无效 (the request is malformed)',
  60006: 'SDKAppID 无效 (the SDKAppID is invalid)',
  60017: '版本不受支持 (the version is not supported)',
  60018: '请求过于频繁,请稍后再试 (too many requests, try again later)',
  70001: 'userSig 已过期 (the userSig has expired)',
  70002: 'userSig 为空 (the userSig is empty)',
  70003: 'userSig 无法解析 (the userSig cannot be read)',
  70009: 'userSig 校验失败 (the userSig was signed with another key)',
  70013: 'userSig 与 userID 不符 (the userSig belongs to another user)',
  70014: 'userSig 与 SDKAppID 不符 (the userSig belongs to another application)',
  70051: '账号已停用 (the account is disabled)',
  70107: '账号不存在 (there is no such account)',
  80002: '消息超过 12 KB (the message is larger than 12 KB)',
  90002: '消息内容无效 (the message content is invalid)',
}
