import type { Payload } from '@hongyan/client-sdk'
import { TYPES } from '../../im/chat.ts'
import { language } from '../../words/language.ts'
import { durationWords } from './duration-words.ts'

/** How people are called in a tip. */
export interface Naming {
  /** The user himself is "你". */
  readonly me: string
  /** The name by which the conversation knows somebody; the userID where it does not. */
  readonly nameOf: (userID: string) => string
}

interface Person {
  readonly userID: string
  readonly nick: string
  readonly muteTime: number
  readonly reason: string
}

/** What the sentences are made of. */
interface Event {
  readonly by: string
  readonly whom: string
  readonly isByThemselves: boolean
  readonly payload: Payload
  readonly people: readonly Person[]
  readonly naming: Naming
}

/** Topics have a number without a name in TIM's tables. */
const TOPIC_UPDATED = 8
/** So many names are said, the rest is counted. */
const NAMED = 5

/** Who did what to whom, as a sentence; empty for an operation that is not known. */
export function tipWords(payload: Payload, naming: Naming): string {
  const event = eventOf(payload, naming)
  const sentence = SENTENCES[language.value][Number(payload['operationType'])]?.(event) ?? ''
  // A name stands apart from the sentence, the word for oneself does not.
  return sentence.replaceAll(/ 你(?= )/g, '你').replaceAll(/你 /g, '你')
}

type Sentence = (event: Event) => string

const ZH: Readonly<Record<number, Sentence>> = {
  [TYPES.GRP_TIP_MBR_JOIN]: ({ by, whom, isByThemselves }) =>
    isByThemselves ? `${whom} 加入了群聊` : `${by} 邀请 ${whom} 加入了群聊`,
  [TYPES.GRP_TIP_MBR_QUIT]: ({ by }) => `${by} 退出了群聊`,
  [TYPES.GRP_TIP_MBR_KICKED_OUT]: ({ by, whom, people }) =>
    `${by} 将 ${whom} 移出了群聊${people[0]?.reason ? `，原因：${people[0].reason}` : ''}`,
  [TYPES.GRP_TIP_MBR_SET_ADMIN]: ({ by, whom }) => `${by} 将 ${whom} 设为管理员`,
  [TYPES.GRP_TIP_MBR_CANCELED_ADMIN]: ({ by, whom }) => `${by} 取消了 ${whom} 的管理员身份`,
  [TYPES.GRP_TIP_GRP_PROFILE_UPDATED]: (event) => `${event.by} ${groupChanges(event).join('，')}`,
  [TYPES.GRP_TIP_MBR_PROFILE_UPDATED]: ({ by, whom, people }) => {
    const seconds = people[0]?.muteTime ?? 0
    return seconds > 0 ? `${by} 将 ${whom} 禁言 ${durationWords(seconds)}` : `${by} 解除了 ${whom} 的禁言`
  },
  [TOPIC_UPDATED]: ({ by }) => `${by} 修改了话题资料`,
  [TYPES.GRP_TIP_BAN_AVCHATROOM_MEMBER]: ({ by, whom }) => `${by} 封禁了 ${whom}`,
  [TYPES.GRP_TIP_UNBAN_AVCHATROOM_MEMBER]: ({ by, whom }) => `${by} 解封了 ${whom}`,
}

const EN: Readonly<Record<number, Sentence>> = {
  [TYPES.GRP_TIP_MBR_JOIN]: ({ by, whom, isByThemselves }) =>
    isByThemselves ? `${whom} joined the group` : `${by} invited ${whom} to the group`,
  [TYPES.GRP_TIP_MBR_QUIT]: ({ by }) => `${by} left the group`,
  [TYPES.GRP_TIP_MBR_KICKED_OUT]: ({ by, whom, people }) =>
    `${by} removed ${whom} from the group${people[0]?.reason ? ` (${people[0].reason})` : ''}`,
  [TYPES.GRP_TIP_MBR_SET_ADMIN]: ({ by, whom }) => `${by} made ${whom} an admin`,
  [TYPES.GRP_TIP_MBR_CANCELED_ADMIN]: ({ by, whom }) => `${by} took the role of admin from ${whom}`,
  [TYPES.GRP_TIP_GRP_PROFILE_UPDATED]: (event) => event.by + ' ' + groupChanges(event).join(', '),
  [TYPES.GRP_TIP_MBR_PROFILE_UPDATED]: ({ by, whom, people }) => {
    const seconds = people[0]?.muteTime ?? 0
    return seconds > 0 ? `${by} muted ${whom} for ${durationWords(seconds)}` : `${by} let ${whom} speak again`
  },
  [TOPIC_UPDATED]: ({ by }) => `${by} changed the topic`,
  [TYPES.GRP_TIP_BAN_AVCHATROOM_MEMBER]: ({ by, whom }) => `${by} banned ${whom}`,
  [TYPES.GRP_TIP_UNBAN_AVCHATROOM_MEMBER]: ({ by, whom }) => `${by} lifted the ban of ${whom}`,
}

