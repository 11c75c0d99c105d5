import type { DeviceTrace, FoundTrace, Handed, MemberTrace, MissingTrace, Trace } from './trace.ts'

export type Language = 'zh' | 'en'

/** A trace in words, for a person at the help desk. */
export function traceText(trace: Trace, language: Language): string {
  const lines = trace.found ? foundLines(trace, language) : missingLines(trace, language)
  return lines.join('\n')
}

function missingLines({ senderId, lastSeq }: MissingTrace, language: Language): readonly string[] {
  const say = sayIn(language)
  return [
    say('服务器上没有这条消息。', 'The server has no such message.'),
    lastSeq === null
      ? senderId === null
        ? say(
            '没有这个发送者,或没有这个会话:请核对消息 ID(或会话与序号)。',
            'There is no such sender or no such conversation: check the id, or the conversation and the number.',
          )
        : say(
            `发送者是 ${senderId}。消息没有到达服务器(发送方仍显示“发送中”或“失败”),或已按保留策略删除。`,
            `Its sender would be ${senderId}. It never reached the server (the sender still sees it pending or failed), or it was removed by the retention policy.`,
          )
      : say(
          `该会话最后一条消息的序号是 ${lastSeq}。序号在此之内而找不到,说明已按保留策略删除。`,
          `The last message of that conversation has number ${lastSeq}. One below it that is not there was removed by the retention policy.`,
        ),
  ]
}

function foundLines(trace: FoundTrace, language: Language): readonly string[] {
  return [
    ...messageLines(trace, language),
    ...stateLines(trace, language),
    ...countLines(trace, language),
    ...memberLines(trace, language),
    ...('content' in trace ? [sayIn(language)('内容', 'Content'), JSON.stringify(trace.content, null, 2)] : []),
  ]
}

function messageLines({ message, since, sender }: FoundTrace, language: Language): readonly string[] {
  const say = sayIn(language)
  const { conversationId, groupType, receiverIds } = message
  return [
    say(`消息 ${message.id}`, `Message ${message.id}`),
    say(`  已存储  ${time(message.storedAtMs)}`, `  stored        ${time(message.storedAtMs)}`),
    say(
      `  会话    ${conversationId}${groupType === null ? '' : `(群类型 ${groupType})`},序号 ${message.seq},日志位置 ${message.offset}`,
      `  conversation  ${conversationId}${groupType === null ? '' : ` (${groupType} group)`}, number ${message.seq}, offset ${message.offset}`,
    ),
    say(`  发送者  ${message.senderId}`, `  sender        ${message.senderId}`),
    say(
      `          发送时的设备未记录;现在登录的设备:${deviceNames(sender.devices, language)}`,
      `                the device is not recorded; signed in now: ${deviceNames(sender.devices, language)}`,
    ),
    say(
      `  之后    又有 ${since.messages} 条消息,${since.entries} 条日志`,
      `  since then    ${since.messages} messages, ${since.entries} entries`,
    ),
    ...(receiverIds === null
      ? []
      : [say(`  仅发给  ${receiverIds.join('、')}`, `  only for      ${receiverIds.join(', ')}`)]),
  ]
}

function stateLines({ state, message }: FoundTrace, language: Language): readonly string[] {
  const say = sayIn(language)
  const { revoked, edits, isPinned, reactions, groupDismissedAtMs } = state
  const found = [
    revoked &&
      say(
        `${time(revoked.atMs)} 被 ${revoked.by} 撤回,内容已清除`,
        `revoked by ${revoked.by} at ${time(revoked.atMs)}; its content is gone`,
      ),
    edits > 0 && say(`修改过 ${edits} 次`, `edited ${edits} times`),
    isPinned && say('已置顶', 'pinned'),
    reactions > 0 && say(`${reactions} 个表情回应`, `${reactions} reactions`),
    groupDismissedAtMs !== null &&
      say(`群已于 ${time(groupDismissedAtMs)} 解散`, `the group was dismissed at ${time(groupDismissedAtMs)}`),
    !message.countsAsUnread && say('不计入未读', 'does not count as unread'),
    message.wantsReceipts && say('要求已读回执', 'wants receipts'),
  ].filter((text) => typeof text === 'string')
  const text = found.length === 0 ? say('正常', 'as it was sent') : found.join(say(';', '; '))
  return [say(`  状态    ${text}`, `  state         ${text}`)]
}

