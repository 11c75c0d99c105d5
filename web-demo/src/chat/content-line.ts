import type { Message } from '@hongyan/client-sdk'
import type { Language } from '../words/language.ts'
import { noticeSentence, readNotice } from '../words/notice.ts'
import { tipWords } from './thread/tip-words.ts'

/** One line has room for so much; texts may have thousands of characters. */
const MAX_CHARS = 120

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

function oneLine(text: string): string {
  return text.slice(0, MAX_CHARS).replaceAll(/\s+/g, ' ').trim()
}