const SENTENCES = { zh: ZH, en: EN }

const OPTIONS: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  [TYPES.JOIN_OPTIONS_FREE_ACCESS]: { zh: '无需审批', en: 'open' },
  [TYPES.JOIN_OPTIONS_NEED_PERMISSION]: { zh: '需要审批', en: 'by approval' },
  [TYPES.JOIN_OPTIONS_DISABLE_APPLY]: { zh: '禁止', en: 'closed' },
  [TYPES.INVITE_OPTIONS_DISABLE_INVITE]: { zh: '禁止', en: 'closed' },
}

/** Only what has changed is there. */
function groupChanges({ payload, naming }: Event): readonly string[] {
  const changed = isFields(payload['newGroupProfile']) ? payload['newGroupProfile'] : {}
  const isChinese = language.value === 'zh'
  const { groupName, introduction, notification, avatar, ownerID, joinOption, inviteOption, muteAllMembers } = changed
  const option = (value: string): string => OPTIONS[value]?.[language.value] ?? value
  const said = [
    isText(groupName) && (isChinese ? `将群名称改为“${groupName}”` : `renamed the group “${groupName}”`),
    isText(notification) &&
      (notification === ''
        ? isChinese
          ? '清空了群公告'
          : 'removed the announcement'
        : isChinese
          ? `更新了群公告：${notification}`
          : `updated the announcement: ${notification}`),
    isText(introduction) && (isChinese ? '修改了群简介' : 'changed the description'),
    isText(avatar) && (isChinese ? '更换了群头像' : 'changed the picture'),
    isText(ownerID) &&
      (isChinese ? `将群主转让给 ${nameIn(naming, ownerID, '')}` : `made ${nameIn(naming, ownerID, '')} the owner`),
    isText(joinOption) && (isChinese ? `将加群方式改为${option(joinOption)}` : `set joining to ${option(joinOption)}`),
    isText(inviteOption) &&
      (isChinese ? `将邀请方式改为${option(inviteOption)}` : `set inviting to ${option(inviteOption)}`),
    muteAllMembers === true && (isChinese ? '开启了全员禁言' : 'muted everybody'),
    muteAllMembers === false && (isChinese ? '关闭了全员禁言' : 'let everybody speak again'),
  ].filter(isText)
  return said.length > 0 ? said : [isChinese ? '修改了群资料' : 'changed the group']
}

function eventOf(payload: Payload, naming: Naming): Event {
  const operator = personIn(payload['operatorInfo'])
  const operatorID = isText(payload['operatorID']) ? payload['operatorID'] : (operator?.userID ?? '')
  const members = Array.isArray(payload['memberList'])
    ? payload['memberList'].flatMap((one) => personIn(one) ?? [])
    : []
  const ids = Array.isArray(payload['userIDList']) ? payload['userIDList'].filter(isText) : []
  const people = members.length > 0 ? members : ids.map((userID) => ({ userID, nick: '', muteTime: 0, reason: '' }))
  const names = people.map(({ userID, nick }) => nameIn(naming, userID, nick))
  return {
    by: nameIn(naming, operatorID, operator?.nick ?? ''),
    whom: listed(names),
    isByThemselves: people.length === 0 || (people.length === 1 && people[0]?.userID === operatorID),
    payload,
    people,
    naming,
  }
}

function nameIn({ me, nameOf }: Naming, userID: string, nick: string): string {
  if (userID === me) return language.value === 'zh' ? '你' : 'you'
  const known = nameOf(userID)
  return known === userID ? nick || userID : known
}

function listed(names: readonly string[]): string {
  const isChinese = language.value === 'zh'
  const said = names.slice(0, NAMED).join(isChinese ? '、' : ', ')
  if (names.length <= NAMED) return said
  return isChinese ? `${said} 等 ${names.length} 人` : `${said} and ${names.length - NAMED} more`
}

type Fields = Readonly<Record<string, unknown>>

function personIn(value: unknown): Person | undefined {
  if (!isFields(value) || !isText(value['userID'])) return undefined
  const { userID, nick, muteTime, reason } = value
  return {
    userID,
    nick: isText(nick) ? nick : '',
    muteTime: Number(muteTime ?? 0),
    reason: isText(reason) ? reason : '',
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
