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
export type ErrorContext = (typeof ERROR_CONTEXTS)[number]

/** `group`: whatever is done with a group or in one, but for deleting and changing messages. */
export const ERROR_CONTEXTS = [
  'send',
  'revoke',
  'delete',
  'modify',
  'conversation',
  'group',
  'profile',
  'login',
  'search',
  'any',
] as const

type Failure = ClientFailure['failure']
type Numbers = number | (Partial<Record<ErrorContext, number>> & { readonly any: number })

/** TIM's number for each of our names: complete, or it does not compile. */
const CODES: Record<ErrorName, Numbers> = {
  INTERNAL: { any: 20005, group: 10002 },
  BUSY: { any: 20004, group: 10002 },
  DRAINING: { any: 20004, group: 10002 },
  TOO_MANY_REQUESTS: { any: 60018, group: 10006 },
  BAD_REQUEST: { any: 20001, profile: 40001, conversation: 50002, group: 10004, search: 27003 },
  UNKNOWN_COMMAND: 10003,
  BAD_TEXT: { any: 20001, send: 90002, group: 10004 },
  DUPLICATE_REQUEST_ID: 20001,
  BAD_USER_ID: { any: 20003, login: 70013, conversation: 2503, profile: 40001, group: 10019 },
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
  NO_SUCH_USER: { any: 20003, conversation: 2501, profile: 40003, login: 70107, group: 10019 },
  NOT_A_MEMBER: { any: 10007, send: 20003, conversation: 2503 },
  NO_SUCH_CONVERSATION: { any: 2500, revoke: 10030, delete: 20018, modify: 20026, group: 10010 },
  MESSAGE_TOO_LARGE: 80002,
  MESSAGE_EMPTY: 90002,
  IDEMPOTENCY_CONFLICT: 20001,
  NO_SUCH_MESSAGE: { any: 10030, delete: 20018, modify: 20026 },
  NOT_THE_SENDER: 10032,
  REVOKE_WINDOW_OVER: { any: 20016, group: 10031 },
  MESSAGE_REVOKED: { any: 10030, delete: 20018, modify: 20026 },
  MODIFY_CONFLICT: 2480,
  NOT_MODIFIABLE: 10007,
  NOT_REVOCABLE: 10032,
  MUTED: { any: 10017, send: 20012 },
  TOO_MANY_MESSAGES: 10023,
  NOT_FOR_THIS_GROUP: { any: 10004, modify: 2481, delete: 10035 },
  NOT_A_RECEIVER: 10004,
  NOT_EXTENSIBLE: 20001,
  TOO_MANY_EXTENSIONS: 20001,
  NO_SUCH_EXTENSION: 23004,
  TOO_MANY_REACTIONS: 23005,
  TOO_MANY_REACTING: 23006,
  ALREADY_REACTED: 23007,
  NO_SUCH_REACTION: 23008,
  NOT_REACTED: 23009,
  NO_RECEIPTS_HERE: 10060,
  NO_SUCH_GROUP: 10010,
  BAD_GROUP_ID: 10015,
  GROUP_ID_TAKEN: 10021,
  GROUP_ID_TAKEN_BY_YOU: 10025,
  BAD_GROUP_FIELD: 10004,
  NOT_PERMITTED: 10007,
  GROUP_FULL: 10014,
  TOO_MANY_GROUPS: 10037,
  OWNER_CANNOT_LEAVE: 10009,
  NO_SUCH_MEMBER: 10004,
  JOINING_CLOSED: 10007,
  BANNED_FROM_GROUP: 10007,
  ALREADY_DECIDED: 10024,
  NO_SUCH_APPLICATION: 10024,
  BAD_ROLE: 2683,
  NOT_TO_ONESELF: 10004,
  TOO_MANY_MEMBERS: 10038,
  TOO_MANY_ATTRIBUTES: 10004,
  NO_SUCH_ATTRIBUTE: 10050,
  ATTRIBUTE_CONFLICT: 10056,
  TOO_MANY_COUNTERS: 10004,
  TOO_MANY_PINNED: 10070,
  ALREADY_PINNED: 10071,
  NOT_PINNED: 10004,
  NO_SUCH_FILE: 114000,
  FILE_TOO_LARGE: 114002,
  BAD_FILE_TYPE: 114011,
  QUOTA_EXCEEDED: 2041,
  TICKET_INVALID: 2400,
  STORE_FULL: 2400,
  FILE_INCOMPLETE: 2400,
  MEDIA_TOKEN_INVALID: 114001,
  PROFILE_TOO_LONG: 40601,
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
  2041: '无法取得上传凭证 (no upload is allowed now)',
  2105: '参数不是 SDK 创建的消息 (not a message made by this SDK)',
  2106: '会话类型无效 (the conversation type is invalid)',
  2110: '消息撤回失败 (the message cannot be revoked)',
  2111: '消息删除失败 (the messages cannot be deleted)',
  2112: '标记全部已读失败 (marking all as read failed)',
  2114: '没有需要已读回执的消息 (none of these messages needs a receipt)',
  2116: '系统通知不能这样删除 (system notices are not deleted this way)',
  2400: '文件上传失败 (the upload failed)',
  2453: '该类型的消息不能转发 (this type of message cannot be forwarded)',
  2454: '消息没有内容 (the message has no elements)',
  2480: '消息已被他人修改 (somebody else has changed the message)',
  2481: '直播群不支持该操作 (not possible in a live room)',
  2500: '会话不存在 (there is no such conversation)',
  2501: '用户不存在 (there is no such user)',
  2503: '会话 ID 无效 (the conversationID is malformed)',
  2600: '群类型无效 (the group type is invalid)',
  2602: '群 ID 格式无效 (the group id is malformed)',
  2603: '群组不存在 (the group is not known here)',
  2620: '直播群不能转让 (a live room cannot be transferred)',
  2621: '新群主不能是自己 (the new owner is the caller)',
  2623: '不在该群中 (not a member of this group)',
  2660: '加群失败 (joining failed)',
  2661: '直播群不能添加成员 (members cannot be added to a live room)',
  2681: '只有群主可以操作 (only the owner may do this)',
  2683: '角色无效 (this role cannot be given)',
  2684: '不能设置自己的角色 (nobody sets his own role)',
  2685: '不能禁言自己 (nobody mutes himself)',
  2686: '封禁时长无效 (the time of the ban is invalid)',
  2687: '直播群不支持该操作 (not possible in a live room)',
  2721: '资料参数无效 (a field of the profile is invalid)',
  2722: '没有要修改的资料 (no field of the profile is given)',
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
  3153: '搜索条件为空 (nothing to search for is given)',
  10002: '服务内部错误,请重试 (internal server error, try again)',
  10003: '服务端不认识该请求 (the server does not know this request)',
  10004: '参数无效 (a parameter is invalid)',
  10006: '操作过于频繁 (too many requests)',
  10007: '没有权限 (no permission)',
  10009: '群主不能退群 (the owner cannot leave the group)',
  10010: '群组不存在或已解散 (there is no such group)',
  10014: '群成员已满 (the group is full)',
  10015: '群 ID 无效 (the group id is invalid)',
  10017: '已被禁言 (not allowed to speak)',
  10019: '账号不存在 (there is no such account)',
  10021: '群 ID 已被使用 (the group id is taken)',
  10023: '消息发送过于频繁 (too many messages in this group)',
  10024: '申请已被处理 (the application has been decided)',
  10025: '群 ID 已被自己使用 (the caller owns a group with this id)',
  10030: '消息不存在 (there is no such message)',
  10031: '超过可撤回时间 (too late to revoke)',
  10032: '该消息不能撤回 (this message cannot be revoked)',
  10035: '直播群的消息不能删除 (messages of live rooms are not deleted)',
  10037: '群组数量已达上限 (too many groups)',
  10038: '超过群成员上限 (more members than a group may have)',
  10050: '群属性不存在 (there is no such attribute)',
  10056: '群属性写入冲突 (somebody else is changing the attributes)',
  10060: '该群类型不支持已读回执 (groups of this type have no receipts)',
  10070: '置顶消息已达上限 (too many pinned messages)',
  10071: '消息已置顶 (the message is pinned already)',
  20001: '请求无效 (the request is malformed)',
  20003: '账号无效或不存在 (the account is invalid or does not exist)',
  20004: '服务繁忙,请重试 (the server is busy, try again)',
  20005: '服务内部错误,请重试 (internal server error, try again)',
  20012: '已被禁言 (not allowed to speak)',
  20016: '超过可撤回时间 (too late to revoke)',
  20018: '删除消息失败 (deleting the messages failed)',
  20026: '要修改的消息不存在 (there is no such message to change)',
  23004: '扩展不存在 (there is no such extension)',
  23005: '表情回应种类过多 (too many kinds of reaction)',
  23006: '回应人数过多 (too many users have reacted)',
  23007: '已回应过 (already reacted like this)',
  23008: '没有该回应 (there is no such reaction)',
  23009: '没有回应过 (not reacted like this)',
  27003: '搜索条件无效 (the search is malformed)',
  40001: '请求参数无效 (the request is malformed)',
  40003: '用户不存在 (there is no such user)',
  40601: '资料过长 (a field of the profile is too long)',
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
  114000: '文件不存在 (there is no such file)',
  114001: '没有文件访问权限 (the file may not be opened)',
  114002: '文件过大 (the file is too large)',
  114011: '文件类型无效 (the content is not of this type)',
}
