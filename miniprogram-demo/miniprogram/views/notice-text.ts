import { isObject, numberAt, textAt } from './fields'
import type { Words } from '../text/zh'

/** TIM's numbers of system notices (it exports no names for them). */
export const JOIN_REQUEST = 1

type Sentence = (words: Words, group: string, who: string) => string

const SENTENCES: { readonly [operationType: number]: Sentence } = {
  [JOIN_REQUEST]: ({ says }, group, who) => says.wantsToJoin(who, group),
  2: ({ says }, group) => says.accepted(group),
  3: ({ says }, group) => says.refused(group),
  4: ({ says }, group) => says.youWereRemoved(group),
  5: ({ says }, group) => says.dismissed(group),
  6: ({ says }, group) => says.youFounded(group),
  7: ({ says }, group) => says.youWereAdded(group),
  8: ({ says }, group) => says.youQuit(group),
  9: ({ says }, group) => says.youAreAdmin(group),
  10: ({ says }, group) => says.youAreNoAdmin(group),
  11: ({ says }, group) => says.dismissed(group),
}

/** What a system notice tells its reader. */
export function noticeText(payload: unknown, words: Words): string {
  const profile = isObject(payload) ? payload['groupProfile'] : undefined
  const name = textAt(profile, 'groupName')
  const group = name === '' ? textAt(profile, 'name') || textAt(profile, 'groupID') : name
  const own = textAt(payload, 'userDefinedField')
  if (own !== '') return own
  const sentence = SENTENCES[numberAt(payload, 'operationType')]
  const operator = isObject(payload) ? payload['operatorInfo'] : undefined
  const who = textAt(operator, 'nick') || textAt(payload, 'operatorID')
  return sentence === undefined ? words.says.groupNews(group) : sentence(words, group, who)
}
