import { failureOfCode } from '../../words/failures.ts'
import { language } from '../../words/language.ts'

type Pair = readonly [zh: string, en: string]

const MUTED: Pair = ['你已被禁言', 'You are muted']
const TOO_LATE: Pair = ['已超过可撤回的时间', 'It is too late to recall it']
const TOO_BIG: Pair = ['文件太大', 'The file is too large']
const BAD_TYPE: Pair = ['不支持这种文件格式', 'This type of file is not accepted']
const UPLOAD: Pair = ['上传失败', 'The upload failed']
const EMPTY: Pair = ['文件是空的', 'The file is empty']
const GONE: Pair = ['这条消息不在了', 'The message is gone']

const REASONS: Readonly<Record<number, Pair>> = {
  2041: UPLOAD,
  2105: ['消息已失效，请重新编写', 'The message is no longer valid; please write it again'],
  2108: EMPTY,
  2110: ['这条消息不能撤回', 'This message cannot be recalled'],
  2251: EMPTY,
  2252: BAD_TYPE,
  2253: TOO_BIG,
  2300: UPLOAD,
  2301: TOO_BIG,
  2350: UPLOAD,
  2351: TOO_BIG,
  2352: BAD_TYPE,
  2400: UPLOAD,
  2401: EMPTY,
  2402: TOO_BIG,
  2403: UPLOAD,
  2452: ['聊天记录无法下载', 'The messages cannot be fetched'],
  2453: ['这类消息不能转发', 'This message cannot be forwarded'],
  10004: ['内容不符合要求', 'The content is not accepted'],
  10017: MUTED,
  10023: ['群内消息太多，请稍后再发', 'Too many messages in this group; please wait'],
  10030: GONE,
  10031: TOO_LATE,
  10032: ['这条消息不能撤回', 'This message cannot be recalled'],
  10060: ['这类群没有已读回执', 'Groups of this type have no receipts'],
  10070: ['置顶消息已达上限，请先取消其他置顶', 'Too many pinned messages; unpin one first'],
  20012: MUTED,
  20016: TOO_LATE,
  20018: ['删除失败', 'Deleting failed'],
  23005: ['这条消息的表情种类已满', 'No more kinds of reactions fit on this message'],
  23006: ['回应的人太多了', 'Too many have reacted like this'],
  80002: ['消息太长', 'The message is too long'],
}

/** Why TIM refused what was done with a message, in a person's words. */
export function reasonOf(code: number): string {
  const pair = REASONS[code]
  if (!pair) return failureOfCode(code)
  const [zh, en] = pair
  return language.value === 'zh' ? zh : en
}
