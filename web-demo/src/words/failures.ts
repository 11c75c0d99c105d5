import { codeOf } from '../im/failure.ts'
import { words } from './language.ts'

interface FailureWords {
  readonly [code: number]: string
  readonly other: (code: number) => string
}

const failureWords = words<FailureWords>(
  {
    2500: '没有这个会话了',
    2501: '没有这个用户',
    2503: '这个 ID 不对',
    2600: '不支持这种群',
    2602: '群 ID 格式不对',
    2603: '没有这个群',
    2623: '您不在这个群里',
    2800: '连不上服务器，请检查网络后再试',
    2801: '服务器没有及时回应，请稍后再试',
    2996: '操作太频繁，请稍等一下',
    3122: '这台服务器还不支持这个功能',
    10002: '服务器正忙，请稍后再试',
    10006: '操作太频繁，请稍等一下',
    10007: '您没有权限这样做',
    10010: '没有这个群',
    10013: '已经在群里了',
    10014: '群已经满员',
    10015: '群 ID 格式不对',
    10019: '没有这个用户',
    10024: '这个申请已经处理过了',
    10037: '加入的群太多了',
    20003: '没有这个用户',
    20004: '服务器正忙，请稍后再试',
    20005: '服务器出了点问题，请稍后再试',
    20012: '您已被禁言',
    40003: '没有这个用户',
    40601: '内容太长了',
    60006: '这台服务器不认识本页的 SDKAppID，请联系管理员',
    60017: '页面版本太旧，请刷新后再试',
    60018: '操作太频繁，请稍等一下',
    70001: '签名已过期，请重新获取 UserSig',
    70002: '请填写 UserSig 签名',
    70003: '签名格式不对，请完整复制 UserSig',
    70009: '签名校验失败，UserSig 不是这台服务器签发的',
    70013: '用户 ID 与签名不符，或格式不对（1 到 32 个字节，不含空格）',
    70014: '签名属于另一个应用',
    70051: '该账号已被停用，请联系学校管理员',
    70107: '没有这个账号',
    other: (code) => (code <= 0 ? '出了点问题，请稍后再试' : `出了点问题（${code}）`),
  },
  {
    2500: 'This conversation is gone',
    2501: 'There is no such user',
    2503: 'This ID is not right',
    2600: 'Groups of this kind are not supported',
    2602: 'This is not a group ID',
    2603: 'There is no such group',
    2623: 'You are not in this group',
    2800: 'The server cannot be reached. Check the network and try again.',
    2801: 'The server did not answer in time. Please try again.',
    2996: 'Too often. Please wait a moment.',
    3122: 'This server cannot do that yet',
    10002: 'The server is busy. Please try again.',
    10006: 'Too often. Please wait a moment.',
    10007: 'You are not allowed to do this',
    10010: 'There is no such group',
    10013: 'Already in the group',
    10014: 'The group is full',
    10015: 'This is not a group ID',
    10019: 'There is no such user',
    10024: 'This has been decided already',
    10037: 'You are in too many groups',
    20003: 'There is no such user',
    20004: 'The server is busy. Please try again.',
    20005: 'Something went wrong on the server. Please try again.',
    20012: 'You have been muted',
    40003: 'There is no such user',
    40601: 'That is too long',
    60006: 'The server does not know this page’s SDKAppID. Please ask your administrator.',
    60017: 'This page is out of date. Please reload it.',
    60018: 'Too often. Please wait a moment.',
    70001: 'The signature has expired. Please get a new userSig.',
    70002: 'Please enter a userSig',
    70003: 'The signature cannot be read. Copy the whole userSig.',
    70009: 'The signature is not valid: this server did not sign it',
    70013: 'The signature is another user’s, or the ID is malformed (1 to 32 bytes, no spaces)',
    70014: 'The signature belongs to another application',
    70051: 'This account is disabled. Please ask your school administrator.',
    70107: 'There is no such account',
    other: (code) => (code <= 0 ? 'Something went wrong. Please try again.' : `Something went wrong (${code})`),
  },
)

/** What a rejected call means to the person in front of the page. Reactive: in the language of now. */
export function failureOf(error: unknown): string {
  return failureOfCode(codeOf(error))
}

export function failureOfCode(code: number): string {
  return failureWords.value[code] ?? failureWords.value.other(code)
}