function countLines({ counts, unlisted, members }: FoundTrace, language: Language): readonly string[] {
  const { members: total, canSee, haveRead, receipts, deleted } = counts
  const say = sayIn(language)
  return [
    '',
    say(
      `成员 ${total} 人(含发送者):可见 ${canSee},已读 ${haveRead},已发回执 ${receipts},为自己删除 ${deleted}`,
      `${total} members with the sender: ${canSee} can see it, ${haveRead} have read it, ${receipts} sent a receipt, ${deleted} deleted it for themselves`,
    ),
    ...(unlisted > 0
      ? [
          say(
            `(仅列出 ${members.length} 人,其余 ${unlisted} 人未列出;用 --members N 多列一些)`,
            `(${members.length} are listed, ${unlisted} are not: --members N lists more)`,
          ),
        ]
      : []),
  ]
}

function memberLines({ members, isPresenceKnown }: FoundTrace, language: Language): readonly string[] {
  const say = sayIn(language)
  return [
    ...members.flatMap((member) => [
      `  ${member.userId}  ${standing(member, language)}`,
      ...member.devices.map(
        ({ device, signedInAtMs, handed }) =>
          `      ${device}  ${say(`登录于 ${time(signedInAtMs)}`, `signed in ${time(signedInAtMs)}`)}  ${HANDED[handed][language]}`,
      ),
      ...(member.devices.length === 0
        ? [`      ${say('没有登录任何设备:下次登录时收到', 'signed in nowhere: it comes with the next login')}`]
        : []),
    ]),
    ...(isPresenceKnown
      ? []
      : [
          '',
          say(
            '现在谁在线无法得知:单机模式下在线状态只在服务进程里,多机时需要能连上 REDIS_URL。',
            'Who is connected now could not be asked: a server that stands alone keeps that in its process; with several, REDIS_URL must answer.',
          ),
        ]),
  ]
}

function standing(member: MemberTrace, language: Language): string {
  const say = sayIn(language)
  const { hiddenBecause, hasRead, readMarkMovedAtMs, hasSentReceipt, wasMemberWhenSent } = member
  const words = [
    hiddenBecause === null ? say('可见', 'can see it') : HIDDEN[hiddenBecause][language],
    ...(wasMemberWhenSent ? [] : [say('发送时尚未加入', 'joined after it was sent')]),
    hasRead
      ? say(
          `已读(已读标记最后移动于 ${time(readMarkMovedAtMs ?? 0)})`,
          `has read it (mark last moved ${time(readMarkMovedAtMs ?? 0)})`,
        )
      : say('未读', 'has not read it'),
    ...(hasSentReceipt ? [say('已发回执', 'sent a receipt')] : []),
  ]
  return words.join(say(',', ', '))
}

const HIDDEN: Readonly<Record<NonNullable<MemberTrace['hiddenBecause']>, Readonly<Record<Language, string>>>> = {
  'not-a-receiver': { zh: '不可见:消息不是发给此人的', en: 'cannot see it: it is not for this member' },
  deleted: { zh: '不可见:本人已删除', en: 'cannot see it: deleted it' },
  'before-joining': { zh: '不可见:加入前的消息', en: 'cannot see it: it is from before joining' },
  cleared: { zh: '不可见:本人清空了聊天记录', en: 'cannot see it: emptied the history' },
}

const HANDED: Readonly<Record<Handed, Readonly<Record<Language, string>>>> = {
  pushed: { zh: '在线:服务器已推送到该连接', en: 'connected: the server has pushed it' },
  soon: { zh: '在线:刚刚发送,几秒内推送', en: 'connected: sent just now, pushed within seconds' },
  waits: { zh: '不在线:下次连接时收到', en: 'not connected: it comes with the next connection' },
  history: { zh: '加入前的消息:翻看历史记录时可见', en: 'from before joining: found by looking back' },
  unknown: { zh: '是否在线未知', en: 'not known whether it is connected' },
  never: { zh: '不会推送', en: 'never pushed' },
}

function deviceNames(devices: readonly DeviceTrace[], language: Language): string {
  if (devices.length === 0) return sayIn(language)('无', 'none')
  return devices.map(({ device, signedInAtMs }) => `${device} (${time(signedInAtMs)})`).join(', ')
}

function sayIn(language: Language): (zh: string, en: string) => string {
  return (zh, en) => (language === 'zh' ? zh : en)
}

/** In the time zone of this machine, with its offset. */
function time(ms: number): string {
  return new Date(ms).toLocaleString('sv-SE', { timeZoneName: 'longOffset' }).replace('GMT', 'UTC')
}
