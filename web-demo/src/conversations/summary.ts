import type { Conversation, Message } from '@hongyan/client-sdk'
import { tipWords } from '../chat/thread/tip-words.ts'
import type { Language } from '../words/language.ts'
import { noticeSentence, readNotice } from '../words/notice.ts'

/** A last message in one line: who said it, where that is not clear, and what. */
export interface Summary {
  readonly sender: string
  readonly text: string
}

/** A list shows one line; texts may have thousands of characters. */
const MAX_CHARS = 120
const GROUP = 'GROUP'

const TAGS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  zh: {
    TIMFaceElem: '[表情]',
    TIMImageElem: '[图片]',
    TIMSoundElem: '[语音]',
    TIMVideoFileElem: '[视频]',
    TIMFileElem: '[文件]',
    TIMLocationElem: '[位置]',
    TIMRelayElem: '[聊天记录]',
    TIMCustomElem: '[消息]',
  },
  en: {
    TIMFaceElem: '[Sticker]',
    TIMImageElem: '[Image]',
    TIMSoundElem: '[Voice]',
    TIMVideoFileElem: '[Video]',
    TIMFileElem: '[File]',
    TIMLocationElem: '[Location]',
    TIMRelayElem: '[Chat record]',
    TIMCustomElem: '[Message]',
  },
}

/** What the list shows of a conversation's last message; empty when there is none. */
export function summaryOf({ type, lastMessage }: Conversation, me: string, language: Language): Summary {
  const { fromAccount, isRevoked, payload, nick, nameCard } = lastMessage
  if (!payload) return { sender: '', text: '' }
  const name = nameCard || nick || fromAccount
  if (isRevoked) return { sender: '', text: revokedWords(lastMessage, name, me, language) }
  const isSaid = type === GROUP && lastMessage.type !== 'TIMGroupTipElem' && fromAccount !== me
  return { sender: isSaid ? name : '', text: contentOf({ type: lastMessage.type, payload }, me, language) }
}

/** What a message says, in one line. */
export function contentOf(
  { type, payload }: Pick<Message, 'type' | 'payload'>,
  me: string,
  language: Language,
): string {
  switch (type) {
    case 'TIMTextElem':
      return oneLine(payload.text ?? '')
    case 'TIMGroupTipElem':
      return oneLine(tipWords(payload, { me, nameOf: (userID) => userID }))
    case 'TIMGroupSystemNoticeElem':
      return noticeSentence(readNotice(payload), language)
    default:
      return `${TAGS[language][type] ?? TAGS[language]['TIMCustomElem']}${detailOf(type, payload)}`
  }
}

function detailOf(type: string, payload: Message['payload']): string {
  const detail =
    type === 'TIMFileElem'
      ? payload['fileName']
      : type === 'TIMRelayElem'
        ? payload['title']
        : type === 'TIMLocationElem' || type === 'TIMCustomElem'
          ? payload.description
          : ''
  return typeof detail === 'string' && detail !== '' ? ` ${oneLine(detail)}` : ''
}

function revokedWords({ revoker }: Conversation['lastMessage'], name: string, me: string, language: Language): string {
  if (revoker === me) return language === 'zh' ? '你撤回了一条消息' : 'You recalled a message'
  return language === 'zh' ? `${name} 撤回了一条消息` : `${name} recalled a message`
}

function oneLine(text: string): string {
  return text.slice(0, MAX_CHARS).replaceAll(/\s+/g, ' ').trim()
}
